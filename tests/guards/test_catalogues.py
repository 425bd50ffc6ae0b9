"""The catalogues pass their gates, and each gate sees what it is for."""

import gettext
import json
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from portal.cli import catalogue_gates as gates
from portal.cli import catalogues
from portal.languages import LANGUAGES, PSEUDO, URDU, WELSH, Language
from portal.web import review

Change = Callable[[Catalog], None]


def a_template() -> Catalog:
    template = Catalog(project="Porth")
    template.add("Call %(number)s now", locations=[("a.html", 1)])
    template.add("Yes", context="answer")
    template.add("No", context="answer")
    template.add("Sign out", context="button")
    template.add(("%(num)d day", "%(num)d days"))
    return template


TRANSLATIONS: dict[str, str | tuple[str, ...]] = {
    "Call %(number)s now": "ابھی %(number)s پر کال کریں",
    "Yes": "جی ہاں",
    "No": "نہیں",
    "Sign out": "سائن آؤٹ کریں",
    "%(num)d day": ("ایک دن", "%(num)d دن"),
}


def a_catalogue(template: Catalog, language: Language = URDU) -> Catalog:
    catalogue = catalogues.with_own_plurals(Catalog(locale=language.tag, project="Porth"), language)
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.fuzzy = False
    for message in catalogues.entries(catalogue):
        message.string = TRANSLATIONS[catalogues.english(message)]
    return catalogue


def found_in(catalogue: Catalog, template: Catalog) -> list[str]:
    words = gates.whole_texts(catalogue)
    found: list[Iterable[str]] = [gates.same_texts(template, catalogue), gates.complete(catalogue)]
    found += [gates.of_message(message, URDU) for message in catalogues.entries(catalogue)]
    found += [gates.must_differ(words), gates.glossary_used(words, gates.read_glossary(), "ur")]
    return [problem for gate in found for problem in gate]


def say(text: str, words: str | tuple[str, ...], context: str | None = None) -> Change:
    def change(catalogue: Catalog) -> None:
        message = catalogue.get(text, context)
        assert message is not None
        message.string = words

    return change


def doubt(catalogue: Catalog) -> None:
    message = catalogue.get("Yes", "answer")
    assert message is not None
    message.flags.add("fuzzy")


def test_a_sound_catalogue_passes() -> None:
    template = a_template()
    assert not found_in(a_catalogue(template), template)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (say("Yes", "", "answer"), "not translated"),
        (doubt, "fuzzy"),
        (say("Call %(number)s now", "ابھی کال کریں"), "values differ"),
        (say("Call %(number)s now", "ابھی %(nmuber)s پر کال کریں"), "values differ"),
        (say("Call %(number)s now", "ابھی 99 %(number)s پر کال کریں"), "numbers"),
        (say("Call %(number)s now", "100% %(number)s"), "lone %"),
        (say("Call %(number)s now", "<b>%(number)s</b> کال"), "tags"),
        (say("Call %(number)s now", " %(number)s کال"), "spaces"),
        (say("Call %(number)s now", "%(number)s \u200b کال"), "no reader needs"),
        (say("Sign out", "Sign out", "button"), "unchanged"),
        (say("%(num)d day", ("%(num)d دن",)), "forms"),
        (say("%(num)d day", ("ایک دن", "دن %(name)s")), "values differ"),
        (say("No", "جی ہاں", "answer"), "are both"),
        (say("Yes", "جناب", "answer"), "glossary"),
        (lambda catalogue: catalogue.delete("Yes", "answer"), "is missing"),
        (lambda catalogue: catalogue.add("Gone", "گیا") and None, "no longer in the code"),
    ],
)
def test_each_gate_sees_what_it_is_for(change: Change, told: str) -> None:
    template = a_template()
    catalogue = a_catalogue(template)
    change(catalogue)
    assert [problem for problem in found_in(catalogue, template) if told in problem]


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.tag)
def test_every_language_has_the_plural_forms_of_its_rule(language: Language) -> None:
    """The rule, run by gettext itself, reaches each form and no other."""
    catalogue = catalogues.with_own_plurals(Catalog(), language)
    rule = gettext.c2py(catalogue.plural_expr)
    assert {rule(number) for number in range(200)} == set(range(catalogue.num_plurals))


