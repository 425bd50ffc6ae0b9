"""Values of the field.

Frozen dataclasses, enums and ids. Standard library only; no I/O, no clock, no words for people.
"""
