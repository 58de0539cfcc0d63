"""The table of delegation requests. Its columns stand in the order of the value's fields. Times are in epoch seconds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint

from akia.store.tables import METADATA


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _time(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


delegation_requests = Table(
    "delegation_requests",
    METADATA,
    Column("id", Text, primary_key=True),
    _text("requestor"),
    _text("workflow"),
    # whose access is asked for: "" while nobody has said, and perhaps no account of this installation
    _text("owner_account"),
    _text("description"),
    _text("message"),
    _text("template"),
    _text("parameters"),
    _text("policy"),
    _text("redirect"),
    _text("channel"),
    Column("seconds", Integer, nullable=False),
    Column("only_by_owner", Integer, nullable=False),
    _text("state"),
    _time("created"),
    _time("since"),
    _time("updated"),
    _text("owner"),
    _text("owner_arn"),
    _text("notes"),
    _text("reason"),
    _text("approver"),
    _time("sent"),
    Column("token_hash", Text, nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
    UniqueConstraint("requestor", "workflow"),
    Index(None, "owner_account", "id"),
    sqlite_with_rowid=False,
)
