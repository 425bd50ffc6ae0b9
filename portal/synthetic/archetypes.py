"""What a record of each kind of person holds. Data only: texts always, a few example codes (see NOTICE)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Concept = Mapping[str, object]
SNOMED: Final = "http://snomed.info/sct"
LOINC: Final = "http://loinc.org"


def _concept(system: str, code: str, text: str) -> Concept:
    return {"coding": [{"system": system, "code": code}], "text": text}


# Conditions and allergies: example codes from the SNOMED International IPS terminology.
CONDITIONS: Final = {
    name: _concept(SNOMED, code, text)
    for name, code, text in (
        ("asthma", "195967001", "Asthma"),
        ("diabetes", "44054006", "Type 2 diabetes mellitus"),
        ("hypertension", "38341003", "High blood pressure"),
        ("kidney", "433144002", "Chronic kidney disease stage 3"),
        ("eczema", "43116000", "Eczema"),
        ("hay-fever", "367498001", "Seasonal allergic rhinitis"),
        ("arthritis", "396275006", "Osteoarthritis"),
        ("depression", "35489007", "Depression"),
        ("thyroid", "40930008", "Hypothyroidism"),
        ("migraine", "37796009", "Migraine"),
        ("copd", "13645005", "Chronic obstructive lung disease"),
        ("af", "49436004", "Atrial fibrillation"),
        ("reflux", "235595009", "Gastro-oesophageal reflux disease"),
        ("anaemia", "87522002", "Iron deficiency anaemia"),
        ("pregnant", "77386006", "Pregnancy"),
        ("learning", "110359009", "Learning disability"),
        ("lump", "89164003", "Breast lump"),
    )
}
ALLERGIES: Final = tuple(
    _concept(SNOMED, code, text)
    for code, text in (
        ("91936005", "Allergy to penicillin"),
        ("91935009", "Allergy to peanut"),
        ("300916003", "Allergy to latex"),
        ("293586001", "Allergy to aspirin"),
    )
)

# Medicines stand as text alone: dm+d codes carry SNOMED CT of the UK edition.
MEDICINES: Final = {
    "asthma": ("Salbutamol 100 micrograms inhaler", "Inhale 2 puffs when you need it"),
    "diabetes": ("Metformin 500 mg tablets", "Take 1 tablet twice a day with food"),
    "hypertension": ("Amlodipine 5 mg tablets", "Take 1 tablet once a day"),
    "kidney": ("Ramipril 2.5 mg capsules", "Take 1 capsule once a day"),
    "eczema": ("Hydrocortisone 1% cream", "Put on thinly twice a day"),
    "hay-fever": ("Cetirizine 10 mg tablets", "Take 1 tablet once a day"),
    "arthritis": ("Paracetamol 500 mg tablets", "Take 2 tablets up to 4 times a day"),
    "depression": ("Sertraline 50 mg tablets", "Take 1 tablet once a day"),
    "thyroid": ("Levothyroxine 50 micrograms tablets", "Take 1 tablet in the morning"),
    "migraine": ("Sumatriptan 50 mg tablets", "Take 1 tablet when a migraine starts"),
    "copd": ("Tiotropium 18 micrograms inhaler", "Inhale 1 capsule once a day"),
    "af": ("Apixaban 5 mg tablets", "Take 1 tablet twice a day"),
    "reflux": ("Omeprazole 20 mg capsules", "Take 1 capsule once a day"),
    "anaemia": ("Ferrous sulfate 200 mg tablets", "Take 1 tablet once a day"),
    "pregnant": ("Folic acid 400 micrograms tablets", "Take 1 tablet once a day"),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that is measured: concept, unit (UCUM), usual range and places after the point."""

    concept: Concept
    unit: str
    low: float
    high: float
    places: int


def _measure(code: str, text: str, unit: str, low: float, high: float, places: int = 0) -> Measure:
    return Measure(_concept(LOINC, code, text), unit, low, high, places)


WEIGHT: Final = _measure("29463-7", "Body weight", "kg", 50, 95, 1)
HEIGHT: Final = _measure("8302-2", "Body height", "cm", 150, 190)
SYSTOLIC: Final = _measure("8480-6", "Systolic blood pressure", "mm[Hg]", 95, 140)
DIASTOLIC: Final = _measure("8462-4", "Diastolic blood pressure", "mm[Hg]", 60, 90)
BLOOD_PRESSURE: Final = _concept(LOINC, "85354-9", "Blood pressure")

