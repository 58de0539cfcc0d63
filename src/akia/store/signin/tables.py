"""Tables of passwords and second factors. `user_id` is NULL for the root user, whose `owner` is the account."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, LargeBinary, Table, Text

from akia.store.tables import METADATA

password_policies = Table(
    "password_policies",
    METADATA,
    Column("account", Text, ForeignKey("accounts.id"), primary_key=True),
    Column("minimum_length", Integer, nullable=False),
    Column("require_symbols", Boolean, nullable=False),
    Column("require_numbers", Boolean, nullable=False),
    Column("require_uppercase", Boolean, nullable=False),
    Column("require_lowercase", Boolean, nullable=False),
    Column("allow_change", Boolean, nullable=False),
    # in days
    Column("max_age", Integer, nullable=False),
    Column("reuse_prevention", Integer, nullable=False),
    Column("hard_expiry", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

login_profiles = Table(
    "login_profiles",
    METADATA,
    Column("owner", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.id"), nullable=False, index=True),
    Column("user_id", Text, ForeignKey("users.id"), index=True),
    Column("created", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("reset_required", Boolean, nullable=False),
    Column("used", BigInteger),
    Column("failures", Integer, nullable=False),
    Column("failed", BigInteger, nullable=False),
    # the hashes of this password and of those before it
    Column("sealed", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

mfa_devices = Table(
    "mfa_devices",
    METADATA,
    Column("serial", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("virtual", Boolean, nullable=False),
    Column("owner", Text, index=True),
    Column("user_id", Text, ForeignKey("users.id"), index=True),
    Column("enabled", BigInteger),
    Column("tags", Text, nullable=False),
    Column("drift", Integer, nullable=False),
    Column("last_step", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("failed", BigInteger, nullable=False),
    # the seed; NULL for security keys, which have no secret here
    Column("sealed", LargeBinary),
    sqlite_with_rowid=False,
)

security_keys = Table(
    "security_keys",
    METADATA,
    Column("serial", Text, ForeignKey("mfa_devices.serial", ondelete="CASCADE"), primary_key=True),
    Column("credential", LargeBinary, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("model", Text, nullable=False),
    sqlite_with_rowid=False,
)

security_key_challenges = Table(
    "security_key_challenges",
    METADATA,
    Column("owner", Text, primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("account", Text, ForeignKey("accounts.id"), nullable=False),
    Column("id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("challenge", LargeBinary, nullable=False),
    Column("expires", BigInteger, nullable=False, index=True),
    sqlite_with_rowid=False,
)
