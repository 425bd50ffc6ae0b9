"""Brings FHIR files into the store. Never makes access: RelatedPerson and Consent are only kept (S19)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from portal.cli.fhir_files import Entry, Refused, entries, find
from portal.cli.fhir_ledger import Ledger
from portal.cli.people import MADE_UP, SYNTHETIC
from portal.domain.people import NHS_NUMBER_SYSTEM
from portal.errors import BadUpstreamData, CannotSave
from portal.fhir.reading import items, text
from portal.fhir.types import rank
from portal.ports.clinical import ClinicalStore, Judgement
from portal.ports.unit_of_work import UnitOfWork

BATCH = 500
_SHOWN = 1_000  # problems kept in full; beyond that they are only counted


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be used, where and why. Names ids and codes, never what a record says."""

    file: str
    place: str
    why: str

    def __str__(self) -> str:
        return f"{self.file}, {self.place}: {self.why}" if self.place else f"{self.file}: {self.why}"


@dataclass(slots=True)
class Report:
    """What became of an import."""

    kept: Counter[tuple[str, Judgement]] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0
    files: int = 0

    @property
    def clean(self) -> bool:
        return self.problem_count == 0

    def problem(self, file: str, place: str, why: str) -> None:
        self.problem_count += 1
        if len(self.problems) < _SHOWN:
            self.problems.append(Problem(file, place, why))

    def lines(self) -> Iterator[str]:
        """The report in words, for whoever ran the command."""
        for kind in sorted({kind for kind, _ in self.kept}):
            new, changed, same = (self.kept[kind, judged] for judged in Judgement)
            yield f"{kind}: {new} new, {changed} changed, {same} the same"
        yield f"{self.files} files read, {sum(self.kept.values())} resources, {self.problem_count} problems"
        yield from map(str, self.problems)
        if self.problem_count > len(self.problems):
            yield f"and {self.problem_count - len(self.problems)} problems more"


@dataclass(slots=True)
class _Survey:
    """What the first look at a file found: ranks of types in it, and entries that will not be kept."""

    path: Path
    ranks: set[int] = field(default_factory=set)
    in_order: bool = True
    refused: set[int] = field(default_factory=set)

    def meet(self, found: int) -> None:
        self.in_order = self.in_order and found >= max(self.ranks, default=0)
        self.ranks.add(found)


def import_files(store: ClinicalStore, unit: UnitOfWork, paths: Sequence[Path]) -> Report:
    """Judge every file, then keep file by file what others lean on first, one transaction a file.

    A broken line of NDJSON costs that line; a Bundle that is not whole JSON is refused whole. What was
    kept before stays kept. References are judged when everything is in.
    """
    report, ledger = Report(), Ledger()
    made_up = store.marked(SYNTHETIC) is not None
    try:
        surveys = [
            found
            for path in find(list(paths))
            if (found := _survey(path, ledger, report, made_up=made_up)) is not None
        ]
        for survey in sorted(surveys, key=lambda each: (min(each.ranks, default=0), str(each.path))):
            _keep(survey, store, unit, ledger, report)
        with unit.change():
            store.settle()
        _judge_references(store, ledger, report)
    finally:
        ledger.close()
    return report


def _survey(path: Path, ledger: Ledger, report: Report, *, made_up: bool) -> _Survey | None:
    """Look through a file without keeping anything; None when it is no use at all.

    `made_up`: the store is for trying out, where anybody may sign in as anybody.
    """
    survey, problems = _Survey(path), []
    try:
        with ledger.file():
            for entry in entries(path):
                why = entry.problem or (made_up and _may_be_real(entry)) or _clash(entry, ledger, path)
                if not why:
                    survey.meet(rank(entry.kind))
                else:
                    survey.refused.add(entry.number)
                    problems.append((entry.place, why))
    except Refused as refused:
        report.problem(str(path), "", str(refused))
        return None
    report.files += 1
    for place, why in problems:
        report.problem(str(path), place, why)
    return survey


def _may_be_real(entry: Entry) -> str | None:
    """Why a resource must not stand beside made-up people; None when it may."""
    if entry.kind != "Patient" or entry.resource is None:
        return None
    numbers = [
        (text(each.get("value")) or "").replace(" ", "").replace("-", "")
        for each in items(entry.resource.get("identifier"))
        if each.get("system") == NHS_NUMBER_SYSTEM
    ]
    if numbers and all(number.startswith(MADE_UP) for number in numbers):
        return None
    return f"this database is for made-up people, and Patient/{entry.id} has no NHS number from {MADE_UP}"


def _clash(entry: Entry, ledger: Ledger, path: Path) -> str | None:
    other = ledger.note(entry, str(path))
    if other is None:
        return None
    return f"{entry.kind}/{entry.id} stands with other content at {other}, which was taken"


def _keep(survey: _Survey, store: ClinicalStore, unit: UnitOfWork, ledger: Ledger, report: Report) -> None:
    """One file, one transaction. Where its order is not that of dependency it is read once for each rank."""
    rounds: list[set[int]] = [survey.ranks] if survey.in_order else [{each} for each in sorted(survey.ranks)]
    found: Counter[tuple[str, Judgement]] = Counter()
    try:
        with unit.change():
            for wanted in rounds:
                chosen = (
                    entry
                    for entry in entries(survey.path)
                    if entry.number not in survey.refused and rank(entry.kind) in wanted
                )
                while batch := list(islice(chosen, BATCH)):
                    _put(batch, survey.path, store, ledger, report, found)
    except (CannotSave, Refused) as error:
        report.problem(str(survey.path), "", f"nothing of it could be saved ({error})")
        return
    report.kept += found


def _put(
    batch: list[Entry],
    path: Path,
    store: ClinicalStore,
    ledger: Ledger,
    report: Report,
    found: Counter[tuple[str, Judgement]],
) -> None:
    resources = [entry.resource for entry in batch if entry.resource is not None]
    for entry, judged in zip(batch, store.put_many(resources), strict=True):
        if isinstance(judged, BadUpstreamData):
            report.problem(str(path), entry.place, f"{entry.kind}/{entry.id}: {judged.detail} cannot be used")
            ledger.forget(entry.kind, entry.id)
        else:
            found[entry.kind, judged] += 1


def _judge_references(store: ClinicalStore, ledger: Ledger, report: Report) -> None:
    for kind, wanted, file, place, uses in ledger.missing():
        if kind is not None and store.has(kind, wanted):
            continue
        target = wanted if kind is None else f"{kind}/{wanted}"
        more = f" ({uses} times)" if uses > 1 else ""
        report.problem(file, place, f"it refers to {target}, which is nowhere{more}")
