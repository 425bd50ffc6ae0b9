"""`flask fhir import` over the real store: nothing lost or doubled, each fault by its line."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.adapters.sql.engine import Database
from portal.adapters.sql.tables_portal import account, patient_relation, staff_relation
from portal.cli import fhir_import
from portal.cli.fhir_import import import_files
from portal.errors import CannotSave
from portal.ports.clinical import Judgement
from portal.synthetic import world
from tests.contract.import_bench import Bench, Resource, ann, bundle, dumped, ndjson, seen, whys


@pytest.fixture
def bench(clinical: Database, tmp_path: Path) -> Bench:
    folder = tmp_path / "in"
    folder.mkdir()
    return Bench(clinical, folder)


SHAPES: dict[str, Callable[[Resource, Resource], str]] = {
    "bundle.json": lambda first, second: bundle(first, second),
    "bundle.json.gz": lambda first, second: bundle(first, second, kind="searchset"),
    "many.ndjson": lambda first, second: ndjson(first, second),
    "many.ndjson.gz": lambda first, second: ndjson(first, second),
    "bundles.ndjson": lambda first, second: bundle(first, second, kind="transaction") + "\n",
    "marked.ndjson": lambda first, second: "\ufeff" + ndjson(first, second),
    "marked.json": lambda first, second: "\ufeff" + bundle(first, second),
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_of_file_is_read_in_any_order_and_a_second_time_changes_nothing(
    bench: Bench, name: str
) -> None:
    bench.file(name, SHAPES[name](seen("o1", valueInteger=3), ann()))
    first = bench.take()
    assert first.clean, whys(first)
    assert first.kept == {("Patient", Judgement.NEW): 1, ("Observation", Judgement.NEW): 1}
    before = bench.kept()
    again = bench.take()
    assert again.clean
    assert again.kept == {("Patient", Judgement.SAME): 1, ("Observation", Judgement.SAME): 1}
    assert bench.kept() == before


def test_a_single_resource_file_and_a_changed_one(bench: Bench) -> None:
    bench.file("ann.json", dumped(ann()))
    assert bench.take().kept == {("Patient", Judgement.NEW): 1}
    bench.file("ann.json", dumped(ann(active=True)))
    assert bench.take().kept == {("Patient", Judgement.CHANGED): 1}
    assert bench.kept() == [ann(active=True)]


def test_names_of_a_bundle_may_come_in_any_order(bench: Bench) -> None:
    bench.file(
        "odd.json", dumped({"entry": [{"resource": ann()}], "type": "collection", "resourceType": "Bundle"})
    )
    assert bench.take().clean
    assert bench.ids() == {"Patient/ann"}


def test_folders_are_walked_and_files_that_lean_on_others_wait(bench: Bench) -> None:
    bench.file("a/Observation.ndjson", ndjson(seen("o1")))
    bench.file("b/deep/Patient.ndjson.gz", ndjson(ann()))
    bench.file("notes.txt", "not for import")
    report = bench.take()
    assert report.clean
    assert report.files == 2
    assert bench.ids() == {"Patient/ann", "Observation/o1"}


def test_the_made_up_world_comes_in_backwards_and_goes_out_the_same(bench: Bench) -> None:
    resources = list(world.resources(1, 24, date(2026, 3, 29)))
    wanted = [each for each in resources if each["resourceType"] != "Slot"]
    slots = {f"Slot/{each['id']}": each for each in resources if each["resourceType"] == "Slot"}
    used = [slots[place["reference"]] for each in wanted for place in each.get("slot", ())]  # type: ignore[attr-defined]
    wanted += list({str(each["id"]): each for each in used}.values())
    bench.file("world.json", bundle(*reversed(wanted)))
    report = bench.take()
    assert report.clean, whys(report)

    def by_key(found: Iterable[Resource]) -> dict[str, Resource]:
        return {f"{each['resourceType']}/{each['id']}": each for each in found}

    assert by_key(bench.kept()) == by_key(wanted)


def test_a_broken_line_costs_that_line_and_is_named(bench: Bench) -> None:
    bench.file(
        "some.ndjson", ndjson(ann()) + '{"resourceType": "Patient", "id"\n\n' + ndjson(seen("o1")) + "[1]\n"
    )
    report = bench.take()
    assert not report.clean
    assert bench.ids() == {"Patient/ann", "Observation/o1"}
    places = [(each.place, each.why.split(" (")[0]) for each in report.problems]
    assert places == [("line 2", "it is not JSON"), ("line 5", "it is not a JSON object")]


@pytest.mark.parametrize(
    "cut",
    [lambda text: text[:-1], lambda text: text[: len(text) // 2], lambda text: text + "]"],
    ids=["without its end", "half", "with too much"],
)
def test_a_bundle_that_is_not_whole_is_refused_whole_and_other_files_are_kept(
    bench: Bench, cut: Callable[[str], str]
) -> None:
    bench.file("ann.json", dumped(ann()))
    bench.file("cut.json", cut(bundle(*(seen(f"o{number}") for number in range(40)))))
    report = bench.take()
    assert bench.ids() == {"Patient/ann"}
    (problem,) = report.problems
    assert (Path(problem.file).name, problem.place) == ("cut.json", "")
    assert "not whole JSON" in problem.why


@pytest.mark.parametrize("name", ["cut.ndjson.gz", "cut.json.gz"])
def test_a_compressed_file_that_is_cut_off_is_reported(bench: Bench, name: str) -> None:
    resources = [seen(f"o{number}", note=[{"text": str(hash(number * 7919))}]) for number in range(3_000)]
    made = ndjson(ann(), *resources) if "ndjson" in name else bundle(ann(), *resources)
    path = bench.file(name, made)
    path.write_bytes(path.read_bytes()[:-4_000])
    report = bench.take()
    assert not report.clean
    assert ("Patient/ann" in bench.ids()) is ("ndjson" in name)


def test_what_is_no_gzip_at_all_is_reported(bench: Bench) -> None:
    (bench.folder / "plain.ndjson.gz").write_text(ndjson(ann()))
    (bench.folder / "plain.json.gz").write_text(bundle(ann()))
    assert bench.take().problem_count == 2


@pytest.mark.parametrize(
    ("resource", "why"),
    [
        ({"resourceType": "Patient"}, "Patient has no id"),
        ({"resourceType": "Patient", "id": "a b"}, "Patient has an id that FHIR does not allow"),
        ({"resourceType": "Patient", "id": 7}, "Patient has an id that FHIR does not allow"),
        ({"resourceType": "Pony", "id": "p"}, "its resourceType is not one of FHIR R4"),
        ({"resourceType": ["Patient"], "id": "p"}, "it has no resourceType"),
        ({"id": "p"}, "it has no resourceType"),
        ("Patient", "it is not a JSON object"),
        (ann(note="\0"), "it holds characters that are no text"),
        (ann(birthDate="yesterday"), "Patient/ann: Patient.birthDate cannot be used"),
        (
            {"resourceType": "Slot", "id": "s", "status": "perhaps", "schedule": {"reference": "Schedule/x"},
             "start": "2026-06-01T09:00:00Z", "end": "2026-06-01T09:10:00Z"},
            "Slot/s: Slot.status cannot be used",
        ),
        (
            {"resourceType": "Appointment", "id": "a", "status": 3},
            "Appointment/a: Appointment.status cannot be used",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["bad.ndjson", "bad.json"])
def test_what_cannot_be_used_is_named_with_its_place_and_the_rest_is_kept(
    bench: Bench, resource: object, why: str, name: str
) -> None:
    good = {"resourceType": "Organization", "id": "o", "name": "Practice"}
    both = (good, resource)
    bench.file(name, ndjson(*both) if name.endswith("ndjson") else bundle(*both))
    report = bench.take()
    place = "line 2" if name.endswith("ndjson") else "entry 2"
    assert f"{name}|{place}|{why}" in whys(report)
    assert bench.ids() == {"Organization/o"}


def test_half_a_surrogate_pair_and_endless_nesting_are_refused(bench: Bench) -> None:
    half = '{"resourceType": "Patient", "id": "half", "name": [{"text": "\\ud800"}]}\n'
    deep = '{"resourceType": "Patient", "id": "deep", "x": ' + "[" * 500 + "]" * 500 + "}\n"
    deeper = '{"resourceType": "Patient", "id": "deeper", "x": ' + "[" * 90_000 + "]" * 90_000 + "}\n"
    bench.file("bad.ndjson", half + deep + deeper + ndjson(ann()))
    report = bench.take()
    assert [each.why for each in report.problems] == [
        "it holds characters that are no text", "it is nested too deep", "it is nested too deep",
    ]  # fmt: skip
    assert bench.ids() == {"Patient/ann"}


def test_bytes_that_are_no_text_cost_their_line(bench: Bench) -> None:
    bench.file("bad.ndjson", b'{"resourceType": "Patient", "id": "\xff"}\n' + ndjson(ann()).encode())
    assert [each.why for each in bench.take().problems] == ["it is not UTF-8"]
    assert bench.ids() == {"Patient/ann"}


def test_a_line_beyond_all_measure_is_passed_over(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.cli.fhir_files.LONGEST", 200)
    bench.file("long.ndjson", ndjson(ann(id="big", note="x" * 1_000), ann()))
    assert whys(bench.take()) == ["long.ndjson|line 1|the line is too long"]
    assert bench.ids() == {"Patient/ann"}


def test_an_id_that_stands_twice_with_other_content_keeps_the_first(bench: Bench) -> None:
    bench.file("a.ndjson", ndjson(ann(), ann(), ann(active=False)))
    bench.file("b.ndjson", ndjson(ann(active=True)))
    report = bench.take()
    assert [problem.split("|")[:2] for problem in whys(report)] == [
        ["a.ndjson", "line 3"],
        ["b.ndjson", "line 1"],
    ]
    assert all("stands with other content at line 1 of" in each.why for each in report.problems)
    assert bench.kept() == [ann()]


def test_references_are_judged_when_everything_is_in(bench: Bench) -> None:
    bench.file("a.ndjson", ndjson(seen("o1"), seen("o2", performer=[{"reference": "Practitioner/nobody"}])))
    bench.file("b.ndjson", ndjson(ann(managingOrganization={"reference": "Organization?identifier=1"})))
    report = bench.take()
    assert whys(report) == [
        "a.ndjson|line 2|it refers to Practitioner/nobody, which is nowhere",
        "b.ndjson|line 1|it refers to Organization?identifier=1, which is nowhere",
    ]
    assert bench.ids() == {"Patient/ann", "Observation/o1", "Observation/o2"}


def test_a_reference_may_be_to_something_kept_long_before(bench: Bench) -> None:
    bench.take(bench.file("a.ndjson", ndjson(ann())))
    assert bench.take(bench.file("b.ndjson", ndjson(seen("o1")))).clean


def test_a_reference_to_what_was_refused_dangles(bench: Bench) -> None:
    bench.file("a.ndjson", ndjson(ann(birthDate="never"), seen("o1")))
    assert [each.why.split(",")[0] for each in bench.take().problems] == [
        "Patient/ann: Patient.birthDate cannot be used", "it refers to Patient/ann",
    ]  # fmt: skip


def test_contained_and_foreign_references_are_nobodys_fault_and_urns_resolve(bench: Bench) -> None:
    number = "6f0c6a5e-3c6b-5d0e-9a52-0d9f3f0f7a11"
    someone = {"resourceType": "Patient", "id": number}
    value = seen("o1", subject={"reference": f"urn:uuid:{number}"}, device={"reference": "#d"})
    value["performer"] = [{"reference": "https://other.example/fhir/Practitioner/1"}]
    bench.file("a.json", bundle(someone, value, kind="transaction"))
    report = bench.take()
    assert report.clean, whys(report)


def test_answers_and_deletions_in_a_bundle_are_no_fault(bench: Bench) -> None:
    entries = [
        {"response": {"status": "201"}},
        {"request": {"method": "DELETE", "url": "Patient/x"}},
        {"fullUrl": "y"},
    ]
    bench.file("a.json", dumped({"resourceType": "Bundle", "type": "history", "entry": entries}))
    assert whys(bench.take()) == ["a.json|entry 3|it has no resource"]


def test_a_bundle_whose_entry_is_no_list_is_refused(bench: Bench) -> None:
    bench.file("a.json", dumped({"resourceType": "Bundle", "entry": {"resource": ann()}}))
    assert whys(bench.take()) == ["a.json||Bundle.entry is not a list"]


def test_no_report_repeats_what_a_record_says(bench: Bench) -> None:
    secret = "Xanthippe Unmistakable"
    bench.file(
        "a.ndjson",
        ndjson(ann(name=[{"text": secret}], birthDate=secret)) + '{"name": "' + secret + '", nonsense\n',
    )
    bench.file("b.json", '{"resourceType": "Bundle", "entry": [{"resource": {"x": "' + secret + '" oops}}]}')
    bench.file("c.json", '{"resourceType": "Patient", "x": "' + secret + '"')
    text = "\n".join(bench.take().lines())
    assert "4 problems" in text
    assert "Xanthippe" not in text
    assert "Unmistakable" not in text


def rows(bench: Bench) -> list[int]:
    with bench.database.connect_traces() as connection:
        return [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (account, patient_relation, staff_relation)
        ]


def test_related_people_and_consents_are_kept_and_make_no_access(bench: Bench) -> None:
    """S19."""
    before = rows(bench)
    related = {
        "resourceType": "RelatedPerson", "id": "r1", "active": True, "patient": {"reference": "Patient/ann"},
        "relationship": [{"coding": [{"code": "PRN"}]}],
    }  # fmt: skip
    consent = {
        "resourceType": "Consent", "id": "c1", "status": "active", "patient": {"reference": "Patient/ann"},
        "provision": {"type": "permit", "actor": [{"reference": {"reference": "RelatedPerson/r1"}}]},
    }  # fmt: skip
    bench.file("a.json", bundle(consent, related, ann()))
    report = bench.take()
    assert report.clean, whys(report)
    assert [each for each in bench.kept() if each["resourceType"] != "Patient"] == [consent, related]
    assert rows(bench) == before


def test_a_file_that_cannot_be_saved_leaves_nothing_half_done(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fhir_import, "BATCH", 2)
    bench.file("a.ndjson", ndjson(ann()))
    bench.file("b.ndjson", ndjson(*(seen(f"o{number}") for number in range(6))))
    store, unit = bench.store()
    plain, calls = store.put_many, iter(range(99))

    def failing(resources: Any) -> Any:
        if next(calls) == 2:
            raise CannotSave("disk-full")
        return plain(resources)

    monkeypatch.setattr(store, "put_many", failing)
    report = import_files(store, unit, [bench.folder])
    unit.close()
    assert whys(report) == ["b.ndjson||nothing of it could be saved (disk-full)"]
    assert bench.ids() == {"Patient/ann"}


def test_slots_before_their_schedule_can_be_booked_all_the_same(bench: Bench) -> None:
    resources = [each for each in world.resources(1, 24, date(2026, 3, 29)) if each["resourceType"] in
                 ("Organization", "Location", "HealthcareService", "Practitioner", "Schedule")]  # fmt: skip
    slot = next(each for each in world.resources(1, 24, date(2026, 3, 29)) if each["resourceType"] == "Slot")
    assert (
        bench.take(bench.file("slots.ndjson", ndjson(slot))).problem_count == 1
    )  # its schedule is nowhere yet
    assert bench.take(bench.file("places.ndjson", ndjson(*resources))).clean
    store, unit = bench.store()
    assert store.latest_slot_start() is not None
    unit.close()
