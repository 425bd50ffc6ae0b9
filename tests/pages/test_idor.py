"""Nobody reads or changes what is not theirs, whatever ids they put into an address: every route and actor.

The matrix is made from the application's own URL map, so a new route is in it without anyone remembering.
"""

import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.access.permissions import Permission
from portal.access.policy import OWN_SCOPES
from portal.domain.ids import OrganisationId, PatientId, TaskId, WatchId
from portal.ports.bundle import Ports
from portal.ports.tasks import Task, TaskKind
from portal.ports.watches import Watch
from portal.synthetic.stories import CARER_SCOPES
from portal.web.guards import ACCESS_MARK, Access
from portal.web.logs import JsonLines
from tests.fakes_unit import FixedClock
from tests.faults import people
from tests.faults.browser import Browser, token_of
from tests.faults.world import Somebody, World, make_world, served

NOW = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
NOBODY = "nobody"
STEPS = ("start", "care", "site", "when", "times", "reason", "check", "nonsense")
UNKNOWN_REF = "A" * 22
# What one form after another might be willing to take, sent to all of them.
FORM = {
    "key": "idor-key-0123456789", "version": "1", "reason": "other", "words": "x", "care": "gp",
    "site": "hill", "slot": "free-north-00001", "when": "soon", "how": "any", "needs": "none",
    "clinician": "any",
    "person": "amina", "rating": "good", "about": "",
}  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    made = make_world(tmp_path_factory.mktemp("idor"), NOW)
    with made.ports() as use, use.unit.change():
        _leave_traces(made, use)
    return made


def _leave_traces(world: World, use: Ports) -> None:
    """A task at each practice, a watch and a draft with words of each patient."""
    for patient, name in ((people.AMINA, "amina"), (people.BRYN, "bryn")):
        who, organisation = world.people[name], _organisation_of(patient)
        use.tasks.add(
            Task(
                id=TaskId(f"task-{patient}"),
                organisation=organisation,
                kind=TaskKind.CANNOT_COME,
                patient=patient,
                made_at=NOW,
                due_at=NOW + timedelta(hours=4),
                appointment=people.upcoming_of(patient),
            )
        )
        use.watches.add(
            Watch(
                id=WatchId(f"watch-{patient}"),
                account=who.account,
                patient=patient,
                organisation=organisation,
                services=(people.GP,),
                modes=frozenset(),
                made_at=NOW,
                until=NOW + timedelta(days=9),
            )
        )


def _organisation_of(patient: PatientId) -> OrganisationId:
    return people.SOUTH if patient == people.BRYN else people.NORTH


@pytest.fixture
def app(world: World) -> Iterator[Flask]:
    with served(world, FixedClock(NOW)) as made:
        yield made


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)


# --- the matrix ------------------------------------------------------------


def every_ref(world: World, actor: str) -> list[str]:
    """The actor's own references, those of a patient, a parent and a helper, and one that nobody has."""
    own = world.people[actor].refs if actor != NOBODY else {}
    strangers = [world.people[name].refs for name in ("amina", "parent", "carer")]
    return sorted({ref for refs in (own, *strangers) for ref in refs.values()} | {UNKNOWN_REF})


def ids_for(rule: Rule, name: str) -> tuple[str, ...]:
    """Everybody's ids of the kind a rule's argument is of."""
    if "practice" in rule.rule:
        found = {
            "slot": tuple(people.slot_of(patient) for patient in people.PATIENTS),
            "task": ("task-patient-amina", "task-patient-bryn", "task-none"),
            "appointment": tuple(people.upcoming_of(patient) for patient in people.PATIENTS),
        }
        return found[name]
    if name == "wanted":
        return ("watch-patient-amina", "watch-patient-bryn")
    return (*(people.upcoming_of(patient) for patient in people.PATIENTS), "visit-nobody")


def values_for(rule: Rule, name: str, world: World, actor: str) -> tuple[str, ...]:
    """All values one argument of a rule is tried with."""
    match name:
        case "language":
            return ("en",)
        case "patient_ref":
            return tuple(every_ref(world, actor))
        case "organisation_code":
            return (*people.CODES.values(), "NONE1")
        case "step":
            return STEPS
        case "made" | "there":
            return ("3",)
        case "day":
            return ("2026-06-02",)
        case "name":
            return ("app.css", "..%2f..%2fapp.py")
        case _:
            return ids_for(rule, name)


def every_address(app: Flask, world: World, actor: str) -> Iterator[tuple[Rule, dict[str, str], str]]:
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        names = sorted(rule.arguments)
        for chosen in product(*(values_for(rule, name, world, actor) for name in names)):
            values = dict(zip(names, chosen, strict=True))
            yield rule, values, adapter.build(rule.endpoint, values, method=_any_method(rule))


