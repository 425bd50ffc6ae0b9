"""The whole made-up world as a stream of FHIR resources, each after those it refers to. Pure."""

from collections.abc import Iterator
from datetime import date

from portal.fhir import appointment
from portal.synthetic import practices, records, visits
from portal.synthetic.awkward import FIRST_ORDINARY
from portal.synthetic.people import person

DEFAULT_PEOPLE = 200


def resources(seed: int, n: int, anchor: date) -> Iterator[dict[str, object]]:
    """Practices, times, then each person with appointments and records. At least the awkward people are made.

    The first people are the same whatever `n` is; only which times are busy depends on how many there are.
    """
    people = max(n, FIRST_ORDINARY)
    yield from practices.resources(seed)
    found = visits.diary(seed, anchor)
    for number in range(min(people, visits.busy_people(found))):
        for _ in visits.of_person(found, person(seed, number, anchor)):
            pass  # each live appointment marks its time as taken
    for time in [*found.past, *found.ahead]:
        yield time.resource(busy=time.id in found.taken)
    for number in range(people):
        yield from of_person(found, number)


def of_person(found: visits.Diary, number: int) -> Iterator[dict[str, object]]:
    """One person's Patient, Appointments and records."""
    someone = person(found.seed, number, found.anchor)
    yield someone.resource
    yield from (appointment.to_fhir(each) for each in visits.of_person(found, someone))
    yield from records.of_person(someone, found.anchor)
