"""FHIR R4 JSON to domain values and back, one module a resource. Pure; strict on what is shown."""
