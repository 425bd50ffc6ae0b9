"""The names FHIR gives things: canonical addresses of systems and extensions. Holds names only."""

from typing import Final

HL7: Final = "http://hl7.org/fhir/StructureDefinition"
UK_CORE: Final = "https://fhir.hl7.org.uk/StructureDefinition"
PORTH: Final = "https://porth.example/fhir/StructureDefinition"

# Identifier and code systems
ODS_SYSTEM: Final = "https://fhir.nhs.uk/Id/ods-organization-code"
BOOKING_SYSTEM: Final = "https://porth.example/fhir/booking"  # the idempotency key of a booking made here
CARE_KIND_SYSTEM: Final = "https://porth.example/fhir/care-kind"
VISIT_REASON_SYSTEM: Final = "https://porth.example/fhir/visit-reason"
CANCEL_REASON_SYSTEM: Final = "https://porth.example/fhir/cancel-reason"
HL7_CANCEL_SYSTEM: Final = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason"
TAG_SYSTEM: Final = "https://porth.example/fhir/tag"
EMBARGOED: Final = "embargoed"  # the tag of a slot that opens later: searchable, as its extension is not
SLOT_SYSTEM: Final = "https://porth.example/fhir/slot"  # whose time and when: one of each
SCHEDULE_SYSTEM: Final = "https://porth.example/fhir/schedule"

# Extensions of others that are read
DELIVERY_CHANNEL: Final = f"{UK_CORE}/Extension-UKCore-DeliveryChannel"
NHS_COMMUNICATION: Final = f"{UK_CORE}/Extension-UKCore-NHSCommunication"
INTERPRETER_REQUIRED: Final = f"{HL7}/patient-interpreterRequired"
TIME_ZONE: Final = f"{HL7}/timezone"

# The portal's own extensions
BOOKING_POLICY: Final = f"{PORTH}/booking-policy"
USUAL_MINUTES: Final = f"{PORTH}/usual-minutes"
WHAT_TO_BRING: Final = f"{PORTH}/what-to-bring"
LATE_PHONE: Final = f"{PORTH}/late-phone"
DIRECTIONS: Final = f"{PORTH}/directions"
ACCESS_NOTES: Final = f"{PORTH}/access-notes"
STEP_FREE: Final = f"{PORTH}/step-free"
ORGANISATION: Final = f"{PORTH}/organisation"
RELEASED_AT: Final = f"{PORTH}/released-at"
CLAIMED_BY: Final = f"{PORTH}/claimed-by"  # on a Slot: the key of the booking that holds it
NEED: Final = f"{PORTH}/need"
INTERPRETER_LANGUAGE: Final = f"{PORTH}/interpreter-language"
WITH_SOMEONE: Final = f"{PORTH}/with-someone"
BOOKED_BY: Final = f"{PORTH}/booked-by"
CANCELLED: Final = f"{PORTH}/cancelled"  # parts: at, by
CANNOT_COME_AT: Final = f"{PORTH}/cannot-come-at"
REPLACES: Final = f"{PORTH}/replaces"
REPLACED_BY: Final = f"{PORTH}/replaced-by"
SEQUENCE: Final = f"{PORTH}/sequence"
