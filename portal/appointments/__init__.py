"""Appointments: one list of all, booking, changing, cancelling. Knows no other feature."""
