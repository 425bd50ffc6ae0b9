"""Every permission, named `feature:thing:verb`. Holds names only; who has which stands in policy.py."""

from enum import Enum


class Permission(Enum):
    """What a route or a job needs. Patient permissions open a chart, practice permissions open a desk."""

    HOME_VIEW = "home:page:view"
    APPOINTMENTS_VIEW = "appointments:list:view"
    APPOINTMENTS_BOOK = "appointments:slot:book"
    APPOINTMENTS_CHANGE = "appointments:booking:change"
    APPOINTMENTS_CANCEL = "appointments:booking:cancel"
    NEEDS_CHANGE = "profile:needs:change"
    WATCH_CHANGE = "appointments:watch:change"
    PRACTICE_VIEW = "practice:day:view"
    PRACTICE_PUBLISH = "practice:slots:publish"
    PRACTICE_CANCEL = "practice:slot:cancel"
    PRACTICE_TASKS = "practice:tasks:answer"

    @property
    def of_practice(self) -> bool:
        return self.value.startswith("practice:")
