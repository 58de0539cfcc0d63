"""All access keys of an account in one list, each with what is known about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.identity.key_attributes import SAYS_NOTHING
from akia.identity.key_calls import KeyUse
from akia.identity.listed_key import ListedKey
from akia.store.core import iam, keys, limited, p, sa, trail
from akia.store.iam import tags
from akia.store.iam.access_keys import AccessKeys
from akia.store.iam.key_attributes import COLUMNS, attributes_of
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.connection import Connection, Row

_KEY = ("account", "id", "user_id", "created", "status", "number")
_ATTRIBUTES = slice(8, 8 + len(COLUMNS))
_USE = slice(_ATTRIBUTES.stop, None)


def _keys() -> sa.Select[Any]:
    key, user, said, used = iam.access_keys, iam.users, keys.key_attributes, trail.key_uses
    columns = [
        *(key.c[name] for name in _KEY),
        user.c.name,
        user.c.tags,
        *(said.c[name] for name in COLUMNS),
        *(used.c[name] for name in KeyUse._fields[1:]),
    ]
    columns.insert(_USE.start, used.c.at)
    joined = key.outerjoin(user, user.c.id == key.c.user_id).outerjoin(said, said.c.key_id == key.c.id)
    return sa.select(*columns).select_from(joined.outerjoin(used, used.c.access_key_id == key.c.id)).where(key.c.account == p("account"))


_PAGE = Query(
    "key_listing.page",
    lambda: limited(_keys().where(iam.access_keys.c.number > p("after")).order_by(iam.access_keys.c.number)),
)
_ONE = Query("key_listing.one", lambda: _keys().where(iam.access_keys.c.id == p("id")))


class KeyListing:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, account: str, after: int, limit: int) -> list[ListedKey]:
        """At most `limit` keys behind the one with the number `after`, those of the root user among them."""
        return [_listed(row) for row in self._connection.rows(_PAGE, account=account, after=after, limit=limit)]

    def one(self, account: str, key_id: str) -> ListedKey | None:
        """The key `key_id`, if it is one of the account."""
        row = self._connection.row(_ONE, account=account, id=key_id)
        return _listed(row) if row else None


def _listed(row: Row) -> ListedKey:
    said, used = row[_ATTRIBUTES], row[_USE]
    return ListedKey(
        AccessKeys.value_of(row[:5]),
        number=row[5],
        user=row[6],
        user_tags=tags.from_text(row[7] or "{}"),
        attributes=attributes_of(said) if said[0] is not None else SAYS_NOTHING,
        used=KeyUse(*used) if used[0] is not None else None,
    )
