"""Any FHIR R4 server as the clinical source. Trusts no answer; keeps no copy of what it read."""
