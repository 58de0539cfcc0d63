"""The first schema."""

from __future__ import annotations

from alembic.op import create_index, create_table
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)

revision = "0001"
down_revision = None


def upgrade() -> None:
    _own()
    _iam()
    _trail()


def _own() -> None:
    create_table(
        "accounts",
        Column("id", Text(), nullable=False),
        Column("name", Text(), nullable=False),
        Column("created", BigInteger(), nullable=False),
        Column("alias", Text()),
        PrimaryKeyConstraint("id", name="pk_accounts"),
        UniqueConstraint("alias", name="uq_accounts_alias"),
        sqlite_with_rowid=False,
    )
    create_table(
        "changes",
        Column("id", Integer(), nullable=False),
        Column("at", BigInteger(), nullable=False),
        Column("subject", Text(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_changes"),
        sqlite_autoincrement=True,
    )
    create_table(
        "data_keys",
        Column("id", LargeBinary(), nullable=False),
        Column("purpose", Text(), nullable=False),
        Column("created", BigInteger(), nullable=False),
        Column("wrapped", LargeBinary(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_data_keys"),
        sqlite_with_rowid=False,
    )
    create_table(
        "journal_positions",
        Column("journal", Text(), nullable=False),
        Column("position", BigInteger(), nullable=False),
        PrimaryKeyConstraint("journal", name="pk_journal_positions"),
        sqlite_with_rowid=False,
    )
    create_table(
        "outbox",
        Column("id", Integer(), nullable=False),
        Column("payload", LargeBinary(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    create_table(
        "revoked_sessions",
        Column("session_id", Text(), nullable=False),
        Column("expires", BigInteger(), nullable=False),
        PrimaryKeyConstraint("session_id", name="pk_revoked_sessions"),
        sqlite_with_rowid=False,
    )
    create_index("ix_revoked_sessions_expires", "revoked_sessions", ["expires"])


def _iam() -> None:
    create_table(
        "managed_policies",
        Column("id", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("name", Text(), nullable=False),
        Column("name_key", Text(), nullable=False),
        Column("path", Text(), nullable=False),
        Column("created", BigInteger(), nullable=False),
        Column("updated", BigInteger(), nullable=False),
        Column("default_version", Text(), nullable=False),
        Column("latest_version", Integer(), nullable=False),
        Column("description", Text(), nullable=False),
        Column("tags", Text(), nullable=False),
        Column("arn", Text(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_managed_policies"),
        UniqueConstraint("account", "name_key", name="uq_managed_policies_account_name_key"),
        UniqueConstraint("arn", name="uq_managed_policies_arn"),
        sqlite_with_rowid=False,
    )
    create_table(
        "identities",
        Column("id", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_identities_account"),
        PrimaryKeyConstraint("id", name="pk_identities"),
        sqlite_with_rowid=False,
    )
    create_table(
        "policy_versions",
        Column("policy_id", Text(), nullable=False),
        Column("version", Text(), nullable=False),
        Column("document", Text(), nullable=False),
        Column("created", BigInteger(), nullable=False),
        ForeignKeyConstraint(["policy_id"], ["managed_policies.id"], name="fk_policy_versions_policy_id", ondelete="CASCADE"),
        PrimaryKeyConstraint("policy_id", "version", name="pk_policy_versions"),
        sqlite_with_rowid=False,
    )
    create_table(
        "attachments",
        Column("identity_id", Text(), nullable=False),
        Column("policy_id", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        ForeignKeyConstraint(["identity_id"], ["identities.id"], name="fk_attachments_identity_id"),
        ForeignKeyConstraint(["policy_id"], ["managed_policies.id"], name="fk_attachments_policy_id"),
        PrimaryKeyConstraint("identity_id", "policy_id", name="pk_attachments"),
        sqlite_with_rowid=False,
    )
    create_index("ix_attachments_policy_id_account", "attachments", ["policy_id", "account"])
    create_table(
        "groups",
        Column("id", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("name", Text(), nullable=False),
        Column("name_key", Text(), nullable=False),
        Column("path", Text(), nullable=False),
        Column("created", BigInteger(), nullable=False),
        ForeignKeyConstraint(["id"], ["identities.id"], name="fk_groups_id", ondelete="CASCADE"),
        PrimaryKeyConstraint("id", name="pk_groups"),
        UniqueConstraint("account", "name_key", name="uq_groups_account_name_key"),
        sqlite_with_rowid=False,
    )
    create_table(
        "inline_policies",
        Column("identity_id", Text(), nullable=False),
        Column("name", Text(), nullable=False),
        Column("document", Text(), nullable=False),
        Column("length", Integer(), nullable=False),
        Column("created", BigInteger(), nullable=False),
        ForeignKeyConstraint(["identity_id"], ["identities.id"], name="fk_inline_policies_identity_id"),
        PrimaryKeyConstraint("identity_id", "name", name="pk_inline_policies"),
        sqlite_with_rowid=False,
    )
    create_table(
        "roles",
        Column("id", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("name", Text(), nullable=False),
        Column("name_key", Text(), nullable=False),
        Column("path", Text(), nullable=False),
        Column("created", BigInteger(), nullable=False),
        Column("trust", Text(), nullable=False),
        Column("description", Text(), nullable=False),
        Column("max_session_seconds", Integer(), nullable=False),
        Column("tags", Text(), nullable=False),
        Column("boundary", Text()),
        ForeignKeyConstraint(["id"], ["identities.id"], name="fk_roles_id", ondelete="CASCADE"),
        PrimaryKeyConstraint("id", name="pk_roles"),
        UniqueConstraint("account", "name_key", name="uq_roles_account_name_key"),
        sqlite_with_rowid=False,
    )
    create_index("ix_roles_boundary", "roles", ["boundary"])
    create_table(
        "users",
        Column("id", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("name", Text(), nullable=False),
        Column("name_key", Text(), nullable=False),
        Column("path", Text(), nullable=False),
        Column("created", BigInteger(), nullable=False),
        Column("tags", Text(), nullable=False),
        Column("boundary", Text()),
        ForeignKeyConstraint(["id"], ["identities.id"], name="fk_users_id", ondelete="CASCADE"),
        PrimaryKeyConstraint("id", name="pk_users"),
        UniqueConstraint("account", "name_key", name="uq_users_account_name_key"),
        sqlite_with_rowid=False,
    )
    create_index("ix_users_boundary", "users", ["boundary"])
    create_table(
        "access_keys",
        Column("id", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("user_id", Text()),
        Column("created", BigInteger(), nullable=False),
        Column("status", Text(), nullable=False),
        Column("sealed", LargeBinary(), nullable=False),
        ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_access_keys_account"),
        ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_access_keys_user_id"),
        PrimaryKeyConstraint("id", name="pk_access_keys"),
        sqlite_with_rowid=False,
    )
    create_index("ix_access_keys_root", "access_keys", ["account"], sqlite_where=text("user_id IS NULL"))
    create_index("ix_access_keys_user_id", "access_keys", ["user_id"])
    create_table(
        "memberships",
        Column("user_id", Text(), nullable=False),
        Column("group_id", Text(), nullable=False),
        ForeignKeyConstraint(["group_id"], ["groups.id"], name="fk_memberships_group_id"),
        ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_memberships_user_id"),
        PrimaryKeyConstraint("user_id", "group_id", name="pk_memberships"),
        sqlite_with_rowid=False,
    )
    create_index("ix_memberships_group_id", "memberships", ["group_id"])


def _trail() -> None:
    create_table(
        "event_resources",
        Column("account", Text(), nullable=False),
        Column("name", Text(), nullable=False),
        Column("at_ms", BigInteger(), nullable=False),
        Column("event_id", Text(), nullable=False),
        Column("type", Text(), nullable=False),
        PrimaryKeyConstraint("account", "name", "at_ms", "event_id", "type", name="pk_event_resources"),
        sqlite_with_rowid=False,
    )
    create_index("ix_event_resources_account_type_at_ms", "event_resources", ["account", "type", "at_ms"])
    create_table(
        "events",
        Column("event_id", Text(), nullable=False),
        Column("request_id", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("at_ms", BigInteger(), nullable=False),
        Column("name", Text(), nullable=False),
        Column("source", Text(), nullable=False),
        Column("username", Text(), nullable=False),
        Column("access_key_id", Text(), nullable=False),
        Column("verified", Integer(), nullable=False),
        Column("read_only", Integer(), nullable=False),
        Column("error_code", Text(), nullable=False),
        Column("region", Text(), nullable=False),
        Column("record", Text(), nullable=False),
        Column("decision", Text(), nullable=False),
        Column("resources", Text(), nullable=False),
        UniqueConstraint("event_id", name="uq_events_event_id"),
    )
    create_index("ix_events_account_access_key_id_at_ms", "events", ["account", "access_key_id", "at_ms"])
    create_index("ix_events_account_at_ms_source_read_only", "events", ["account", "at_ms", "source", "read_only"])
    create_index("ix_events_account_name_at_ms", "events", ["account", "name", "at_ms"])
    create_index("ix_events_account_username_at_ms", "events", ["account", "username", "at_ms"])
    create_index("ix_events_request_id", "events", ["request_id"])
    create_table(
        "key_uses",
        Column("access_key_id", Text(), nullable=False),
        Column("at", BigInteger(), nullable=False),
        Column("service", Text(), nullable=False),
        Column("region", Text(), nullable=False),
        PrimaryKeyConstraint("access_key_id", name="pk_key_uses"),
        sqlite_with_rowid=False,
    )
