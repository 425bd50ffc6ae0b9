"""What a person at the practice must do: whatever keeps it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from portal.domain.ids import AccountId, AppointmentId, OrganisationId, PatientId, TaskId
from portal.errors import NotFound
from portal.ports.tasks import Task, TaskKind
from tests.contract.portal.parts import Portal

AT = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
HERE, THERE = OrganisationId("org-1"), OrganisationId("org-2")
DESK = AccountId("account-desk")
TASK = Task(
    id=TaskId("task-1"),
    organisation=HERE,
    kind=TaskKind.TELL_CANCELLED,
    patient=PatientId("patient-ada"),
    made_at=AT,
    due_at=AT + timedelta(hours=4),
    appointment=AppointmentId("appointment-1"),
)


def add(portal: Portal, *tasks: Task) -> None:
    with portal.unit.change():
        for task in tasks:
            portal.tasks.add(task)


def test_a_task_comes_back_as_made_and_only_to_its_organisation(portal: Portal) -> None:
    add(portal, TASK)
    assert list(portal.tasks.open_of(HERE)) == [TASK]
    assert list(portal.tasks.open_of(THERE)) == []


def test_the_most_urgent_task_comes_first(portal: Portal) -> None:
    urgent = replace(
        TASK, id=TaskId("task-2"), appointment=AppointmentId("appointment-2"), due_at=AT + timedelta(hours=1)
    )
    add(portal, TASK, urgent)
    assert [task.id for task in portal.tasks.open_of(HERE)] == ["task-2", "task-1"]


def test_the_same_kind_for_the_same_appointment_is_kept_once(portal: Portal) -> None:
    add(portal, TASK, replace(TASK, id=TaskId("task-2")), replace(TASK, due_at=AT))
    assert list(portal.tasks.open_of(HERE)) == [TASK]


def test_a_task_that_was_done_is_not_opened_again(portal: Portal) -> None:
    add(portal, TASK)
    with portal.unit.change():
        portal.tasks.done(TASK.id, HERE, DESK, AT)
        portal.tasks.add(replace(TASK, id=TaskId("task-2")))
    assert list(portal.tasks.open_of(HERE)) == []


def test_another_kind_or_no_appointment_is_another_task(portal: Portal) -> None:
    add(
        portal,
        TASK,
        replace(TASK, id=TaskId("task-2"), kind=TaskKind.CANNOT_COME),
        replace(TASK, id=TaskId("task-3"), kind=TaskKind.WATCHING, appointment=None),
        replace(TASK, id=TaskId("task-4"), kind=TaskKind.WATCHING, appointment=None),
    )
    assert len(portal.tasks.open_of(HERE)) == 4


def test_ticking_gives_the_task_and_ticking_twice_changes_nothing(portal: Portal) -> None:
    add(portal, TASK)
    with portal.unit.change():
        first = portal.tasks.done(TASK.id, HERE, DESK, AT)
        again = portal.tasks.done(TASK.id, HERE, AccountId("account-other"), AT + timedelta(hours=1))
    assert first == replace(TASK, done_at=AT, done_by=DESK)
    assert again is None
    assert list(portal.tasks.open_of(HERE)) == []


def test_nobody_ticks_another_organisation_s_task(portal: Portal) -> None:
    add(portal, TASK)
    with portal.unit.change():
        with pytest.raises(NotFound):
            portal.tasks.done(TASK.id, THERE, DESK, AT)
        with pytest.raises(NotFound):
            portal.tasks.done(TaskId("task-9"), HERE, DESK, AT)
    assert list(portal.tasks.open_of(HERE)) == [TASK]


def test_tasks_are_written_only_inside_a_change(portal: Portal) -> None:
    with pytest.raises(RuntimeError):
        portal.tasks.add(TASK)
    with pytest.raises(RuntimeError):
        portal.tasks.done(TASK.id, HERE, DESK, AT)
