"""Delegation requests, and the tokens that are sent for them: kept as a hash, to be found by, and sealed, to be fetched once sent."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from typing import TYPE_CHECKING

from akia.identity.delegation_request import DelegationRequest
from akia.keyring import Keyring, Purpose
from akia.store.core import delegation, limited, p, sa
from akia.store.organizations.records import Records, Repository

if TYPE_CHECKING:
    from akia.store.changes import Changes
    from akia.store.connection import Connection

_FIXED = ("id", "requestor", "workflow", "created")
_CHANGING = tuple(field.name for field in fields(DelegationRequest) if field.name not in _FIXED)

_RECORDS = Records("delegation_requests", lambda: delegation.delegation_requests, DelegationRequest, "id")
_REPLACE = _RECORDS.update(*_CHANGING)
_PAGE = _RECORDS.query(
    "page",
    lambda t: limited(
        sa.select(t)
        .where(t.c.owner_account == p("owner_account"), t.c.owner != sa.literal_column("''"))
        .where(p("owner_arn").is_(None) | (t.c.owner_arn == p("owner_arn")))
        .where(t.c.id > p("after"))
        .order_by(t.c.id)
    ),
)
_OF_WORKFLOW = _RECORDS.query("of_workflow", lambda t: sa.select(t).where(t.c.requestor == p("requestor"), t.c.workflow == p("workflow")))
_SINCE = _RECORDS.query("since", lambda t: sa.select(sa.func.count()).where(t.c.requestor == p("requestor"), t.c.since > p("since")))
_WITH_HASH = _RECORDS.query("with_hash", lambda t: sa.select(t).where(t.c.token_hash == p("token_hash")))
_REDEEM = _RECORDS.query(
    "redeem",
    lambda t: (
        sa.update(t)
        .where(t.c.id == p("request"), t.c.token_hash == p("held"))
        .values(token_hash=sa.literal_column("''"), sealed=sa.literal_column("x''"))
    ),
)
_FORGET = _RECORDS.query("forget", lambda t: sa.delete(t).where(t.c.requestor == p("requestor"), t.c.since < p("before")))


class DelegationRequests(Repository[DelegationRequest]):
    """Nothing that is kept in memory depends on them: delegated credentials stand on their approver."""

    records = _RECORDS

    def __init__(self, connection: Connection, changes: Changes, keyring: Keyring) -> None:
        super().__init__(connection, changes)
        self._keyring = keyring

    def of_workflow(self, requestor: str, workflow: str) -> DelegationRequest | None:
        return self._one(_OF_WORKFLOW, requestor=requestor, workflow=workflow)

    def changed_since(self, requestor: str, since: int) -> int:
        """How many of the requestor's requests have come into their state after `since` (epoch seconds)."""
        return self._connection.count(_SINCE, requestor=requestor, since=since)

    def page(self, owner_account: str, owner_arn: str | None, after: str | None, limit: int) -> list[DelegationRequest]:
        """At most `limit` requests that an identity of the account owns, or that the one with this ARN does, by id."""
        return self._page(_PAGE, after, limit, owner_account=owner_account, owner_arn=owner_arn)

    def replace(self, request: DelegationRequest) -> None:
        """Writes everything that may change."""
        self._replace(_REPLACE, request)

    def send(self, request: DelegationRequest, token: str) -> None:
        """Writes the request with its trade-in token, sealed to the row."""
        sealed = self._keyring.seal(Purpose.SECRETS, token.encode("ascii"), additional=_row_name(request.id))
        self.replace(replace(request, token_hash=_hash(token), sealed=sealed))

    def token_of(self, request: DelegationRequest) -> str | None:
        """The token that was sent, in the clear; None if there is none any more. Raises Unsealable if the row was tampered with."""
        if not request.sealed:
            return None
        return self._keyring.unseal(Purpose.SECRETS, request.sealed, additional=_row_name(request.id)).decode("ascii")

    def with_token(self, token: str) -> DelegationRequest | None:
        """The request that the token was sent for, unless it was redeemed."""
        return self._one(_WITH_HASH, token_hash=_hash(token))

    def redeem(self, request: DelegationRequest) -> bool:
        """Uses up the token; whether it was still there."""
        return self._connection.run(_REDEEM, request=request.id, held=request.token_hash) > 0

    def forget(self, requestor: str, before: int) -> None:
        """Deletes the requestor's requests that came into their state before `before` (epoch seconds)."""
        self._connection.run(_FORGET, requestor=requestor, before=before)


def _hash(token: str) -> str:
    """Tokens are random and long, so a plain hash is enough: it cannot be guessed back."""
    return hashlib.sha256(token.encode()).hexdigest()


def _row_name(request_id: str) -> bytes:
    return f"delegation_requests\0{request_id}".encode()
