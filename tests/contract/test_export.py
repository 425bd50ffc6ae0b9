"""`flask fhir export` gives back what came in, to the last digit."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.adapters.sql.engine import Database
from portal.cli.fhir_export import NotEmpty, lines, write_folder
from portal.ports.clinical import Judgement
from tests.contract.import_bench import Bench, Resource, ann, bundle, dumped, ndjson, seen, whys


@pytest.fixture
def bench(clinical: Database, tmp_path: Path) -> Bench:
    folder = tmp_path / "in"
    folder.mkdir()
    return Bench(clinical, folder)


def test_an_export_folder_has_one_private_file_a_type_and_comes_back_the_same(
    bench: Bench, tmp_path: Path
) -> None:
    bench.take(bench.file("a.ndjson", ndjson(ann(), seen("o1", valueQuantity={"value": Decimal("1.50")}))))
    store, unit = bench.store()
    out = tmp_path / "out"
    assert write_folder(store, out) == 2
    assert sorted(each.name for each in out.iterdir()) == ["Observation.ndjson", "Patient.ndjson"]
    assert all(each.stat().st_mode & 0o077 == 0 for each in out.iterdir())
    assert '"value":1.50}' in (out / "Observation.ndjson").read_text()
    with pytest.raises(NotEmpty):
        write_folder(store, out)
    unit.close()
    assert bench.take(out).kept == {("Patient", Judgement.SAME): 1, ("Observation", Judgement.SAME): 1}


_text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
_number = st.integers(-(10**30), 10**30) | st.decimals(allow_nan=False, allow_infinity=False, places=6)
_leaf = st.none() | st.booleans() | _number | _text
_json = st.recursive(
    _leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3), max_leaves=8
)
_extras = st.dictionaries(st.sampled_from(["note", "extension", "valueDecimal", "component", "text"]), _json)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(extras=_extras, shape=st.sampled_from(["a.ndjson", "a.json", "a.json.gz"]))
def test_what_comes_in_goes_out_the_same_to_the_last_digit(
    bench: Bench, extras: Resource, shape: str
) -> None:
    resource = {"resourceType": "Basic", "id": "b1", **extras}
    for old in bench.folder.iterdir():
        old.unlink()
    bench.file(shape, ndjson(resource) if "ndjson" in shape else bundle(resource))
    report = bench.take()
    assert sum(report.kept.values()) == 1, whys(report)
    store, unit = bench.store()
    (line,) = lines(store)
    unit.close()

    def exact(text: str) -> object:
        return json.loads(text, parse_float=lambda digits: f"exactly {Decimal(digits)}")

    assert exact(line) == exact(dumped(resource))