def _any_method(rule: Rule) -> str:
    return "GET" if "GET" in (rule.methods or ()) else "POST"


def may(world: World, actor: str, app: Flask, rule: Rule, values: dict[str, str]) -> bool:
    """Whether this actor may do this here: from the table of people, not from the policy."""
    access: Access = getattr(app.view_functions[rule.endpoint], ACCESS_MARK)
    if access.kind == "public":
        return True
    if access.kind == "signed-in" or actor == NOBODY:
        return actor != NOBODY
    if access.kind == "site":
        own = people.STAFF_OF.get(actor)
        return own is not None and values["organisation_code"] == people.CODES[own] and _of_site(own, values)
    assert access.permission is not None
    patient = _patient_behind(world.people[actor], values["patient_ref"])
    return (
        patient in people.MAY_READ.get(actor, ())
        and access.permission in _scopes(actor, patient)
        and _of_patient(patient, values)
    )


def _patient_behind(who: Somebody, ref: str) -> PatientId | None:
    return next((patient for patient, own in who.refs.items() if own == ref), None)


def _scopes(actor: str, patient: PatientId | None) -> frozenset[Permission]:
    if actor == "looker":
        return people.LOOKER_SCOPES
    acting = actor == "carer" or patient == people.CHILD
    return CARER_SCOPES if acting else OWN_SCOPES


def _of_site(own: OrganisationId, values: dict[str, str]) -> bool:
    theirs = [patient for patient in people.PATIENTS if _organisation_of(patient) == own]
    slots = {str(people.slot_of(patient)) for patient in theirs}
    tasks = {f"task-{patient}" for patient in theirs}
    visits = {str(people.upcoming_of(patient)) for patient in theirs}
    return (
        values.get("slot", next(iter(slots))) in slots
        and values.get("task", next(iter(tasks))) in tasks
        and values.get("appointment", next(iter(visits))) in visits
    )


def _of_patient(patient: PatientId | None, values: dict[str, str]) -> bool:
    named = values.get("appointment", ""), values.get("wanted", "")
    return all(not text or text.endswith((f"{patient}", f"{patient}-to-come")) for text in named)


# --- what must not be seen ------------------------------------------------------------


def forbidden(actor: str) -> list[people.Canary]:
    """The words this actor may never be sent."""
    allowed = people.MAY_READ.get(actor, ())
    own = people.STAFF_OF.get(actor)

    def seen(canary: people.Canary) -> bool:
        if own is not None:
            return canary.seen_by_staff and _organisation_of(canary.patient) == own
        return canary.patient in allowed

    return [canary for canary in people.canaries() if not seen(canary)]


def sent(response: TestResponse) -> str:
    """All of an answer: body, which nobody asked to be compressed, and headers."""
    assert "Content-Encoding" not in response.headers
    return response.get_data(as_text=True) + "\n".join(str(value) for value in response.headers.values())


def leaks(actor: str, response: TestResponse, *, others: list[people.Canary]) -> list[str]:
    text = sent(response)
    return [f"{actor}: {canary.what} of {canary.patient}" for canary in others if canary.text in text]


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """Everything that goes to the log meanwhile, as the server writes it."""
    found = io.StringIO()
    handler = logging.StreamHandler(found)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield found
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def snapshot(world: World) -> dict[str, Any]:
    """What may not change behind anybody's back."""
    tables = ("appointment", "slot", "staff_task", "slot_watch", "person_needs", "patient_relation", "draft")
    return {table: sorted(map(repr, world.rows(f"SELECT * FROM {table}"))) for table in tables}  # noqa: S608


# Stopping what is not there is stopping once: the same answer whether it is somebody else's or nobody's.
SAYS_NOTHING = ("appointments.stop_watching",)
ACTORS = (*people.ACTORS, NOBODY)


@pytest.mark.slow
@pytest.mark.parametrize("actor", ACTORS)
def test_no_address_shows_anybody_what_is_not_theirs(
    actor: str, app: Flask, world: World, browser: Browser
) -> None:
    who, others = world.people.get(actor), forbidden(actor)
    found: list[str] = []
    asked = 0
    with logged() as log:
        for rule, values, path in every_address(app, world, actor):
            if "GET" not in (rule.methods or ()):
                continue
            response = browser.get(path, who)
            asked += 1
            found += [f"{rule.rule}: {leak}" for leak in leaks(actor, response, others=others)]
            if not may(world, actor, app, rule, values):
                refused = response.status_code == 404 or (actor == NOBODY and response.status_code == 303)
                found += [] if refused else [f"{rule.rule} {values}: {response.status_code}"]
            elif response.status_code >= 500:
                found.append(f"{rule.rule} {values}: {response.status_code}")
    assert asked > 200
    assert not found, "\n".join(found[:20])
    lines = log.getvalue()
    assert [canary.what for canary in people.canaries() if canary.text in lines] == []


