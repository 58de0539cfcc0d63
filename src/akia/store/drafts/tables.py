"""Tables of shadow policies and replays. The columns of each stand in the order of its value's fields."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from akia.store.tables import METADATA


def _key(name: str) -> Column[str]:
    return Column(name, Text, primary_key=True)


def _text(*names: str) -> list[Column[str]]:
    return [Column(name, Text, nullable=False) for name in names]


def _number(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False) for name in names]


shadow_policies = Table(
    "shadow_policies",
    METADATA,
    _key("id"),
    Column("account", Text, nullable=False, index=True),
    Column("target", Text, ForeignKey("identities.id", ondelete="CASCADE"), nullable=False),
    *_text("name"),
    *_number("created"),
    *_text("policy", "document", "replaces"),
    UniqueConstraint("target", "name"),
    sqlite_with_rowid=False,
)
"""They keep nobody from being deleted, and go with whom they stand on."""

shadow_findings = Table(
    "shadow_findings",
    METADATA,
    Column("shadow_id", Text, ForeignKey("shadow_policies.id", ondelete="CASCADE"), primary_key=True),
    Column("at_ms", BigInteger, primary_key=True),
    _key("event_id"),
    Column("place", Integer, primary_key=True),
    *_text("principal", "action", "resource", "enforced", "shadow", "statements"),
    sqlite_with_rowid=False,
)
"""An index of the decision records; the row is its own key, so writing it twice is writing it once."""

replays = Table(
    "replays",
    METADATA,
    _key("id"),
    *_text("account"),
    *_number("started"),
    *_text("document", "replaces", "principal", "principal_id"),
    *_number("start_ms", "end_ms"),
    Column("status", Text, nullable=False, index=True),
    *_number("ended"),
    *_text("position"),
    *_number("total", "examined", "decisions", "unanswerable", "outdated", "newly_allowed", "newly_denied"),
    Index(None, "account", "started"),
    sqlite_with_rowid=False,
)

replay_results = Table(
    "replay_results",
    METADATA,
    Column("replay_id", Text, ForeignKey("replays.id", ondelete="CASCADE"), primary_key=True),
    Column("at_ms", BigInteger, primary_key=True),
    _key("event_id"),
    Column("place", Integer, primary_key=True),
    *_text("principal", "action", "resource", "recorded", "current", "drafted", "statements"),
    sqlite_with_rowid=False,
)
