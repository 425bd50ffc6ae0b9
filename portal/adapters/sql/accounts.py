"""Accounts by issuer and subject. They hold no name, number or address, and no e-mail ever finds one."""

import secrets

from sqlalchemy import select, update

from portal.adapters.sql.tables_portal import account
from portal.adapters.sql.unit import SqlUnit
from portal.adapters.sql.upsert import upsert
from portal.domain.ids import AccountId
from portal.ports.identity import Identity

_ID_BYTES = 16


class SqlAccounts:
    """Implements ports.identity.Accounts."""

    def __init__(self, unit: SqlUnit) -> None:
        self._unit = unit

    def find_or_make(self, identity: Identity) -> AccountId:
        """The account of this issuer and subject together, made once even when two ask at the same moment."""
        wanted = select(account.c.id).where(
            account.c.issuer == identity.issuer, account.c.subject == identity.subject
        )
        known = self._unit.reader.execute(wanted).scalar_one_or_none()
        if known is not None:
            return AccountId(known)
        made = upsert(self._unit.database, account).on_conflict_do_nothing(
            index_elements=["issuer", "subject"]
        )
        values = {
            "id": secrets.token_urlsafe(_ID_BYTES),
            "issuer": identity.issuer,
            "subject": identity.subject,
            "made_at": identity.authenticated_at,
        }
        with self._unit.trace() as connection:
            connection.execute(made, values)
            return AccountId(connection.execute(wanted).scalar_one())

    def language_of(self, wanted: AccountId) -> str | None:
        """The BCP 47 tag last saved; None when none was or the account is unknown."""
        chosen = select(account.c.language).where(account.c.id == wanted)
        return self._unit.reader.execute(chosen).scalar_one_or_none()

    def save_language(self, wanted: AccountId, tag: str) -> None:
        with self._unit.trace() as connection:
            connection.execute(update(account).where(account.c.id == wanted).values(language=tag))
