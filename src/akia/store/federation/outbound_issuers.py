"""Accounts as issuers of web identity tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.identity.outbound_issuer import OutboundIssuer
from akia.store.core import fed, p, sa, upsert
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.connection import Connection, Row

_COLUMNS = ("account", "id", "created", "enabled")


def _select() -> sa.Select[tuple[str, str, int, int]]:
    return sa.select(*(fed.outbound_issuers.c[name] for name in _COLUMNS))


_OF = Query("outbound_issuers.of", lambda: _select().where(fed.outbound_issuers.c.account == p("account")))
_WITH_ID = Query("outbound_issuers.with_id", lambda: _select().where(fed.outbound_issuers.c.id == p("id")))
_PUT = Query("outbound_issuers.put", lambda: upsert(fed.outbound_issuers, ("account",), "enabled"))


class OutboundIssuers:
    """Nothing in memory depends on these rows, so no change is announced."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, account: str) -> OutboundIssuer | None:
        """The account as an issuer, enabled or not; None if it never was one."""
        row = self._connection.row(_OF, account=account)
        return _value(row) if row else None

    def with_id(self, issuer_id: str) -> OutboundIssuer | None:
        row = self._connection.row(_WITH_ID, id=issuer_id)
        return _value(row) if row else None

    def put(self, issuer: OutboundIssuer) -> None:
        """Adds the account, or changes whether it is enabled; its id stays."""
        self._connection.run(_PUT, account=issuer.account, id=issuer.id, created=issuer.created, enabled=int(issuer.enabled))


def _value(row: Row) -> OutboundIssuer:
    account, issuer_id, created, enabled = row
    return OutboundIssuer(account, issuer_id, created, bool(enabled))
