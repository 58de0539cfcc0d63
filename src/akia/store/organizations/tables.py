"""Tables of organizations. The columns of each stand in the order of its value's fields. Times are integers, in epoch seconds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Table, Text, UniqueConstraint

from akia.store.tables import METADATA


def _key(name: str) -> Column[str]:
    return Column(name, Text, primary_key=True)


def _text(name: str, *, index: bool = False) -> Column[str]:
    return Column(name, Text, nullable=False, index=index)


def _time(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _organization(*, key: bool = False) -> Column[str]:
    """Whose it is. What an organization holds goes with it."""
    reference = ForeignKey("organizations.id", ondelete="CASCADE")
    return Column("organization", Text, reference, primary_key=key, nullable=False, index=not key)


def _account() -> Column[str]:
    return Column("account", Text, ForeignKey("accounts.id"), primary_key=True)


organizations = Table(
    "organizations",
    METADATA,
    _key("id"),
    Column("management_account", Text, ForeignKey("accounts.id"), nullable=False, unique=True),
    _text("features"),
    _time("created"),
    Column("root", Text, nullable=False, unique=True),
    _text("types"),
    sqlite_with_rowid=False,
)

organizational_units = Table(
    "organizational_units",
    METADATA,
    _key("id"),
    _organization(),
    _text("parent"),
    _text("name"),
    UniqueConstraint("parent", "name"),
    sqlite_with_rowid=False,
)

organization_members = Table(
    "organization_members",
    METADATA,
    _account(),
    _organization(),
    _text("parent", index=True),
    _time("joined"),
    _text("method"),
    sqlite_with_rowid=False,
)

control_policies = Table(
    "control_policies",
    METADATA,
    _key("id"),
    _organization(),
    _text("account"),
    _text("type"),
    _text("name"),
    _text("description"),
    _text("content"),
    UniqueConstraint("organization", "type", "name"),
    sqlite_with_rowid=False,
)

control_policy_targets = Table(
    "control_policy_targets",
    METADATA,
    # the root, an organizational unit or an account
    _key("target"),
    # AWS's own have no row in control_policies: therefore no foreign key
    Column("policy", Text, primary_key=True, index=True),
    _organization(),
    _text("type"),
    sqlite_with_rowid=False,
)

handshakes = Table(
    "handshakes",
    METADATA,
    _key("id"),
    # outlives its organization: therefore no foreign key
    _text("organization", index=True),
    _text("management_account"),
    _text("account", index=True),
    _text("action"),
    _text("state"),
    _time("requested"),
    _time("expires"),
    _text("target"),
    _text("target_type"),
    _text("notes"),
    _text("parent"),
    _text("tags"),
    sqlite_with_rowid=False,
)

account_requests = Table(
    "account_requests",
    METADATA,
    _key("id"),
    _organization(),
    _text("name"),
    _time("requested"),
    _text("state"),
    _text("account"),
    _text("reason"),
    sqlite_with_rowid=False,
)

service_accesses = Table(
    "service_accesses",
    METADATA,
    _organization(key=True),
    _key("service"),
    _time("enabled"),
    sqlite_with_rowid=False,
)

delegations = Table(
    "delegations",
    METADATA,
    _organization(key=True),
    _account(),
    _key("service"),
    _time("enabled"),
    sqlite_with_rowid=False,
)

delegation_policies = Table(
    "delegation_policies",
    METADATA,
    _organization(key=True),
    Column("id", Text, nullable=False, unique=True),
    _text("content"),
    sqlite_with_rowid=False,
)

organization_tags = Table(
    "organization_tags",
    METADATA,
    _key("resource"),
    _organization(),
    _text("tags"),
    sqlite_with_rowid=False,
)

root_features = Table(
    "root_features",
    METADATA,
    _organization(key=True),
    _key("feature"),
    _time("enabled"),
    sqlite_with_rowid=False,
)
