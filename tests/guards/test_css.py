"""The built stylesheet and script: light, self-contained, named in the policy, with all that pages use."""

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import brotli
import pytest

from portal.cli import build
from portal.web import assets

STYLESHEET_BUDGET = 5_200  # bytes, brotli 11
SCRIPT_BUDGET = 600
# Classes official macros write that GOV.UK Frontend itself has no rule for.
UNSTYLED = re.compile(r"govuk-(label--s|fieldset__legend--s|table__(head|body|row)|summary-card)$")


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    assert build.main() == 0
    result: dict[str, Any] = json.loads((build.BUILT / "manifest.json").read_text("utf-8"))
    return result


FORBIDDEN_SCRIPT = r"innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function\(|fetch\(|https?:|</"
SIDES = r"\b(?:margin|padding|border)-(?:left|right)\b|\b(?:left|right)\s*:|:\s*(?:left|right)\s*;"


@pytest.fixture(scope="module", params=["ltr", "rtl"])
def stylesheet(request: pytest.FixtureRequest, manifest: dict[str, Any]) -> Path:
    return Path(build.BUILT / manifest[request.param]["file"])


def compressed(path: Path) -> int:
    return len(brotli.compress(path.read_bytes(), quality=11))


def test_the_stylesheet_is_light(stylesheet: Path) -> None:
    assert compressed(stylesheet) <= STYLESHEET_BUDGET


def test_the_script_is_light(manifest: dict[str, Any]) -> None:
    assert compressed(build.BUILT / manifest["script"]["file"]) <= SCRIPT_BUDGET


def test_the_stylesheet_fetches_nothing(stylesheet: Path) -> None:
    found = re.search(r"url\(|@import|@font-face|https?:|</", stylesheet.read_text("utf-8"))
    assert found is None, found


def test_the_script_writes_no_html_and_fetches_nothing(manifest: dict[str, Any]) -> None:
    text = (build.BUILT / manifest["script"]["file"]).read_text("utf-8")
    found = re.search(FORBIDDEN_SCRIPT, text)
    assert found is None, found


def test_each_name_and_hash_is_that_of_the_content(manifest: dict[str, Any]) -> None:
    for key in ("ltr", "rtl", "script"):
        path = build.BUILT / manifest[key]["file"]
        sha256 = hashlib.sha256(path.read_bytes())
        assert manifest[key]["sha256"] == base64.b64encode(sha256.digest()).decode()
        assert sha256.hexdigest()[:10] in path.name
        assert brotli.decompress(path.with_name(path.name + ".br").read_bytes()) == path.read_bytes()


def test_the_policy_allows_exactly_the_text_that_stands_in_the_page(manifest: dict[str, Any]) -> None:
    page = assets.load(build.BUILT).for_page("rtl", inline=True)
    for html, tag, source in (
        (page.head(), "style", page.style_source),
        (page.foot(), "script", page.script_source),
    ):
        text = html.removeprefix(f"<{tag}>").removesuffix(f"</{tag}>")
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert source == f"'sha256-{digest}'"


def test_later_pages_name_the_files_of_their_direction(manifest: dict[str, Any]) -> None:
    loaded = assets.load(build.BUILT)
    for direction in ("ltr", "rtl"):
        page = loaded.for_page(direction, inline=False)
        assert f'href="/static/build/{manifest[direction]["file"]}"' in page.head()
        assert f'src="/static/build/{manifest["script"]["file"]}"' in page.head()
        assert page.foot() == ""
        assert page.style_source == page.script_source == "'self'"


def test_the_cookie_value_is_short_and_needs_no_quotes(manifest: dict[str, Any]) -> None:
    assert re.fullmatch(r"[\w.-]{17}", assets.load(build.BUILT).version)


def test_a_second_build_does_nothing(manifest: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        build, "digest", lambda paths: manifest["inputs"]
    )  # somebody may be editing meanwhile
    before = {path: path.stat().st_mtime_ns for path in build.BUILT.iterdir()}
    assert build.main() == 0
    assert {path: path.stat().st_mtime_ns for path in build.BUILT.iterdir()} == before


def test_without_a_build_the_message_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make build"):
        assets.load(tmp_path)


def test_our_own_rules_know_no_left_and_right() -> None:
    text = re.sub(r"//.*", "", (build.SOURCE / "own.scss").read_text("utf-8"))
    found = re.findall(SIDES, text)
    assert not found


def test_every_class_of_a_template_has_a_rule(stylesheet: Path) -> None:
    css = stylesheet.read_text("utf-8")
    known = set(re.findall(r"\.([A-Za-z][\w-]*)", css))
    used = set(re.findall(r"(?<![\w-])(?:govuk|app)-[a-z][\w-]*[a-z0-9]", markup_classes()))
    assert not {name for name in used - known if not UNSTYLED.search(name)}


def markup_classes() -> str:
    """What stands in `class="…"` and in the `classes` of component calls."""
    text = "\n".join(path.read_text("utf-8") for path in build.own_files() if path.suffix == ".html")
    return " ".join(re.findall(r"""\b(?:class|classes)["']?\s*[=:]\s*["']([^"']*)["']""", text))


def test_no_template_styles_or_scripts_an_element_itself() -> None:
    for path in (build.ROOT / "templates").rglob("*.html"):
        found = re.search(r"<[^>{]*\s(style|on[a-z]+)=", path.read_text("utf-8"))
        assert found is None, (path, found)


def test_parts_nobody_calls_are_left_out_and_called_ones_stay() -> None:
    assert "disabled" in build.absent_from('component("button", text=x)')
    assert "disabled" not in build.absent_from('component("button", text=x, disabled=true)')
    assert "govuk-error-summary__title" in build.words_of('component("error-summary")')
    assert "govuk-error-summary__title" not in build.words_of('component("tag")')


def test_corrections_for_right_to_left_are_there(manifest: dict[str, Any]) -> None:
    """What the mirror gets wrong (research: three defects of rtlcss), where the page uses it."""
    css = (build.BUILT / manifest["rtl"]["file"]).read_text("utf-8")
    for selector, correction in (
        (".govuk-checkboxes__label:after", "rotate(-45deg)"),
        (".govuk-details__summary:before", "clip-path:polygon(100% 0"),
        (".govuk-pagination__icon", "scaleX(-1)"),
        ("input[dir=ltr]", "text-align:right"),
    ):
        rules = [rule for rule in css.split("}") if selector in rule.split("{")[0]]
        assert not rules or correction in rules[-1] or any(correction in rule for rule in rules), selector
