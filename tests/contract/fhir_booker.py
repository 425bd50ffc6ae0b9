"""A process that books and cancels over FHIR until it is killed; says each thing that was acknowledged.

Started by test_fhir_killed.py.
"""

import secrets
import sys
from datetime import timedelta

from portal.adapters.fhir_r4.client import FhirClient
from portal.adapters.fhir_r4.connection import Connection
from portal.adapters.sql.engine import Database
from portal.appointments import service
from portal.domain.ids import AccountId, AttemptKey, SlotId
from tests import builders
from tests.contract.fhir_parts import fhir_ports
from tests.fakes_unit import FixedClock


def main(url: str, database_url: str, first: str) -> None:
    """Slots from `first` on; every third visit is cancelled again."""
    begun = int(first)
    clock = FixedClock(
        builders.NOW + timedelta(seconds=begun)
    )  # later than all leases of those killed before
    client, database = FhirClient(Connection(url=url)), Database(database_url)
    print("ready", flush=True)
    for n in range(begun, begun + 100):
        use = fhir_ports(client, database, clock)
        grant = builders.make_grant(actor=AccountId(f"account-{n}"))
        plan = service.Plan(slot=SlotId(f"slot-{n:03}"), both_wanted=True)
        made = service.book(grant, plan, AttemptKey(secrets.token_urlsafe(16)), use=use)
        print("booked", made.id, flush=True)
        if n % 3 == 0:
            key = AttemptKey(secrets.token_urlsafe(16))
            service.cancel(grant, made.id, service.Ending(version=made.version), key, use=use)
            print("cancelled", made.id, flush=True)
        use.unit.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
