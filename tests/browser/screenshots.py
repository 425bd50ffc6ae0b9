"""Pictures of every state, to be looked at: `make screenshots` puts them into .cache/screenshots.

With `--readme` it makes the one picture that is kept: docs/images/booking.png.
"""

import sys
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import FloatRect, Page, sync_playwright

from portal.languages import OFFERED
from tests.browser.chromium import chromium_path
from tests.browser.registry import STATES, by_name
from tests.browser.running import ROOT, running, seeded
from tests.browser.walker import SIZES, Walker

FOLDER: Final = ROOT / ".cache" / "screenshots"
README_PICTURE: Final = ROOT / "docs" / "images" / "booking.png"
README_STATE: Final = "appointments.book.when-plain"
README_HEIGHT: Final = 1000


@contextmanager
def _walking(*, scripts: bool = True) -> Iterator[Walker]:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path())
        shared = Path(folder)
        served = shared / "served"
        served.mkdir()
        with running(served, seeded(shared)) as portal, Walker(portal, browser, scripts=scripts) as walker:
            yield walker
        browser.close()


def take_all(wanted: Callable[[str], bool] = lambda name: True) -> int:
    """Every state whose name is wanted, in each language and width; how many pictures."""
    count = 0
    with _walking() as walker:
        for state in STATES:
            if not wanted(state.name):
                continue
            for language in OFFERED:
                state.walk(walker, language.tag)
                for width in SIZES:
                    walker.size(width)
                    path = FOLDER / language.tag / str(width) / f"{state.name}.png"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    walker.page.screenshot(path=path, full_page=True)
                    count += 1
    return count


def take_readme_picture() -> None:
    """One question of booking in English and in Urdu, side by side."""
    pictures = []
    clip: FloatRect = {"x": 0, "y": 0, "width": 320, "height": README_HEIGHT}
    with _walking() as walker:
        for tag in ("en", "ur"):
            by_name()[README_STATE].walk(walker, tag)
            pictures.append(walker.page.screenshot(clip=clip, full_page=True))
        README_PICTURE.parent.mkdir(parents=True, exist_ok=True)
        _side_by_side(walker.page, pictures)


def _side_by_side(page: Page, pictures: list[bytes]) -> None:
    sources = "".join(
        f'<img src="data:image/png;base64,{b64encode(each).decode()}" width="320">' for each in pictures
    )
    page.goto("about:blank")
    page.set_viewport_size({"width": 680, "height": README_HEIGHT + 20})
    page.set_content(
        f'<body style="margin:8px;background:#fff;display:flex;align-items:flex-start;gap:16px">{sources}'
    )
    page.screenshot(path=README_PICTURE)


def main(arguments: list[str]) -> int:
    """Take them. Words are pieces of names of states; none means all."""
    words = [each for each in arguments if not each.startswith("--")]
    if "--readme" in arguments:
        take_readme_picture()
        print(f"Written: {README_PICTURE.relative_to(ROOT)}")
        return 0
    count = take_all(lambda name: not words or any(word in name for word in words))
    print(f"{count} pictures in {FOLDER.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
