"""Tables of the credentials beside access keys. What is secret in them is sealed (private keys) or hashed (passwords)."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, Table, Text, UniqueConstraint

from akia.store.tables import METADATA


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _time(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _account() -> Column[str]:
    return Column("account", Text, ForeignKey("accounts.id"), nullable=False)


signing_certificates = Table(
    "signing_certificates",
    METADATA,
    Column("id", Text, primary_key=True),
    _account(),
    # NULL for certificates of the root user
    Column("user_id", Text, ForeignKey("users.id"), index=True),
    _time("created"),
    _text("status"),
    _text("body"),
    # SHA-256 of the certificate: no two users of an account have the same
    _text("fingerprint"),
    UniqueConstraint("account", "fingerprint"),
    sqlite_with_rowid=False,
)

ssh_public_keys = Table(
    "ssh_public_keys",
    METADATA,
    Column("id", Text, primary_key=True),
    _account(),
    Column("user_id", Text, ForeignKey("users.id"), nullable=False),
    _time("created"),
    _text("status"),
    # the key in both encodings: the one it came in as it came
    _text("ssh"),
    _text("pem"),
    # MD5, which is what AWS shows; what makes a key unique is `digest`, SHA-256
    _text("fingerprint"),
    _text("digest"),
    UniqueConstraint("user_id", "digest"),
    sqlite_with_rowid=False,
)

service_credentials = Table(
    "service_credentials",
    METADATA,
    Column("id", Text, primary_key=True),
    _account(),
    Column("user_id", Text, ForeignKey("users.id"), nullable=False, index=True),
    _time("created"),
    _text("status"),
    _text("service"),
    # by which the service asks for the credential, and so unique
    _text("user_name"),
    Column("expires", BigInteger),
    # SHA-256 of the secret, which has 256 random bits
    Column("digest", LargeBinary, nullable=False),
    UniqueConstraint("account", "service", "user_name"),
    sqlite_with_rowid=False,
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
