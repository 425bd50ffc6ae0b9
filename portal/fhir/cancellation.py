"""Why an appointment was cancelled: HL7's code beside the portal's own finer one, both ways."""

from portal.domain.appointments import CancelReason
from portal.fhir.names import CANCEL_REASON_SYSTEM, HL7_CANCEL_SYSTEM
from portal.fhir.reading import coded, mapping, text

# Code and display as in HL7 terminology, appointment-cancellation-reason (FHIR R4).
_HL7 = {
    CancelReason.BETTER: ("pat-fb", "Patient: Feeling Better"),
    CancelReason.TIME: ("pat", "Patient"),
    CancelReason.WAIT: ("pat", "Patient"),
    CancelReason.MODE: ("pat", "Patient"),
    CancelReason.MISTAKE: ("oth-err", "Other: Error"),
    CancelReason.OTHER: ("other", "Other"),
    CancelReason.PRACTICE: ("prov", "Provider"),
    CancelReason.CHANGED: ("pat-cpp", "Patient: Canceled via Patient Portal"),
    CancelReason.NOT_SAID: ("pat-cpp", "Patient: Canceled via Patient Portal"),
}


def from_fhir(concept: object) -> tuple[CancelReason, str]:
    """The reason and the words with it. Unknown codes count as OTHER, none as NOT_SAID."""
    return _reason(concept), text(mapping(concept).get("text")) or ""


def to_fhir(reason: CancelReason, said: str) -> dict[str, object]:
    """The CodeableConcept: HL7's code for other systems, ours so that nothing is lost, the words as text."""
    code, display = _HL7[reason]
    concept: dict[str, object] = {
        "coding": [
            {"system": HL7_CANCEL_SYSTEM, "code": code, "display": display},
            {"system": CANCEL_REASON_SYSTEM, "code": reason.value},
        ]
    }
    if said:
        concept["text"] = said
    return concept


def _reason(concept: object) -> CancelReason:
    ours = coded(concept, CANCEL_REASON_SYSTEM)
    if ours is not None:
        return CancelReason(ours) if ours in {reason.value for reason in CancelReason} else CancelReason.OTHER
    code = coded(concept, HL7_CANCEL_SYSTEM)
    if code is None or code in ("pat", "pat-cpp", "pat-crs"):
        return CancelReason.NOT_SAID
    if code == "pat-fb":
        return CancelReason.BETTER
    if code.split("-")[0] in ("prov", "maint"):
        return CancelReason.PRACTICE
    return CancelReason.MISTAKE if code == "oth-err" else CancelReason.OTHER