def test_welsh_has_its_six_forms_not_babels() -> None:
    """Mutation after 2, 3 and 6 (CLDR): Babel's own header for cy is wrong."""
    catalogue = catalogues.with_own_plurals(Catalog(locale="cy"), WELSH)
    rule = gettext.c2py(catalogue.plural_expr)
    assert [rule(number) for number in (0, 1, 2, 3, 6, 4, 11)] == [0, 1, 2, 3, 4, 5, 5]


def test_a_header_that_is_not_ours_is_seen() -> None:
    template = a_template()
    ours = catalogues.written(a_catalogue(template)).decode()
    assert not list(gates.header(ours, URDU))
    assert list(gates.header(ours.replace("n != 1", "n > 1"), URDU))
    assert list(gates.header(ours, WELSH))


def test_writing_and_reading_changes_nothing() -> None:
    content = catalogues.written(a_catalogue(a_template()))
    again = catalogues.with_own_plurals(read_po(BytesIO(content), locale="ur"), URDU)
    assert catalogues.written(again) == content


def test_a_changed_translation_falls_back_to_machine(tmp_path: Path) -> None:
    path, catalogue = tmp_path / "status.json", a_catalogue(a_template())
    path.write_bytes(catalogues.status(catalogue, path))
    kept = json.loads(path.read_text("utf-8"))
    assert len(kept["entries"]) == len(catalogues.entries(catalogue))
    yes = review.key("answer", "Yes")
    kept["entries"][yes]["status"] = review.REVIEWED
    path.write_text(json.dumps(kept), "utf-8")
    assert json.loads(catalogues.status(catalogue, path))["entries"][yes]["status"] == review.REVIEWED
    say("Yes", "ہاں", "answer")(catalogue)
    assert json.loads(catalogues.status(catalogue, path))["entries"][yes]["status"] == review.MACHINE


@pytest.mark.parametrize(
    "more",
    [{"status": "reviewed"}, {"status": "clinical"}, {"reviewer": "Somebody"}, {"text": "0" * 12}],
)
def test_a_status_file_that_claims_more_than_is_true_is_seen(tmp_path: Path, more: dict[str, str]) -> None:
    """S44 and S45: all is machine, and no reviewer is named."""
    path, catalogue = tmp_path / "status.json", a_catalogue(a_template())
    path.write_bytes(catalogues.status(catalogue, path))
    assert not list(gates.status_file(catalogue, path))
    kept = json.loads(path.read_text("utf-8"))
    kept["entries"][review.key("answer", "Yes")] |= more
    path.write_text(json.dumps(kept), "utf-8")
    assert list(gates.status_file(catalogue, path))


def test_a_new_language_starts_empty_with_its_own_header(tmp_path: Path) -> None:
    catalogues.update([WELSH], tmp_path)
    path = catalogues.catalogue_path("cy", tmp_path)
    assert not list(gates.header(path.read_text("utf-8"), WELSH))
    catalogue = catalogues.read(path, WELSH)
    assert not list(gates.same_texts(catalogues.extracted(), catalogue))
    assert {len(catalogues.forms(message)) for message in catalogues.entries(catalogue)} == {1, 6}
    assert not any(any(catalogues.forms(message)) for message in catalogues.entries(catalogue))


def test_the_made_up_language_keeps_values_and_brackets_words() -> None:
    assert catalogues.pseudo_text("Call %(phone)s now") == "⟦Ĉâll ··⟧%(phone)s⟦ nôŵ··⟧"
    assert catalogues.pseudo_text("100%% of %(num)d").count("⟦") == 2
    assert PSEUDO.tag not in {language.tag for language in catalogues.TRANSLATED}


def test_the_catalogues_pass_all_gates() -> None:
    """Those of the repository: `make check` says the same."""
    found = gates.problems()
    assert not found, "\n".join(found[:50])
