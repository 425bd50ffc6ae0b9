"""`python -m portal.cli.dictionaries`: what a language's pages have alike, for browsers. Holds no person.

Runs after the stylesheet is built and the words are compiled. It draws a page of its own, without a
database: there is nothing of anybody to find. See docs/adr/0051-compression-dictionaries.md.
"""

import json
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

import brotli
from flask import render_template, url_for

from portal.cli import build
from portal.languages import OFFERED
from portal.web.dictionaries import MANIFEST, file_name
from portal.web.headers import CSS_COOKIE
from portal.web.templating import all_assets

if TYPE_CHECKING:
    from flask import Flask

WORDS: Final = build.ROOT / "translations"
# Questions on the way to an appointment whose answers are the same for everybody.
FORMS: Final = ("NeedsForm", "WhenForm", "ReasonForm")


def main() -> int:
    """Build when something changed. Answers the exit code of the command."""
    inputs = build.digest([*build.own_files(), *sorted(WORDS.rglob("*.mo"))])
    if _is_current(inputs):
        return 0
    files = {}
    for tag, content in made().items():
        name = files[tag] = file_name(tag, content)
        compressed = brotli.compress(content, mode=brotli.MODE_TEXT, quality=11)
        build.write(build.BUILT / name, content)
        build.write(build.BUILT / f"{name}.br", compressed)
        print(f"{name}: {len(content):,} bytes, {len(compressed):,} compressed")
    build.write(build.BUILT / MANIFEST, json.dumps({"inputs": inputs, "files": files}, indent=1).encode())
    for path in build.BUILT.glob("*.dict*"):
        if path.name.removesuffix(".br") not in files.values():
            path.unlink()
    return 0


def _is_current(inputs: str) -> bool:
    try:
        manifest = json.loads((build.BUILT / MANIFEST).read_text("utf-8"))
        return manifest["inputs"] == inputs and all(
            (build.BUILT / file).is_file() for file in manifest["files"].values()
        )
    except (OSError, ValueError, KeyError):
        return False


def made() -> dict[str, bytes]:
    """The dictionary of each language."""
    from portal.config import Settings

    def none(request_id: str) -> Any:
        raise LookupError("a dictionary is made without anybody's data")

    settings = Settings(secret_key="0123456789" * 4, log_key="9876543210" * 4, demo=True)
    app = import_module("portal.bootstrap").create_app(settings, none)
    return {language.tag: content(app, language.tag) for language in OFFERED}


def content(app: "Flask", tag: str) -> bytes:
    """One language's: a page and a form as somebody signed in gets them, but with nothing of anybody."""
    forms = import_module("portal.appointments.forms")
    with app.app_context():
        files = f"{CSS_COOKIE}={all_assets().version}"  # of a browser that has the files
    with app.test_request_context(f"/{tag}/", headers={"Cookie": files}):
        given: dict[str, Any] = {"signed_in": True, "home_url": url_for("identity.landing"), "person": ""}
        fields = [field for name in FORMS for field in getattr(forms, name)(formdata=None)]
        page = render_template("layouts/page.html", **given, back_href="/")
        form = render_template("dictionary.html", **given, back_href="/", keeps_answers=True, fields=fields)
    return (page + form).encode()


if __name__ == "__main__":
    sys.exit(main())
