"""Appointments of a FHIR server as resources: found, made, changed. Claims no slot and judges no person."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from portal.adapters.fhir_r4.claims import GRACE
from portal.adapters.fhir_r4.client import Answer, Resource
from portal.adapters.fhir_r4.directory import FhirDirectory
from portal.adapters.fhir_r4.reader import Reader, subjects_of, versioned
from portal.adapters.fhir_r4.trouble import Clash, Gone, Lost, NotSent, Refused
from portal.domain.appointments import Appointment, Status
from portal.domain.ids import AppointmentId, AttemptKey, PatientId
from portal.errors import (
    BadUpstreamData,
    CannotLoad,
    CannotSave,
    ChangedMeanwhile,
    NotFound,
    OutcomeUnknown,
)
from portal.fhir import appointment as fhir_appointment
from portal.fhir.names import BOOKING_SYSTEM
from portal.fhir.reading import items, split_reference
from portal.ports.remote_changes import Act, RemoteChanges

NEW: Final = AppointmentId("new")


class Visits:
    """Reads and writes whole Appointment resources."""

    def __init__(self, reader: Reader, directory: FhirDirectory, changes: RemoteChanges) -> None:
        self._reader, self._directory, self._changes = reader, directory, changes

    def of(self, patient: PatientId) -> Sequence[Appointment]:
        """All of a patient's, in order of start, those in error left out."""
        params = [("patient", f"Patient/{patient}"), ("_count", "100")]
        found = self._reader.many("Appointment", params, {patient})
        read = self._reader.understood(found, self.read)
        live = [each for each in read if each.status is not Status.ERROR]
        return self.with_accounts(sorted(live, key=lambda each: (each.starts_at, each.id)))

    def one(self, patient: PatientId, wanted: AppointmentId) -> tuple[Appointment, Answer]:
        """One, with the resource as read. Raises NotFound for absent, another's, or in error."""
        answer = self._reader.one("Appointment", wanted, {patient})
        found = self.read(answer.resource)
        if found.status is Status.ERROR:
            raise NotFound("appointment")
        return self.with_accounts([found])[0], answer

    def read(self, resource: Resource) -> Appointment:
        """The visit a resource is about. Raises BadUpstreamData, also for a visit of several people."""
        if len(subjects_of(resource)) != 1:
            raise BadUpstreamData("Appointment.participant:Patient")
        found = versioned(fhir_appointment.from_fhir(resource), resource)
        if found.organisation is not None:
            return found
        service = None if found.service is None else self._directory.service(found.service)
        site = None if service is not None else self._directory.site(found.site)
        place = service or site
        return found if place is None else replace(found, organisation=place.organisation)

    def with_accounts(self, found: Sequence[Appointment]) -> Sequence[Appointment]:
        """With the accounts that booked and cancelled them here: other systems keep none of ours."""
        acts = self._changes.acts(each.id for each in found)

        def known(each: Appointment) -> Appointment:
            booked, ended = acts.get((each.id, Act.BOOKED)), acts.get((each.id, Act.CANCELLED))
            told = each.cancellation
            if told is not None and ended is not None:
                told = replace(told, by=replace(told.by, account=ended))
            by = each.booked_by if booked is None else replace(each.booked_by, account=booked)
            return replace(each, booked_by=by, cancellation=told)

        return [known(each) for each in found] if acts else found

    def with_key(self, key: AttemptKey, reader: Reader | None = None) -> Resource | None:
        """What a key made, whoever's. Raises CannotLoad when a server holds two: nobody can say which."""
        found = (reader or self._reader).with_key(key)
        if len(found) > 1:
            raise CannotLoad("key-twice")
        return found[0] if found else None

    def create(self, wanted: Appointment, key: AttemptKey) -> Resource:
        """Make it once, however often it is asked for; what stands on the server under this key now.

        Raises CannotSave (certainly not made), Clash (the server keeps the slot and says it is taken),
        OutcomeUnknown.
        """
        body = fhir_appointment.to_fhir(wanted, key=key)
        del body["id"]
        once = urlencode([("identifier", f"{BOOKING_SYSTEM}|{key}")])
        try:
            answer = self._reader.conversation.create(body, once=once)
            return answer.resource or self._found(self._reader, key, answer)
        except NotSent as error:
            raise CannotSave(error.detail) from error
        except (Refused, Gone, Lost) as error:
            return self._looked_for(key, error)

    def _looked_for(self, key: AttemptKey, error: Refused | Gone | Lost) -> Resource:
        """Look before anybody is told, even after a no: whoever stands between may have sent it twice."""
        try:
            found = self.with_key(key, self._reader.fresh(GRACE))
        except CannotLoad as trouble:
            raise OutcomeUnknown(error.detail) from trouble
        if found is not None:
            return found
        if isinstance(error, Clash):
            raise error
        if isinstance(error, Lost):
            raise OutcomeUnknown(error.detail) from error
        raise CannotSave(error.detail) from error

    def _found(self, reader: Reader, key: AttemptKey, answer: Answer) -> Resource:
        """A server may answer with nothing but an address: never say "booked" without having read it."""
        where = (answer.location or "").partition("/_history")[0].rpartition("/Appointment/")[2]
        try:
            if where and split_reference(f"Appointment/{where}"):
                return reader.conversation.read("Appointment", where).resource
            found = self.with_key(key, reader)
        except (CannotLoad, NotFound) as error:
            raise OutcomeUnknown("not-read-back") from error
        if found is None:
            raise OutcomeUnknown("not-read-back")
        return found

    def change(self, read: Answer, wanted: Appointment) -> Appointment:
        """Write it over the resource as read; what stands there now.

        Raises ChangedMeanwhile, CannotSave (certainly not written), OutcomeUnknown.
        """
        body = fhir_appointment.to_fhir(wanted, read.resource)
        if read.etag is None:
            raise CannotSave("appointment-without-version")
        try:
            answer = self._reader.conversation.update(body, read.etag)
            found = answer.resource or self._reader.conversation.read("Appointment", wanted.id).resource
        except NotSent as error:
            raise CannotSave(error.detail) from error
        except (Refused, Gone, Lost) as error:
            found = self._changed(wanted, error)
        return self._same(found, wanted)

    def _changed(self, wanted: Appointment, error: Refused | Gone | Lost) -> Resource:
        """Look what stands there, even after a no: whoever stands between may have sent it twice."""
        try:
            found = self._reader.fresh(GRACE).one("Appointment", wanted.id, {wanted.patient}).resource
            if _says_the_same(self.read(found), wanted):
                return found
        except (CannotLoad, NotFound, BadUpstreamData) as trouble:
            raise OutcomeUnknown(error.detail) from trouble
        if isinstance(error, Clash):
            raise ChangedMeanwhile(wanted.id) from error
        if isinstance(error, Lost):
            raise OutcomeUnknown(error.detail) from error
        raise CannotSave(error.detail) from error

    def _same(self, found: Resource, wanted: Appointment) -> Appointment:
        """What the server has, with what it does not keep of ours."""
        try:
            local = self._reader.admit(found, {wanted.patient})
            now = None if local is None else self.read(local)
        except BadUpstreamData as error:
            raise OutcomeUnknown(error.detail) from error
        if now is None:
            raise OutcomeUnknown("hidden")
        return replace(now, booked_by=wanted.booked_by, cancellation=wanted.cancellation)

    def undo(self, made: Appointment) -> bool:
        """Mark what should never have been made as an error, without its key; whether that is certain."""
        reader = self._reader.fresh(GRACE)
        try:
            answer = reader.one("Appointment", made.id, {made.patient})
            body = dict(answer.resource) | {"status": Status.ERROR.value}
            known = [each for each in items(body.get("identifier")) if each.get("system") != BOOKING_SYSTEM]
            body["identifier"] = known
            if not known:
                del body["identifier"]
            reader.conversation.update(body, answer.etag or "")
        except NotFound:
            return True
        except CannotLoad:
            return False
        return True


def _says_the_same(now: Appointment, wanted: Appointment) -> bool:
    """Whether this very change is what stands there: its moment tells it from somebody else's."""
    ended, meant = now.cancellation, wanted.cancellation
    return (now.status, now.cannot_come_at, now.replaced_by, ended and ended.at) == (
        wanted.status,
        wanted.cannot_come_at,
        wanted.replaced_by,
        meant and meant.at,
    )
