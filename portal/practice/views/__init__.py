"""Plain pages for practice staff: the day, new slots, a slot out of use, and people to tell."""

from portal.practice.views import lists, publishing, withdrawing
from portal.practice.views.routes import blueprint

__all__ = ["blueprint", "lists", "publishing", "withdrawing"]
