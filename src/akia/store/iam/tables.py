"""IAM's tables. `name_key` is the name in lower case: names are unique without regard to case and keep their case (P5.4-21)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text

from akia.store.tables import METADATA

identities = Table(
    "identities",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    sqlite_with_rowid=False,
)
"""Whatever policies stand on. Each user, group and role has a row here, so that attachments and inline policies refer to one thing.

Deleting this row deletes the user, group or role, in one statement that refuses while anything refers to either.
"""


def _named(table: str, *more: Column[str] | Column[int] | Column[str | None]) -> Table:
    return Table(
        table,
        METADATA,
        Column("id", Text, ForeignKey("identities.id", ondelete="CASCADE"), primary_key=True),
        Column("account", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("name_key", Text, nullable=False),
        Column("path", Text, nullable=False),
        Column("created", BigInteger, nullable=False),
        *more,
        UniqueConstraint("account", "name_key"),
        sqlite_with_rowid=False,
    )


users = _named("users", Column("tags", Text, nullable=False), Column("boundary", Text, index=True))
groups = _named("groups")
roles = _named(
    "roles",
    Column("trust", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("max_session_seconds", Integer, nullable=False),
    Column("tags", Text, nullable=False),
    Column("boundary", Text, index=True),
)

instance_profiles = Table(
    "instance_profiles",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("tags", Text, nullable=False),
    # NULL for an empty one; a role in a profile cannot be deleted
    Column("role_id", Text, ForeignKey("roles.id"), index=True),
    UniqueConstraint("account", "name_key"),
    sqlite_with_rowid=False,
)
"""No identities: no policy stands on them."""

role_deletions = Table(
    "role_deletions",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("asked", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("usages", Text, nullable=False),
    sqlite_with_rowid=False,
)
"""What became of requests to delete service-linked roles; `usages` is JSON. They outlive the roles."""

memberships = Table(
    "memberships",
    METADATA,
    Column("user_id", Text, ForeignKey("users.id"), primary_key=True),
    Column("group_id", Text, ForeignKey("groups.id"), primary_key=True, index=True),
    sqlite_with_rowid=False,
)

access_keys = Table(
    "access_keys",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    # NULL for keys of the root user
    Column("user_id", Text, ForeignKey("users.id"), index=True),
    Column("created", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    # within the account, in the order in which keys are made: seconds are too coarse for that
    Column("number", Integer, nullable=False, server_default=text("0")),
    Index(None, "account", "number", unique=True),
    sqlite_with_rowid=False,
)
Index("ix_access_keys_root", access_keys.c.account, sqlite_where=text("user_id IS NULL"))

managed_policies = Table(
    "managed_policies",
    METADATA,
    Column("id", Text, primary_key=True),
    # "aws" for those of AWS: therefore no foreign key
    Column("account", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("default_version", Text, nullable=False),
    Column("latest_version", Integer, nullable=False),
    Column("description", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("arn", Text, nullable=False, unique=True),
    UniqueConstraint("account", "name_key"),
    sqlite_with_rowid=False,
)

policy_versions = Table(
    "policy_versions",
    METADATA,
    Column("policy_id", Text, ForeignKey("managed_policies.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Text, primary_key=True),
    Column("document", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

attachments = Table(
    "attachments",
    METADATA,
    Column("identity_id", Text, ForeignKey("identities.id"), primary_key=True),
    Column("policy_id", Text, ForeignKey("managed_policies.id"), primary_key=True),
    # whose identity it is: AWS's policies are attached in many accounts
    Column("account", Text, nullable=False),
    Index(None, "policy_id", "account"),
    sqlite_with_rowid=False,
)

inline_policies = Table(
    "inline_policies",
    METADATA,
    Column("identity_id", Text, ForeignKey("identities.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("document", Text, nullable=False),
    # characters that are not white space, which is what the quotas count (P5.4-15)
    Column("length", Integer, nullable=False),
    Column("created", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

credential_reports = Table(
    "credential_reports",
    METADATA,
    Column("account", Text, ForeignKey("accounts.id"), primary_key=True),
    Column("generated", BigInteger, nullable=False),
    Column("content", Text, nullable=False),
    sqlite_with_rowid=False,
)
