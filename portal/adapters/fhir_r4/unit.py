"""The unit of work where care lives in another system: no transaction is open while that system is asked.

A change becomes several transactions. What the other system is asked for is noted in the one before; what is
noted after it acknowledges the answer. Asks nobody anything itself.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime

from portal.domain.ids import AccountId, AttemptKey
from portal.errors import CannotSave, OutcomeUnknown, PortalError
from portal.ports.bookings import Attempt, AttemptState, BookingAttempts
from portal.ports.unit_of_work import UnitOfWork


class PausingUnit:
    """Implements ports.unit_of_work.UnitOfWork over another one, and can pause within a change."""

    def __init__(self, inner: UnitOfWork) -> None:
        self._inner = inner
        self._changing = False
        self._current: AbstractContextManager[None] | None = None
        self._undo: list[Callable[[bool], None]] = []
        self._at_end: list[Callable[[], None]] = []
        self.attempt: AttemptKey | None = None  # the key of the form that is being worked on
        self.account: AccountId | None = None

    def must_be_changing(self) -> None:
        """Raises RuntimeError outside a change."""
        if not self._changing:
            raise RuntimeError("writes belong inside UnitOfWork.change()")

    @contextmanager
    def change(self) -> Iterator[None]:
        """As the port says. When it fails, what was done elsewhere meanwhile is undone, the newest first.

        Raises OutcomeUnknown instead where that cannot be made certain.
        """
        if self._changing:
            raise RuntimeError("a change is running already")
        self._changing, self._undo, self._at_end = True, [], []
        self.attempt = self.account = None
        try:
            self._begin()
            yield
            self._commit()
        except Exception as error:
            self._roll_back(error)
            self._undo_all(error)
            raise
        except BaseException as error:  # told to end: no time to ask anybody anything
            self._roll_back(error)
            raise
        finally:
            self._changing = False
            for act in self._at_end:
                act()

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Within a change: what was written so far is kept for good; nothing is locked inside the block."""
        self.must_be_changing()
        self._commit()
        try:
            yield
        except Exception:
            with suppress(PortalError):
                self._begin()  # whoever catches it goes on in a change
            raise
        self._begin()

    @contextmanager
    def apart(self) -> Iterator[None]:
        """A short transaction of its own, within a pause or outside any change."""
        with self._inner.change():
            yield

    def if_it_fails(self, undo: Callable[[bool], None]) -> None:
        """Run this, outside any transaction, when the change fails; it is told whether nobody can be sure.

        Raises a PortalError when it cannot undo.
        """
        self._undo.append(undo)

    def at_the_end(self, act: Callable[[], None]) -> None:
        """Run this when the change is over, however it ended."""
        self._at_end.append(act)

    def close(self) -> None:
        self._inner.close()

    def _begin(self) -> None:
        current = self._inner.change()
        current.__enter__()
        self._current = current

    def _commit(self) -> None:
        current, self._current = self._current, None
        if current is None:
            raise CannotSave("no transaction")
        current.__exit__(None, None, None)

    def _roll_back(self, error: BaseException) -> None:
        current, self._current = self._current, None
        if current is not None:
            current.__exit__(type(error), error, error.__traceback__)

    def _undo_all(self, error: Exception) -> None:
        unsure = isinstance(error, OutcomeUnknown)
        for undo in reversed(self._undo):
            try:
                undo(unsure)
            except PortalError:
                unsure = True
        if unsure and not isinstance(error, OutcomeUnknown):
            raise OutcomeUnknown("not-undone") from error


class PausingAttempts:
    """Implements ports.bookings.BookingAttempts over others, for changes that pause.

    A key that is begun may be kept before its change is over; when the change fails, it is made new again, or
    marked UNKNOWN where nobody can say.
    """

    def __init__(self, inner: BookingAttempts, unit: PausingUnit) -> None:
        self._inner, self._unit = inner, unit

    def begin(self, key: AttemptKey, account: AccountId, body_hash: str, at: datetime) -> Attempt | None:
        found = self._inner.begin(key, account, body_hash, at)
        if found is None:
            self._unit.attempt, self._unit.account = key, account
            self._unit.if_it_fails(lambda unsure: self._again(key, account, unsure))
        return found

    def _again(self, key: AttemptKey, account: AccountId, unsure: bool) -> None:
        with self._unit.apart():
            if not unsure:
                self._inner.forget(key)
            elif self._inner.find(key, account) is not None:
                self._inner.finish(key, AttemptState.UNKNOWN, "")

    def finish(self, key: AttemptKey, state: AttemptState, result: str) -> None:
        self._inner.finish(key, state, result)

    def forget(self, key: AttemptKey) -> None:
        self._inner.forget(key)

    def forget_unfinished(self, before: datetime) -> int:
        return self._inner.forget_unfinished(before)

    def find(self, key: AttemptKey, account: AccountId) -> Attempt | None:
        return self._inner.find(key, account)
