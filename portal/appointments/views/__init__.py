"""The pages of appointments. Thin: form, one service call, redirect."""

from portal.appointments.views import booking, changing, listing
from portal.appointments.views.routes import blueprint

__all__ = ["blueprint", "booking", "changing", "listing"]