@pytest.mark.slow
@pytest.mark.parametrize("actor", ACTORS)
def test_no_form_changes_what_is_not_theirs(actor: str, app: Flask, world: World, browser: Browser) -> None:
    who, others = world.people.get(actor), forbidden(actor)
    before, found, asked = snapshot(world), list[str](), 0
    for rule, values, path in every_address(app, world, actor):
        access: Access = getattr(app.view_functions[rule.endpoint], ACCESS_MARK)
        if "POST" not in (rule.methods or ()) or access.kind == "public":
            continue
        if may(world, actor, app, rule, values) or rule.endpoint == "identity.sign_out":
            continue
        response = browser.post(path, who, FORM)
        asked += 1
        found += [f"{rule.rule}: {leak}" for leak in leaks(actor, response, others=others)]
        away = actor == NOBODY or rule.endpoint in SAYS_NOTHING
        refused = response.status_code == 404 or (away and response.status_code == 303)
        found += [] if refused else [f"{rule.rule} {values}: {response.status_code}"]
    assert asked > 50
    assert not found, "\n".join(found[:20])
    assert snapshot(world) == before


def test_the_words_are_seen_by_those_they_belong_to(world: World, browser: Browser) -> None:
    """Else the canaries would prove nothing."""
    for actor, patient in (("amina", people.AMINA), ("bryn", people.BRYN), ("parent", people.CHILD)):
        who = world.people[actor]
        home = f"/en/for/{who.refs[patient]}"
        seen = sent(browser.get(f"{home}/", who))
        seen += sent(browser.get(f"{home}/appointments/{people.upcoming_of(patient)}", who))
        own = [canary for canary in people.canaries() if canary.patient == patient]
        assert {canary.what for canary in own if canary.text in seen} >= {"given name", "family name"}
    practice = sent(browser.get("/en/practice/ZZ001/?on=2026-06-03", world.people["desk-north"]))
    names = {canary.text for canary in people.canaries() if canary.what == "family name"}
    assert {name for name in names if name in practice} == {"Quernstone", "Pennymoss", "Pennyfold"}


def test_access_that_ends_between_two_requests_is_gone_at_the_second(world: World, browser: Browser) -> None:
    who = world.people["carer"]
    page = f"/en/for/{who.refs[people.AMINA]}/appointments"
    assert browser.get(page, who).status_code == 200
    relation = people.helps(who.account, people.AMINA, NOW, suspended=True)
    with world.ports() as use, use.unit.change():
        use.relations.save_patient(relation)
    try:
        assert browser.get(page, who).status_code == 404
    finally:
        with world.ports() as use, use.unit.change():
            use.relations.save_patient(people.helps(who.account, people.AMINA, NOW))


def test_somebody_elses_token_opens_no_form(world: World, browser: Browser) -> None:
    """A form's token is one session's: another person's is as good as none."""
    amina, bryn = world.people["amina"], world.people["bryn"]
    path = f"/en/for/{amina.refs[people.AMINA]}/book/start"
    refused = browser.post(path, amina, {"csrf_token": token_of(bryn)})
    assert refused.status_code == 400
    assert browser.post(path, amina, {"csrf_token": ""}).status_code == 400
    assert browser.post(path, amina).status_code == 303


def test_refusals_look_the_same_whether_somebody_exists_or_not(world: World, browser: Browser) -> None:
    """Not the status, not the words, not the length tell a stranger which reference or visit is real."""
    stranger, amina = world.people["stranger"], world.people["amina"]
    pages = [
        browser.get(f"/en/for/{ref}/appointments/{visit}", stranger)
        for ref in (amina.refs[people.AMINA], UNKNOWN_REF)
        for visit in (people.upcoming_of(people.AMINA), "visit-nobody")
    ]
    texts = {_without_token(page.get_data(as_text=True)) for page in pages}
    assert {page.status_code for page in pages} == {404}
    assert len({_without_paths(text) for text in texts}) == 1


def _without_token(text: str) -> str:
    return re.sub(r'value="[A-Za-z0-9_-]{43}"', "", text)


def _without_paths(text: str) -> str:
    return re.sub(r"/for/[^\"]+", "", text)


def test_every_kind_of_argument_in_an_address_is_in_the_matrix(app: Flask, world: World) -> None:
    """A new route with a new kind of id must be thought about here."""
    for rule in app.url_map.iter_rules():
        for name in rule.arguments:
            assert values_for(rule, name, world, NOBODY), f"{rule.rule}: {name}"
    assert Path(world.file).is_file()
