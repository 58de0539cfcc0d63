"""How long access keys live, by whom a rule is for: an organization, an account, a group, a user, a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from akia.aws.ids import Prefix
from akia.identity.key_lifetime import KeyLifetime, LifetimeMode
from akia.store.changes import EVERYTHING
from akia.store.core import iam, keys, limited, p, sa, upsert
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.sql import Select

    from akia.store.changes import Changes
    from akia.store.connection import Connection, Row

_RULE = ("mode", "days", "grace_days", "warn_days")
_ORGANIZATION = "o-"


class StoredLifetime(NamedTuple):
    """`target` is the id of whom the rule is for."""

    target: str
    lifetime: KeyLifetime


def _select() -> Select[tuple[str, str, int, int, int]]:
    return sa.select(keys.key_lifetimes.c.target, *(keys.key_lifetimes.c[name] for name in _RULE))


def _concerning() -> Select[tuple[str, str, int, int, int]]:
    target, memberships = keys.key_lifetimes.c.target, iam.memberships.c
    groups = sa.select(memberships.group_id).where(memberships.user_id == p("user"))
    return _select().where(sa.or_(target.in_([p("key"), p("user"), p("account"), p("organization")]), target.in_(groups)))


_GET = Query("key_lifetimes.get", lambda: _select().where(keys.key_lifetimes.c.target == p("target")))
_PUT = Query("key_lifetimes.put", lambda: upsert(keys.key_lifetimes, ("target",), *_RULE))
_DELETE = Query("key_lifetimes.delete", lambda: sa.delete(keys.key_lifetimes).where(keys.key_lifetimes.c.target == p("target")))
_PAGE = Query(
    "key_lifetimes.page",
    lambda: limited(
        _select()
        .where(keys.key_lifetimes.c.account == p("account"), keys.key_lifetimes.c.target > p("after"))
        .order_by(keys.key_lifetimes.c.target)
    ),
)
_CONCERNING = Query("key_lifetimes.concerning", _concerning)


class KeyLifetimes:
    """Subjects of changes: key, user and group ids; `acct:` and the account's id; for an organization everybody (EVERYTHING)."""

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection = connection
        self._changes = changes

    def get(self, target: str) -> KeyLifetime | None:
        row = self._connection.row(_GET, target=target)
        return _stored(row).lifetime if row else None

    def put(self, account: str, target: str, lifetime: KeyLifetime) -> None:
        """In place of the rule that was there. Raises StillReferred if there is no such target."""
        kinds = {name: target if name == _kind(target) else None for name in ("identity_id", "key_id", "organization_id")}
        rule = {"mode": lifetime.mode.value, "days": lifetime.days, "grace_days": lifetime.grace_days, "warn_days": lifetime.warn_days}
        self._connection.run(_PUT, target=target, account=account, **kinds, **rule)
        self._changes.add(_subject(target))

    def delete(self, target: str) -> bool:
        """Whether there was one."""
        found = self._connection.run(_DELETE, target=target) > 0
        if found:
            self._changes.add(_subject(target))
        return found

    def page(self, account: str, after: str | None = None, limit: int = 100) -> list[StoredLifetime]:
        """At most `limit` of the rules that the account has made, by target."""
        return [_stored(row) for row in self._connection.rows(_PAGE, account=account, after=after or "", limit=limit)]

    def concerning(self, *, key: str, user: str, account: str, organization: str) -> Mapping[str, KeyLifetime]:
        """By target, every rule for a key, its user, the user's groups, its account and its organization ("" for none)."""
        rows = self._connection.rows(_CONCERNING, key=key, user=user, account=account, organization=organization)
        return dict(map(_stored, rows))


def _kind(target: str) -> str:
    """The column that says what a target is; "" for an account."""
    if target.startswith((Prefix.USER, Prefix.GROUP)):
        return "identity_id"
    if target.startswith(Prefix.ACCESS_KEY):
        return "key_id"
    return "organization_id" if target.startswith(_ORGANIZATION) else ""


def _subject(target: str) -> str:
    if target.startswith(_ORGANIZATION):
        return EVERYTHING
    return f"acct:{target}" if not _kind(target) else target


def _stored(row: Row) -> StoredLifetime:
    target, mode, days, grace_days, warn_days = row
    return StoredLifetime(target, KeyLifetime(LifetimeMode(mode), days, grace_days, warn_days))
