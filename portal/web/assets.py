"""The built stylesheets and script as pages and the content security policy need them; must build nothing.

On a browser's first visit both stand in the page, later they are files: docs/adr/0011.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from markupsafe import Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One built file. `text` is its content; `sha256` that content's hash, in base64, as CSP writes it."""

    name: str
    url: str
    text: str
    sha256: str

    @property
    def source(self) -> str:
        """The CSP source that allows this text inline."""
        return f"'sha256-{self.sha256}'"


@dataclass(frozen=True, kw_only=True)
class PageAssets:
    """The `assets` of one response's templates."""

    inline: bool
    stylesheet: Asset
    script: Asset

    def head(self) -> Markup:
        return self._head

    def foot(self) -> Markup:
        return self._foot

    @cached_property
    def _head(self) -> Markup:
        """For the end of `head`. The texts are our own build's: they hold no `</style` and no `</script`."""
        if self.inline:
            return Markup(f"<style>{self.stylesheet.text}</style>")  # noqa: S704 - built from static/src
        return Markup('<link rel="stylesheet" href="{}"><script src="{}" defer></script>').format(
            self.stylesheet.url, self.script.url
        )

    @cached_property
    def _foot(self) -> Markup:
        """For the end of `body`."""
        return Markup(f"<script>{self.script.text}</script>") if self.inline else Markup()  # noqa: S704

    @cached_property
    def style_source(self) -> str:
        """What `style-src` of this response must allow, and no more."""
        return self.stylesheet.source if self.inline else "'self'"

    @cached_property
    def script_source(self) -> str:
        """What `script-src` of this response must allow, and no more."""
        return self.script.source if self.inline else "'self'"


@dataclass(frozen=True, kw_only=True)
class Assets:
    """All built files. `version` changes with any of them; it is what the cookie `css` holds."""

    ltr: Asset
    rtl: Asset
    script: Asset

    @cached_property
    def version(self) -> str:
        files = (self.ltr, self.rtl, self.script)
        return "-".join(file.sha256[:5].translate(_COOKIE_SAFE) for file in files)

    def for_page(self, direction: str, *, inline: bool) -> PageAssets:
        """The assets of a page written `ltr` or `rtl`."""
        return self._pages[direction == "rtl", inline]

    @cached_property
    def _pages(self) -> dict[tuple[bool, bool], PageAssets]:
        return {
            (mirrored, inline): PageAssets(
                inline=inline, stylesheet=self.rtl if mirrored else self.ltr, script=self.script
            )
            for mirrored in (False, True)
            for inline in (False, True)
        }


_COOKIE_SAFE = str.maketrans("+/=", "-_.")


def load(folder: Path, *, url: str = "/static/build/") -> Assets:
    """Read static/build once, at start. Raises FileNotFoundError when `make build` has not been run."""
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
    except FileNotFoundError as missing:
        raise FileNotFoundError(f"{folder} holds no built stylesheet: run `make build` first") from missing

    def asset(key: str) -> Asset:
        name = manifest[key]["file"]
        text = (folder / name).read_text("utf-8")
        return Asset(name=name, url=url + name, text=text, sha256=manifest[key]["sha256"])

    return Assets(ltr=asset("ltr"), rtl=asset("rtl"), script=asset("script"))
