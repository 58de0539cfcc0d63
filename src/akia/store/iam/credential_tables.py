"""Tables of the credentials beside access keys. What is secret in them is sealed (private keys) or hashed (passwords)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, Table, Text, UniqueConstraint

from akia.store.tables import METADATA


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _time(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _account() -> Column[str]:
    return Column("account", Text, ForeignKey("accounts.id"), nullable=False)


def _owned(table: str, user: Column[Any], *more: Column[Any] | UniqueConstraint) -> Table:
    """What users own one by one."""
    id_ = Column("id", Text, primary_key=True)
    return Table(table, METADATA, id_, _account(), user, _time("created"), _text("status"), *more, sqlite_with_rowid=False)


signing_certificates = _owned(
    "signing_certificates",
    # NULL for certificates of the root user
    Column("user_id", Text, ForeignKey("users.id"), index=True),
    _text("body"),
    # SHA-256 of the certificate: no two users of an account have the same
    _text("fingerprint"),
    UniqueConstraint("account", "fingerprint"),
)

ssh_public_keys = _owned(
    "ssh_public_keys",
    Column("user_id", Text, ForeignKey("users.id"), nullable=False),
    # the key in both encodings: the one it came in as it came
    _text("ssh"),
    _text("pem"),
    # MD5, which is what AWS shows; what makes a key unique is `digest`, SHA-256
    _text("fingerprint"),
    _text("digest"),
    UniqueConstraint("user_id", "digest"),
)

service_credentials = _owned(
    "service_credentials",
    Column("user_id", Text, ForeignKey("users.id"), nullable=False, index=True),
    _text("service"),
    # by which the service asks for the credential, and so unique
    _text("user_name"),
    Column("expires", BigInteger),
    # SHA-256 of the secret, which has 256 random bits
    Column("digest", LargeBinary, nullable=False),
    UniqueConstraint("account", "service", "user_name"),
)

server_certificates = Table(
    "server_certificates",
    METADATA,
    Column("id", Text, primary_key=True),
    _account(),
    _text("name"),
    _text("name_key"),
    _text("path"),
    _time("created"),
    _time("expires"),
    _text("body"),
    Column("chain", Text),
    _text("tags"),
    # the private key
    Column("sealed", LargeBinary, nullable=False),
    UniqueConstraint("account", "name_key"),
    sqlite_with_rowid=False,
)
