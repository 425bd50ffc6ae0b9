"""Loads made-up people, and makes further times as days go by. Never beside real people's data."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

import click
from flask import current_app
from flask.cli import AppGroup

from portal.access.policy import PatientRelation, StaffRelation, decide_for_job
from portal.errors import BadUpstreamData
from portal.ports.bundle import Ports
from portal.ports.clinical import ClinicalStore
from portal.synthetic import slots, stories, world
from portal.synthetic.awkward import FIRST_ORDINARY
from portal.synthetic.slots import DAYS_AHEAD, ZONE
from portal.web.services import EXTENSION, Parts

BATCH = 2_000  # resources in one transaction
# SYNTHETIC is the mark that create_app looks for in try-out mode. Nobody real has a number that begins so
# (NHS data dictionary: the 999 range is for tests).
MADE_UP = "999"
SYNTHETIC, _PEOPLE, _ANCHOR = "synthetic", "synthetic-people", "synthetic-anchor"
_SLOTS_UNTIL, _LOADED = "synthetic-slots-until", "synthetic-loaded"

Resources = Iterable[dict[str, object]]
Progress = Callable[[Resources], Iterator[dict[str, object]]]


class RealData(Exception):
    """The store holds resources that were not made here: made-up people never go beside real ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """`new` is False where the people were there already; `slots` counts times made for further days."""

    people: int
    new: bool
    slots: int


def load_people(
    store: ClinicalStore, use: Ports, n: int, seed: int, anchor: date, progress: Progress = iter
) -> Loaded:
    """Make n people, their practices and times; where they are there already, only times of further days.

    `anchor` is today where the practices are. A load that was cut short goes on as it began. Raises RealData.
    """
    new = store.marked(_LOADED) is None
    if new:
        _begin(store, use, n, seed, anchor)
        seed, n, anchor = _begun(store)
        _put(store, use, progress(world.resources(seed, n, anchor)))
        _let_in(use, seed, anchor)
        with use.unit.change():
            store.settle()
            store.mark(_SLOTS_UNTIL, (anchor + timedelta(days=DAYS_AHEAD)).isoformat())
            store.mark(_LOADED, "yes")
        return Loaded(people=n, new=True, slots=0)
    return Loaded(people=_begun(store)[1], new=False, slots=top_up(store, use, anchor))


def top_up(store: ClinicalStore, use: Ports, today: date) -> int:
    """Make the times of days that have none yet, up to 8 weeks ahead; those already made stay as they are."""
    until = store.marked(_SLOTS_UNTIL)
    if until is None:
        return 0
    seed = _begun(store)[0]
    wanted = today + timedelta(days=DAYS_AHEAD)
    made = _put(store, use, slots.slots(seed, max(today, date.fromisoformat(until)), wanted))
    if made:
        with use.unit.change():
            store.mark(_SLOTS_UNTIL, wanted.isoformat())
    return made


def _begin(store: ClinicalStore, use: Ports, n: int, seed: int, anchor: date) -> None:
    """Note what is being made before anything is, so that the store is known for synthetic from the start."""
    if store.marked(SYNTHETIC) is not None:
        return
    if store.count():
        raise RealData
    with use.unit.change():
        store.mark(SYNTHETIC, str(seed))
        store.mark(_PEOPLE, str(max(n, FIRST_ORDINARY)))
        store.mark(_ANCHOR, anchor.isoformat())


def _begun(store: ClinicalStore) -> tuple[int, int, date]:
    seed, people, anchor = (store.marked(name) for name in (SYNTHETIC, _PEOPLE, _ANCHOR))
    assert seed is not None
    assert people is not None
    assert anchor is not None
    return int(seed), int(people), date.fromisoformat(anchor)


def _put(store: ClinicalStore, use: Ports, resources: Resources) -> int:
    """Keep everything in batches. Raises BadUpstreamData: what is made here must be readable here."""
    count, waiting = 0, iter(resources)
    while batch := list(islice(waiting, BATCH)):
        with use.unit.change():
            for judged in store.put_many(batch):
                if isinstance(judged, BadUpstreamData):
                    raise judged
        count += len(batch)
    return count


def _let_in(use: Ports, seed: int, anchor: date) -> None:
    """Who can sign in, and what each may do for whom."""
    people = stories.demo_people(seed, anchor)
    with use.unit.change():
        use.demo_people.save(people)
        accounts = {
            person.subject: use.accounts.find_or_make(
                use.demo_people.identity(person.subject, use.clock.now())
            )
            for person in people
        }
        for acts in stories.acts_for(seed, anchor):
            use.relations.save_patient(
                PatientRelation(
                    account=accounts[acts.subject],
                    patient=acts.patient,
                    basis=acts.basis,
                    scopes=acts.scopes,
                    starts_on=anchor,
                    ends_on=acts.ends_on,
                )
            )
        for works in stories.works_at(seed):
            use.relations.save_staff(
                StaffRelation(
                    account=accounts[works.subject],
                    organisation=works.organisation,
                    scopes=works.scopes,
                    starts_on=anchor,
                )
            )


people_group = AppGroup("people", help="Made-up people for trying the portal out.")


@people_group.command("load")
@click.option("--count", type=click.IntRange(1, 1_000_000), default=world.DEFAULT_PEOPLE, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed makes other people.")
def load_command(count: int, seed: int) -> None:
    """Load made-up people; run again, make times for further days only."""
    parts: Parts = current_app.extensions[EXTENSION]
    if not parts.settings.demo:
        raise click.ClickException("Made-up people are for PORTAL_DEMO=yes only.")
    with parts.ports("cli") as use:
        store = parts.open_store(decide_for_job("top-up-slots"), use)
        anchor = use.clock.now().astimezone(ZONE).date()
        try:
            loaded = load_people(store, use, count, seed, anchor, bar if count > 1_000 else iter)
        except RealData:
            raise click.ClickException(
                "This database holds other data. Made-up people need their own."
            ) from None
        listed = use.demo_people.listed()
    _say(loaded, count)
    for person in listed:
        click.echo(f"  {person.story}: {person.name}")


def bar(resources: Resources) -> Iterator[dict[str, object]]:
    """Shows how many resources are in; the whole number is not known before the end."""
    with click.progressbar(resources, label="Loading people", show_pos=True, update_min_steps=BATCH) as shown:
        yield from shown


def _say(loaded: Loaded, count: int) -> None:
    if loaded.new:
        click.echo(f"{loaded.people} made-up people loaded.")
        return
    click.echo(
        f"{loaded.people} made-up people are there already; {loaded.slots} times added for further days."
    )
    if count != loaded.people:
        click.echo("How many people there are is set when the database is new.")
