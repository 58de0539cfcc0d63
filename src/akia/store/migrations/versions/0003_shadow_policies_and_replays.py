"""Policies that are only tried: shadow policies, replays, and what came of them."""

from __future__ import annotations

from alembic.op import create_index, create_table
from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Integer, PrimaryKeyConstraint, Text, UniqueConstraint

revision = "0003"
down_revision = "0002"


def _text(*names: str) -> list[Column[str]]:
    return [Column(name, Text(), nullable=False) for name in names]


def _number(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger(), nullable=False) for name in names]


def upgrade() -> None:
    create_table(
        "shadow_policies",
        *_text("id", "account", "target", "name"),
        *_number("created"),
        *_text("policy", "document", "replaces"),
        PrimaryKeyConstraint("id", name="pk_shadow_policies"),
        ForeignKeyConstraint(["target"], ["identities.id"], name="fk_shadow_policies_target", ondelete="CASCADE"),
        UniqueConstraint("target", "name", name="uq_shadow_policies_target_name"),
        sqlite_with_rowid=False,
    )
    create_index("ix_shadow_policies_account", "shadow_policies", ["account"])
    create_table(
        "shadow_findings",
        *_text("shadow_id"),
        *_number("at_ms"),
        *_text("event_id"),
        Column("place", Integer(), nullable=False),
        *_text("principal", "action", "resource", "enforced", "shadow", "statements"),
        PrimaryKeyConstraint("shadow_id", "at_ms", "event_id", "place", name="pk_shadow_findings"),
        ForeignKeyConstraint(["shadow_id"], ["shadow_policies.id"], name="fk_shadow_findings_shadow_id", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    create_table(
        "replays",
        *_text("id", "account"),
        *_number("started"),
        *_text("document", "replaces", "principal", "principal_id"),
        *_number("start_ms", "end_ms"),
        *_text("status"),
        *_number("ended"),
        *_text("position"),
        *_number("total", "examined", "decisions", "unanswerable", "outdated", "newly_allowed", "newly_denied"),
        PrimaryKeyConstraint("id", name="pk_replays"),
        sqlite_with_rowid=False,
    )
    create_index("ix_replays_account_started", "replays", ["account", "started"])
    create_index("ix_replays_status", "replays", ["status"])
    create_table(
        "replay_results",
        *_text("replay_id"),
        *_number("at_ms"),
        *_text("event_id"),
        Column("place", Integer(), nullable=False),
        *_text("principal", "action", "resource", "recorded", "current", "drafted", "statements"),
        PrimaryKeyConstraint("replay_id", "at_ms", "event_id", "place", name="pk_replay_results"),
        ForeignKeyConstraint(["replay_id"], ["replays.id"], name="fk_replay_results_replay_id", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
