"""What `flask fhir import` does not take: numbers beyond bounds, and real people into a try-out database."""

from pathlib import Path

import pytest

from portal.adapters.sql.engine import Database
from tests.contract.import_bench import Bench, Resource, ann, bundle, dumped, ndjson, seen, whys


@pytest.fixture
def bench(clinical: Database, tmp_path: Path) -> Bench:
    folder = tmp_path / "in"
    folder.mkdir()
    return Bench(clinical, folder)


LONG = "1" * 5_000


@pytest.mark.parametrize("name", ["long.json", "long.json.gz", "long.ndjson"])
def test_a_number_too_long_for_anybody_is_reported_and_the_rest_is_kept(bench: Bench, name: str) -> None:
    bad = dumped(seen("o1")).replace('"Patient/ann"}', f'"Patient/ann"}}, "valueInteger": {LONG}')
    if name.endswith("ndjson"):
        content = ndjson(seen("o2")) + bad + "\n"
    else:
        content = bundle(seen("o2")).replace('"entry": [', f'"entry": [{{"resource": {bad}}}, ')
    bench.file("ann.json", dumped(ann()))
    bench.file(name, content)
    report = bench.take()
    (problem,) = report.problems
    assert "a number that is too long" in problem.why
    assert "111" not in problem.why
    assert bench.ids() == {"Patient/ann"} | ({"Observation/o2"} if name.endswith("ndjson") else set())


@pytest.mark.parametrize("number", [LONG, "1e9999999999999999999"])
@pytest.mark.parametrize("shape", ["resource", "bundle"])
def test_a_number_beyond_all_bounds_is_reported(bench: Bench, number: str, shape: str) -> None:
    one = dumped(ann()).replace('"ann"', f'"ann", "multipleBirthInteger": {number}', 1)
    bench.file("ann.json", one if shape == "resource" else bundle().replace("[]", f'[{{"resource": {one}}}]'))
    report = bench.take()
    (problem,) = report.problems
    assert problem.why.endswith("a number that is too long")
    assert bench.ids() == set()


def test_many_digits_within_a_text_are_no_number(bench: Bench) -> None:
    bench.file("ann.json", bundle(ann(), seen("o1", note=[{"text": LONG}], valueDecimal=1)))
    report = bench.take()
    assert report.clean, whys(report)
    assert {"Patient/ann", "Observation/o1"} == bench.ids()


NHS = "https://fhir.nhs.uk/Id/nhs-number"


@pytest.mark.parametrize(
    ("identifiers", "kept"),
    [
        ([{"system": NHS, "value": "999 000 0018"}], True),
        ([{"system": NHS, "value": "9434765919"}], False),
        ([{"system": NHS, "value": "9990000018"}, {"system": NHS, "value": "943 476 5919"}], False),
        ([{"system": NHS}], False),
        ([{"system": "https://else.example/id", "value": "9990000018"}], False),
        ([], False),
    ],
)
def test_nobody_who_may_be_real_comes_into_a_try_out_database(
    bench: Bench, identifiers: list[Resource], kept: bool
) -> None:
    store, unit = bench.store()
    with unit.change():
        store.mark("synthetic", "1")
    unit.close()
    bench.file("ann.ndjson", ndjson(ann(identifier=identifiers), seen("o1")))
    report = bench.take()
    assert ("Patient/ann" in bench.ids()) is kept
    assert report.clean is kept
    if not kept:
        assert "made-up people" in report.problems[0].why
        assert "943" not in str(report.problems[0])


@pytest.mark.parametrize("number", ["9990000018", "9434765919", None])
def test_a_store_knows_whether_a_number_is_of_nobody(bench: Bench, number: str | None) -> None:
    bench.file("ann.json", dumped(ann(identifier=[{"system": NHS, "value": number}] if number else [])))
    assert bench.take().clean
    store, unit = bench.store()
    assert store.numbers_outside("999") is (number == "9434765919")
    unit.close()
