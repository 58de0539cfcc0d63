"""Channels, by id; one of a name in an account and region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from akia.identity.channel import Channel, Ingestion
from akia.store.core import channels, p, sa
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.connection import Connection, Row

_COLUMNS = ("id", "account", "region", "name", "source", "created", "destinations", "tags", "ingestion")


def _channels(*conditions: Any) -> sa.Select[Any]:
    t = channels.channels.c
    return sa.select(*(t[name] for name in _COLUMNS)).where(*conditions).order_by(t.account, t.region, t.name)


def _this() -> Any:
    return channels.channels.c.id == p("channel")


_ADD = Query("channels.add", lambda: sa.insert(channels.channels))
_GET = Query("channels.get", lambda: _channels(_this()))
_OF = Query("channels.of", lambda: _channels(channels.channels.c.account == p("account"), channels.channels.c.region == p("region")))
_REPLACE = Query(
    "channels.replace",
    lambda: (
        sa.update(channels.channels)
        .where(_this())
        .values(name=p("new_name"), destinations=p("new_destinations"), tags=p("new_tags"), ingestion=p("new_ingestion"))
    ),
)
_DELETE = Query("channels.delete", lambda: sa.delete(channels.channels).where(_this()))


class Channels:
    """Nothing that is kept in memory depends on them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, channel: Channel) -> None:
        """Raises NameTaken or IdTaken if the account has one of this name in the region."""
        columns: dict[str, Any] = {name: getattr(channel, name) for name in _COLUMNS}
        self._connection.run(_ADD, **columns | _texts(channel))

    def get(self, channel_id: str) -> Channel | None:
        row = self._connection.row(_GET, channel=channel_id)
        return _channel(row) if row else None

    def of(self, account: str, region: str) -> list[Channel]:
        """The account's in a region, by name."""
        return [_channel(row) for row in self._connection.rows(_OF, account=account, region=region)]

    def replace(self, channel: Channel) -> None:
        """Writes everything but its id, its home, its source and when it was made. Raises NameTaken."""
        texts = {f"new_{name}": text for name, text in _texts(channel).items()}
        self._connection.run(_REPLACE, channel=channel.id, new_name=channel.name, **texts)

    def delete(self, channel_id: str) -> None:
        self._connection.run(_DELETE, channel=channel_id)


def _texts(channel: Channel) -> dict[str, str]:
    return {name: orjson.dumps(getattr(channel, name)).decode() for name in ("destinations", "tags", "ingestion")}


def _channel(row: Row) -> Channel:
    *columns, destinations, tags, ingestion = row
    plain = dict(zip(_COLUMNS, columns, strict=False))
    return Channel(
        **plain, destinations=tuple(orjson.loads(destinations)), tags=orjson.loads(tags), ingestion=Ingestion(**orjson.loads(ingestion))
    )
