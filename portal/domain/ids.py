"""Identifiers, each with a type of its own so that one cannot be passed for another."""

from typing import NewType

AccountId = NewType("AccountId", str)  # the portal's own, random
AppointmentId = NewType("AppointmentId", str)
AttemptKey = NewType("AttemptKey", str)  # idempotency key, made when a form is shown
OrganisationId = NewType("OrganisationId", str)  # FHIR Organization.id
PatientId = NewType("PatientId", str)  # FHIR Patient.id; never shown, never in a URL
PatientRef = NewType("PatientRef", str)  # random, per (account, patient); the only form that stands in a URL
PractitionerId = NewType("PractitionerId", str)
ServiceId = NewType("ServiceId", str)  # FHIR HealthcareService.id: one kind of care at one site
SessionId = NewType("SessionId", str)  # public handle of a session row; not the cookie's secret
SiteId = NewType("SiteId", str)  # FHIR Location.id
SlotId = NewType("SlotId", str)
TaskId = NewType("TaskId", str)
WatchId = NewType("WatchId", str)
