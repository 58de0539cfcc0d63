"""What access keys say of themselves: rows beside the keys, which go with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.identity.key_attributes import NAMES, SAYS_NOTHING, KeyAttributes
from akia.store.core import keys, p, sa, upsert
from akia.store.iam import tags
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.store.connection import Connection

COLUMNS = (*NAMES, "tags")

_GET = Query(
    "key_attributes.get",
    lambda: sa.select(*(keys.key_attributes.c[name] for name in COLUMNS)).where(keys.key_attributes.c.key_id == p("key_id")),
)
_PUT = Query("key_attributes.put", lambda: upsert(keys.key_attributes, ("key_id",), *COLUMNS))


class KeyAttributesOfKeys:
    """Nothing that is kept in memory depends on them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, key_id: str) -> KeyAttributes:
        """What the key says of itself: nothing if there is no such key."""
        row = self._connection.row(_GET, key_id=key_id)
        return attributes_of(row) if row else SAYS_NOTHING

    def put(self, key_id: str, attributes: KeyAttributes) -> None:
        """Raises StillReferred if there is no such key."""
        values = {name: getattr(attributes, name) for name in NAMES}
        self._connection.run(_PUT, key_id=key_id, **values, tags=tags.to_text(attributes.tags))


def attributes_of(row: Sequence[str]) -> KeyAttributes:
    """The value in a row of COLUMNS."""
    description, owner, purpose, environment, ticket, tag_text = row
    return KeyAttributes(description, owner, purpose, environment, ticket, tags.from_text(tag_text))
