"""Organizations: the tree of accounts, control policies, handshakes, delegation. Accounts gain an address, and an end."""

from __future__ import annotations

from alembic.op import add_column, create_index, create_table
from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, PrimaryKeyConstraint, Text, UniqueConstraint

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    add_column("accounts", Column("email", Text()))
    add_column("accounts", Column("closed", BigInteger()))
    create_index("uq_accounts_email", "accounts", ["email"], unique=True)
    _tree()
    _policies()
    _handshakes()
    _delegation()


def _tree() -> None:
    create_table(
        "organizations",
        Column("id", Text(), nullable=False),
        Column("management_account", Text(), nullable=False),
        Column("features", Text(), nullable=False),
        Column("created", BigInteger(), nullable=False),
        Column("root", Text(), nullable=False),
        Column("types", Text(), nullable=False),
        ForeignKeyConstraint(["management_account"], ["accounts.id"], name="fk_organizations_management_account"),
        PrimaryKeyConstraint("id", name="pk_organizations"),
        UniqueConstraint("management_account", name="uq_organizations_management_account"),
        UniqueConstraint("root", name="uq_organizations_root"),
        sqlite_with_rowid=False,
    )
    create_table(
        "organizational_units",
        Column("id", Text(), nullable=False),
        Column("organization", Text(), nullable=False),
        Column("parent", Text(), nullable=False),
        Column("name", Text(), nullable=False),
        ForeignKeyConstraint(["organization"], ["organizations.id"], name="fk_organizational_units_organization", ondelete="CASCADE"),
        PrimaryKeyConstraint("id", name="pk_organizational_units"),
        UniqueConstraint("parent", "name", name="uq_organizational_units_parent_name"),
        sqlite_with_rowid=False,
    )
    create_index("ix_organizational_units_organization", "organizational_units", ["organization"])
    create_table(
        "organization_members",
        Column("account", Text(), nullable=False),
        Column("organization", Text(), nullable=False),
        Column("parent", Text(), nullable=False),
        Column("joined", BigInteger(), nullable=False),
        Column("method", Text(), nullable=False),
        ForeignKeyConstraint(["organization"], ["organizations.id"], name="fk_organization_members_organization", ondelete="CASCADE"),
        ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_organization_members_account"),
        PrimaryKeyConstraint("account", name="pk_organization_members"),
        sqlite_with_rowid=False,
    )
    create_index("ix_organization_members_organization", "organization_members", ["organization"])
    create_index("ix_organization_members_parent", "organization_members", ["parent"])


def _policies() -> None:
    create_table(
        "control_policies",
        Column("id", Text(), nullable=False),
        Column("organization", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("type", Text(), nullable=False),
        Column("name", Text(), nullable=False),
        Column("description", Text(), nullable=False),
        Column("content", Text(), nullable=False),
        ForeignKeyConstraint(["organization"], ["organizations.id"], name="fk_control_policies_organization", ondelete="CASCADE"),
        PrimaryKeyConstraint("id", name="pk_control_policies"),
        UniqueConstraint("organization", "type", "name", name="uq_control_policies_organization_type_name"),
        sqlite_with_rowid=False,
    )
    create_index("ix_control_policies_organization", "control_policies", ["organization"])
    create_table(
        "control_policy_targets",
        Column("target", Text(), nullable=False),
        Column("policy", Text(), nullable=False),
        Column("organization", Text(), nullable=False),
        Column("type", Text(), nullable=False),
        ForeignKeyConstraint(["organization"], ["organizations.id"], name="fk_control_policy_targets_organization", ondelete="CASCADE"),
        PrimaryKeyConstraint("target", "policy", name="pk_control_policy_targets"),
        sqlite_with_rowid=False,
    )
    create_index("ix_control_policy_targets_organization", "control_policy_targets", ["organization"])
    create_index("ix_control_policy_targets_policy", "control_policy_targets", ["policy"])


def _handshakes() -> None:
    create_table(
        "handshakes",
        Column("id", Text(), nullable=False),
        Column("organization", Text(), nullable=False),
        Column("management_account", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("action", Text(), nullable=False),
        Column("state", Text(), nullable=False),
        Column("requested", BigInteger(), nullable=False),
        Column("expires", BigInteger(), nullable=False),
        Column("target", Text(), nullable=False),
        Column("target_type", Text(), nullable=False),
        Column("notes", Text(), nullable=False),
        Column("parent", Text(), nullable=False),
        Column("tags", Text(), nullable=False),
        PrimaryKeyConstraint("id", name="pk_handshakes"),
        sqlite_with_rowid=False,
    )
    create_index("ix_handshakes_account", "handshakes", ["account"])
    create_index("ix_handshakes_organization", "handshakes", ["organization"])
    create_table(
        "account_requests",
        Column("id", Text(), nullable=False),
        Column("organization", Text(), nullable=False),
        Column("name", Text(), nullable=False),
        Column("requested", BigInteger(), nullable=False),
        Column("state", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("reason", Text(), nullable=False),
        ForeignKeyConstraint(["organization"], ["organizations.id"], name="fk_account_requests_organization", ondelete="CASCADE"),
        PrimaryKeyConstraint("id", name="pk_account_requests"),
        sqlite_with_rowid=False,
    )
    create_index("ix_account_requests_organization", "account_requests", ["organization"])


def _delegation() -> None:
    create_table(
        "service_accesses",
        Column("organization", Text(), nullable=False),
        Column("service", Text(), nullable=False),
        Column("enabled", BigInteger(), nullable=False),
        ForeignKeyConstraint(["organization"], ["organizations.id"], name="fk_service_accesses_organization", ondelete="CASCADE"),
        PrimaryKeyConstraint("organization", "service", name="pk_service_accesses"),
        sqlite_with_rowid=False,
    )
    create_table(
        "delegations",
        Column("organization", Text(), nullable=False),
        Column("account", Text(), nullable=False),
        Column("service", Text(), nullable=False),
        Column("enabled", BigInteger(), nullable=False),
        ForeignKeyConstraint(["organization"], ["organizations.id"], name="fk_delegations_organization", ondelete="CASCADE"),
        ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_delegations_account"),
        PrimaryKeyConstraint("organization", "account", "service", name="pk_delegations"),
        sqlite_with_rowid=False,
    )
    create_table(
        "delegation_policies",
        Column("organization", Text(), nullable=False),
        Column("id", Text(), nullable=False),
        Column("content", Text(), nullable=False),
        ForeignKeyConstraint(["organization"], ["organizations.id"], name="fk_delegation_policies_organization", ondelete="CASCADE"),
        PrimaryKeyConstraint("organization", name="pk_delegation_policies"),
        UniqueConstraint("id", name="uq_delegation_policies_id"),
        sqlite_with_rowid=False,
    )
    create_table(
        "organization_tags",
        Column("resource", Text(), nullable=False),
        Column("organization", Text(), nullable=False),
        Column("tags", Text(), nullable=False),
        ForeignKeyConstraint(["organization"], ["organizations.id"], name="fk_organization_tags_organization", ondelete="CASCADE"),
        PrimaryKeyConstraint("resource", name="pk_organization_tags"),
        sqlite_with_rowid=False,
    )
    create_index("ix_organization_tags_organization", "organization_tags", ["organization"])
