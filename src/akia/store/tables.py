"""Tables that belong to no service. Times are integers, in epoch seconds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

accounts = Table(
    "accounts",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("alias", Text, unique=True),
    Column("email", Text),
    Column("closed", BigInteger),
    Index("uq_accounts_email", "email", unique=True),
    sqlite_with_rowid=False,
)

data_keys = Table(
    "data_keys",
    METADATA,
    Column("id", LargeBinary, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

changes = Table(
    "changes",
    METADATA,
    # Integer, since SQLite counts on without ever reusing a number only for this exact type
    Column("id", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("subject", Text, nullable=False),
    sqlite_autoincrement=True,
)

revoked_sessions = Table(
    "revoked_sessions",
    METADATA,
    Column("session_id", Text, primary_key=True),
    Column("expires", BigInteger, nullable=False, index=True),
    sqlite_with_rowid=False,
)

revoked_lineages = Table(
    "revoked_lineages",
    METADATA,
    # an access key, or the unique id of a user, a role, a root user: whose sessions end
    Column("subject", Text, primary_key=True),
    Column("issued_until", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

journal_positions = Table(
    "journal_positions",
    METADATA,
    Column("journal", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("payload", LargeBinary, nullable=False),
)

editions = Table(
    "editions",
    METADATA,
    Column("what", Text, primary_key=True),
    Column("edition", Text, nullable=False),
    sqlite_with_rowid=False,
)