# Each report is a panel of tests.
PANELS: Final = {
    "Full blood count": (
        _measure("718-7", "Haemoglobin", "g/L", 115, 165),
        _measure("6690-2", "White blood cell count", "10*9/L", 4, 11, 1),
        _measure("777-3", "Platelet count", "10*9/L", 150, 400),
    ),
    "Kidney function": (
        _measure("2951-2", "Sodium", "mmol/L", 133, 146),
        _measure("2823-3", "Potassium", "mmol/L", 3.5, 5.3, 1),
        _measure("14682-9", "Creatinine", "umol/L", 50, 110),
        _measure("62238-1", "Kidney filtering rate (eGFR)", "mL/min/{1.73_m2}", 60, 120),
    ),
    "Diabetes check": (_measure("59261-8", "Long-term blood sugar (HbA1c)", "mmol/mol", 20, 41),),
    "Cholesterol": (
        _measure("14647-2", "Total cholesterol", "mmol/L", 3, 5, 1),
        _measure("14646-4", "HDL cholesterol", "mmol/L", 1, 2.2, 1),
    ),
    "Thyroid function": (_measure("3016-3", "Thyroid stimulating hormone (TSH)", "m[IU]/L", 0.3, 4.2, 2),),
    "Iron": (_measure("2276-4", "Ferritin", "ug/L", 15, 300),),
    "Inflammation": (_measure("1988-5", "C-reactive protein (CRP)", "mg/L", 0, 5),),
}
PANEL_OF: Final = {
    "diabetes": "Diabetes check", "kidney": "Kidney function", "hypertension": "Cholesterol",
    "thyroid": "Thyroid function", "anaemia": "Iron", "arthritis": "Inflammation", "af": "Kidney function",
}  # fmt: skip

CHILD_VACCINES: Final = (
    "6-in-1 vaccine",
    "Rotavirus vaccine",
    "MenB vaccine",
    "MMR vaccine",
    "Pneumococcal vaccine",
)
ADULT_VACCINES: Final = ("COVID-19 vaccine", "Flu vaccine", "Tetanus booster")
OLDER_VACCINES: Final = ("Flu vaccine", "Shingles vaccine", "Pneumococcal vaccine", "COVID-19 vaccine")

LETTERS: Final = (
    (
        "Hospital letter",
        "We saw you in our clinic. Your next check is in 6 months. Ring us if you feel worse.",
    ),
    ("Discharge summary", "You were in hospital for 2 days. Your medicines have not changed."),
    ("Scan report", "The scan was clear. You do not need another one."),
    ("Letter to you", "It is time for your yearly check. Book it with the practice nurse."),
)
REFERRALS: Final = ("Referral to physiotherapy", "Referral to the heart clinic", "Referral to the eye clinic")
ENCOUNTERS: Final = (
    "Consultation with a doctor",
    "Phone call with a doctor",
    "Visit to the nurse",
    "Medicine review",
)


@dataclass(frozen=True, slots=True)
class Archetype:
    """A kind of person by age in years; `weight` how many among those of that age."""

    name: str
    youngest: int
    oldest: int
    weight: int
    conditions: tuple[str, ...] = ()
    women_only: bool = False
    reports: int = 2


ARCHETYPES: Final = (
    Archetype("child", 0, 15, 80, reports=0),
    Archetype("child with asthma", 5, 15, 20, ("asthma", "eczema"), reports=1),
    Archetype("well", 16, 64, 45),
    Archetype("hay fever", 16, 64, 10, ("hay-fever",)),
    Archetype("asthma", 16, 64, 10, ("asthma", "hay-fever")),
    Archetype("low mood", 16, 64, 10, ("depression", "migraine")),
    Archetype("pregnant", 18, 42, 8, ("pregnant", "anaemia"), women_only=True, reports=3),
    Archetype("cancer pathway", 30, 75, 4, ("lump",), women_only=True, reports=3),
    Archetype("learning disability", 16, 80, 4, ("learning", "reflux")),
    Archetype("thyroid", 30, 99, 8, ("thyroid",)),
    Archetype("diabetes and kidneys", 45, 99, 22, ("diabetes", "kidney", "hypertension"), reports=3),
    Archetype("older and well", 65, 99, 25, ("hypertension", "arthritis")),
    Archetype("frail", 75, 99, 30, ("af", "copd", "arthritis", "kidney"), reports=3),
)
