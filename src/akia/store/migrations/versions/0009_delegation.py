"""Delegation requests, what accounts have settled for themselves, and centralized root access."""

from __future__ import annotations

from alembic.op import create_index, create_table
from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Integer, LargeBinary, PrimaryKeyConstraint, Text, UniqueConstraint

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    texts = ("requestor", "workflow", "owner_account", "description", "message", "template", "parameters", "policy", "redirect", "channel")
    create_table(
        "delegation_requests",
        Column("id", Text(), nullable=False),
        *(Column(name, Text(), nullable=False) for name in texts),
        Column("seconds", Integer(), nullable=False),
        Column("only_by_owner", Integer(), nullable=False),
        Column("state", Text(), nullable=False),
        *(Column(name, BigInteger(), nullable=False) for name in ("created", "since", "updated")),
        *(Column(name, Text(), nullable=False) for name in ("owner", "owner_arn", "notes", "reason", "approver")),
        Column("sent", BigInteger(), nullable=False),
        Column("token_hash", Text(), nullable=False),
        Column("sealed", LargeBinary(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_delegation_requests"),
        UniqueConstraint("requestor", "workflow", name="uq_delegation_requests_requestor_workflow"),
        sqlite_with_rowid=False,
    )
    create_index("ix_delegation_requests_owner_account_id", "delegation_requests", ["owner_account", "id"])
    create_index("ix_delegation_requests_token_hash", "delegation_requests", ["token_hash"])
    create_table(
        "account_properties",
        Column("account", Text(), nullable=False),
        Column("name", Text(), nullable=False),
        Column("value", Text(), nullable=False),
        PrimaryKeyConstraint("account", "name", name="pk_account_properties"),
        ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_account_properties_account_accounts"),
        sqlite_with_rowid=False,
    )
    create_table(
        "token_preferences",
        Column("account", Text(), nullable=False),
        Column("version", Integer(), nullable=False),
        PrimaryKeyConstraint("account", name="pk_token_preferences"),
        ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_token_preferences_account_accounts"),
        sqlite_with_rowid=False,
    )
    create_table(
        "root_features",
        Column("organization", Text(), nullable=False),
        Column("feature", Text(), nullable=False),
        Column("enabled", BigInteger(), nullable=False),
        PrimaryKeyConstraint("organization", "feature", name="pk_root_features"),
        ForeignKeyConstraint(
            ["organization"], ["organizations.id"], name="fk_root_features_organization_organizations", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
