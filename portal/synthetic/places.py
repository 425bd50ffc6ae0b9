"""Two practices with three sites, their care, clinicians and weekly sessions. Data only."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

from portal.domain.appointments import Mode
from portal.domain.places import BookingPolicy, CancelConsequence, OnlineBooking
from portal.fhir import names
from portal.synthetic.identifiers import stable_id

POSTCODE = "ZZ99 3WZ"  # a pseudo postcode: no place has it
SYNTHETIC_TAG = {"system": names.TAG_SYSTEM, "code": "synthetic", "display": "Made-up data"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    key: str
    name: str
    code: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    key: str
    practice: str
    name: str
    street: str
    line: int
    late_line: int
    step_free: bool
    directions: str
    access_notes: str


@dataclass(frozen=True, slots=True)
class Clinician:
    key: str
    practice: str
    given: str
    family: str
    gender: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """A kind of care as every site gives it, unless a site says otherwise."""

    name: str
    minutes: int
    modes: tuple[Mode, ...] = (Mode.IN_PERSON,)
    policy: BookingPolicy = field(default_factory=BookingPolicy)
    bring: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Times on some days of the week (Monday is 0), in minutes after local midnight."""

    place: str
    kind: str
    clinician: str | None
    days: tuple[int, ...]
    begins: int
    ends: int
    mode: Mode = Mode.IN_PERSON


PRACTICES = (
    Practice(key="harbour", name="Harbour Medical Practice", code="TESTA1", line=1),
    Practice(key="oakfield", name="Oakfield Health Centre", code="TESTB1", line=2),
    Practice(key="elsewhere", name="Riverside Practice", code="TESTC1", line=3),  # takes no bookings here
)

PLACES = (
    Place(
        key="harbour-street", practice="harbour", name="Harbour Street Surgery", street="1 Test Street",
        line=11, late_line=21, step_free=True,
        directions="The surgery is next to the library. Buses 7 and 12 stop outside.",
        access_notes="There is a ramp at the front door, a lift, and a toilet for disabled people."
        " The waiting room has a hearing loop.",
    ),
    Place(
        key="mill-lane", practice="harbour", name="Mill Lane Surgery", street="24 Test Street",
        line=12, late_line=22, step_free=False,
        directions="Go in from Mill Lane. There is no parking. The bus stop is 5 minutes away on foot.",
        access_notes="There are 4 steps at the door and no lift. Ask for the quiet room if you need it.",
    ),
    Place(
        key="oakfield", practice="oakfield", name="Oakfield Health Centre", street="300 Test Street",
        line=13, late_line=23, step_free=True,
        directions="The health centre is behind the market. There are 3 Blue Badge parking spaces.",
        access_notes="All doors open by themselves. There is a hoist in room 2. Tell us before you come.",
    ),
)  # fmt: skip

CLINICIANS = (
    Clinician("nair", "harbour", "Priya", "Nair", "female", "Doctor (GP)"),
    Clinician("adeyemi", "harbour", "Oluwaseun", "Adéyẹmí", "male", "Doctor (GP)"),
    Clinician("oconnell", "harbour", "Siobhán", "O’Connell", "female", "Doctor (GP)"),
    Clinician("pritchard", "harbour", "Gareth", "Pritchard", "male", "Nurse"),
    Clinician("hussain", "harbour", "Fatima", "Hussain", "female", "Nurse"),
    Clinician("kowalski", "harbour", "Tomasz", "Kowalski", "male", "Pharmacist"),
    Clinician("chan", "harbour", "Mei Ling", "Chan", "female", "Physiotherapist"),
    Clinician("gill", "oakfield", "Harpreet Singh", "Gill", "male", "Doctor (GP)"),
    Clinician("ionescu", "oakfield", "Elena", "Ionescu", "female", "Doctor (GP)"),
    Clinician("mensah", "oakfield", "Grace", "Mensah", "female", "Nurse"),
    Clinician("warsame", "oakfield", "Yusuf", "Warsame", "male", "Pharmacist"),
    Clinician("clarke", "oakfield", "Amelia", "Clarke", "female", "Physiotherapist"),
)  # fmt: skip

_NOTHING_LOST = CancelConsequence.NONE
CARE = {
    "gp": Care(
        name="Doctor (GP)", minutes=10, modes=(Mode.IN_PERSON, Mode.PHONE, Mode.VIDEO),
        policy=BookingPolicy(consequence=_NOTHING_LOST),
        bring="Bring a list of the medicines you take.",
    ),
    "gp-soon": Care(
        name="Doctor (GP), in the next 2 days", minutes=10,
        policy=BookingPolicy(
            consequence=_NOTHING_LOST, max_open=1,
            window=timedelta(hours=48), released_before=timedelta(hours=48),
        ),
    ),
    "nurse": Care(
        name="Nurse", minutes=20,
        policy=BookingPolicy(consequence=_NOTHING_LOST, cancel_cutoff=timedelta(hours=2)),
        bring="Wear something with loose sleeves.",
    ),
    "blood-test": Care(
        name="Blood test", minutes=10, policy=BookingPolicy(max_open=1, cancel_cutoff=timedelta(hours=4)),
        bring="Bring your blood test form. Drink water before you come.",
    ),
    "pharmacist": Care(
        name="Pharmacist", minutes=15, modes=(Mode.PHONE, Mode.VIDEO),
        policy=BookingPolicy(consequence=_NOTHING_LOST, max_open=2, call_late=timedelta(minutes=60)),
        bring="Have your medicines with you when we ring.",
    ),
    "physio": Care(
        name="Physiotherapist", minutes=30, modes=(Mode.IN_PERSON, Mode.VIDEO),
        policy=BookingPolicy(
            consequence=CancelConsequence.LEAVES_QUEUE, max_open=2, minimum_age=16,
            cancel_cutoff=timedelta(hours=24),
        ),
        bring="Wear clothes that are easy to move in.",
    ),
    "vaccination": Care(
        name="Child vaccination", minutes=15, policy=BookingPolicy(consequence=_NOTHING_LOST, maximum_age=5),
        bring="Bring the child’s red book if you have it.",
    ),
    "minor-surgery": Care(
        name="Minor surgery", minutes=30,
        policy=BookingPolicy(
            online=OnlineBooking.RING_US, consequence=CancelConsequence.ENDS_REFERRAL, max_open=1
        ),
    ),
}  # fmt: skip

