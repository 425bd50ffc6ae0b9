"""S44: a safety text nobody has signed never stands without its English; a signed one stands alone."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polib
import pytest
from flask import Flask
from markupsafe import Markup

from portal.web import locale, review, templating, urls

CONTEXT, TEXT = "safety: emergency", "Call %(number)s now."
DRAFTS = {"cy": "Ffoniwch %(number)s nawr.", "ur": "ابھی %(number)s پر کال کریں۔"}
BUILD = Path(__file__).parents[3] / "static" / "build"


def english(words: str) -> str:
    return f'<span lang="en-GB" dir="ltr">{words}</span>'


@contextmanager
def speaking(tag: str, folder: Path, *, signed: str = "") -> Iterator[None]:
    for language, draft in DRAFTS.items():
        catalogue = polib.POFile()
        catalogue.metadata = {"Content-Type": "text/plain; charset=utf-8"}
        catalogue.append(polib.POEntry(msgctxt=CONTEXT, msgid=TEXT, msgstr=draft))
        place = folder / language / "LC_MESSAGES"
        place.mkdir(parents=True)
        catalogue.save_as_mofile(str(place / "messages.mo"))
        entry = {
            "status": review.CLINICAL if signed else review.MACHINE,
            "text": review.fingerprint(signed or draft),
        }
        status = {"entries": {review.key(CONTEXT, TEXT): entry}}
        (folder / language / "status.json").write_text(json.dumps(status), "utf-8")
    app = Flask("safety")
    urls.install(app)
    locale.install(app, str(folder))
    templating.install(app, BUILD)
    with app.test_request_context(f"/{tag}/"):
        yield


def test_english_stands_alone(tmp_path: Path) -> None:
    with speaking("en", tmp_path):
        assert templating.safety(CONTEXT, TEXT, number=999) == "Call 999 now."


def test_english_stands_before_an_urdu_draft(tmp_path: Path) -> None:
    with speaking("ur", tmp_path):
        shown = templating.safety(CONTEXT, TEXT, number=999)
    assert shown == english("Call 999 now.") + "<br>ابھی 999 پر کال کریں۔"


def test_welsh_stands_first(tmp_path: Path) -> None:
    with speaking("cy", tmp_path):
        shown = templating.safety(CONTEXT, TEXT, number=999)
    assert shown == "Ffoniwch 999 nawr.<br>" + english("Call 999 now.")


def test_links_and_buttons_show_the_draft_then_english(tmp_path: Path) -> None:
    with speaking("ur", tmp_path):
        shown = templating.safety_inline(CONTEXT, TEXT, number=999)
    assert shown == "ابھی 999 پر کال کریں۔ " + english("(Call 999 now.)")


def test_a_text_without_translation_says_that_it_is_english(tmp_path: Path) -> None:
    with speaking("ur", tmp_path):
        assert templating.safety(CONTEXT, "Not in the catalogue.") == english("Not in the catalogue.")


def test_a_signed_translation_stands_alone(tmp_path: Path) -> None:
    with speaking("ur", tmp_path, signed=DRAFTS["ur"]):
        assert templating.safety(CONTEXT, TEXT, number=999) == "ابھی 999 پر کال کریں۔"


def test_a_translation_changed_after_it_was_signed_is_a_draft_again(tmp_path: Path) -> None:
    with speaking("ur", tmp_path, signed="something else"):
        assert "Call 999 now." in templating.safety(CONTEXT, TEXT, number=999)


def test_values_are_escaped_and_markup_passes(tmp_path: Path) -> None:
    with speaking("en", tmp_path):
        assert templating.safety(CONTEXT, TEXT, number="<b>") == "Call &lt;b&gt; now."
        assert templating.safety(CONTEXT, TEXT, number=Markup("<b>1</b>")) == "Call <b>1</b> now."


def test_a_context_that_is_not_safety_is_refused(tmp_path: Path) -> None:
    with speaking("en", tmp_path), pytest.raises(ValueError, match="safety"):
        templating.safety("button", "Continue")
