"""Porth: a health services portal in front of the clinical system an organisation already has."""