# Who offers what. A site may book a kind of care by phone only, or not offer it.
_RING, _NO = OnlineBooking.RING_US, OnlineBooking.NOT_OFFERED
OFFERED: dict[str, dict[str, OnlineBooking | None]] = {
    "harbour-street": dict.fromkeys(CARE),
    "mill-lane": {"gp": None, "nurse": None, "vaccination": None, "blood-test": _RING, "physio": _NO},
    "oakfield": {
        "gp": None, "nurse": None, "blood-test": None, "pharmacist": None, "physio": None,
        "vaccination": None, "minor-surgery": _NO,
    },
}  # fmt: skip

_AM, _PM = (540, 720), (840, 960)  # 9:00 to 12:00, 14:00 to 16:00


def _session(
    place: str,
    kind: str,
    clinician: str | None,
    days: str,
    hours: tuple[int, int],
    mode: Mode = Mode.IN_PERSON,
) -> Session:
    week = tuple("MTWHFSU".index(day) for day in days)
    return Session(
        place=place, kind=kind, clinician=clinician, days=week, begins=hours[0], ends=hours[1], mode=mode
    )


SESSIONS = (
    _session("harbour-street", "gp", "nair", "MTH", _AM),
    _session("harbour-street", "gp", "nair", "MT", _PM, Mode.PHONE),
    _session("harbour-street", "gp", "nair", "H", _PM, Mode.VIDEO),
    _session("harbour-street", "gp", "adeyemi", "TWF", _AM),
    _session("harbour-street", "gp", "adeyemi", "WF", _PM, Mode.PHONE),
    _session("harbour-street", "gp-soon", "adeyemi", "MH", _AM),
    _session("harbour-street", "gp-soon", "oconnell", "TF", _AM),
    _session("mill-lane", "gp", "oconnell", "MWH", _AM),
    _session("mill-lane", "gp", "oconnell", "MW", _PM, Mode.PHONE),
    _session("mill-lane", "gp", "oconnell", "H", _PM, Mode.VIDEO),
    _session("harbour-street", "nurse", "pritchard", "MTWHF", _AM),
    _session("mill-lane", "nurse", "hussain", "TWH", _AM),
    _session("harbour-street", "vaccination", "pritchard", "W", _PM),
    _session("mill-lane", "vaccination", "hussain", "T", _PM),
    _session("harbour-street", "blood-test", None, "MTWHF", (510, 630)),
    _session("harbour-street", "pharmacist", "kowalski", "MTHF", (780, 960), Mode.PHONE),
    _session("harbour-street", "pharmacist", "kowalski", "W", (780, 960), Mode.VIDEO),
    _session("harbour-street", "physio", "chan", "TH", (540, 750)),
    _session("harbour-street", "physio", "chan", "F", _AM, Mode.VIDEO),
    _session("oakfield", "gp", "gill", "MTWH", _AM),
    _session("oakfield", "gp", "gill", "MW", _PM, Mode.PHONE),
    _session("oakfield", "gp", "ionescu", "TWHF", _AM),
    _session("oakfield", "gp", "ionescu", "TF", _PM, Mode.PHONE),
    _session("oakfield", "gp", "ionescu", "H", _PM, Mode.VIDEO),
    _session(
        "oakfield", "gp", "ionescu", "U", (540, 660), Mode.PHONE
    ),  # Sundays: both clock changes fall on one
    _session("oakfield", "nurse", "mensah", "MTWHF", _AM),
    _session("oakfield", "vaccination", "mensah", "H", _PM),
    _session("oakfield", "blood-test", None, "TH", (510, 630)),
    _session("oakfield", "pharmacist", "warsame", "MW", (780, 960), Mode.PHONE),
    _session("oakfield", "physio", "clarke", "MF", (540, 750)),
)


@cache
def organisation_id(seed: int, practice: str) -> str:
    return stable_id(seed, "organisation", practice)


@cache
def site_id(seed: int, place: str) -> str:
    return stable_id(seed, "site", place)


@cache
def service_id(seed: int, place: str, kind: str) -> str:
    return stable_id(seed, "service", place, kind)


@cache
def practitioner_id(seed: int, clinician: str) -> str:
    return stable_id(seed, "practitioner", clinician)


@cache
def practice_of(place: str) -> str:
    return next(each.practice for each in PLACES if each.key == place)
