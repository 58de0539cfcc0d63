"""The schema's version: a fresh database gets all tables at once, an older one is migrated, a newer one refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.store import compiled
from akia.store.errors import DatabaseNewer, DatabaseUnusable

if TYPE_CHECKING:
    from pathlib import Path

    from akia.store.connection import Connection

HEAD = "0021"
"""The revision of this program's schema: the newest in `migrations/versions`."""


def stored_version(connection: Connection) -> str | None:
    """The revision of the database; None if it is empty. Raises DatabaseUnusable if it holds something that is not akia's."""
    tables = {
        row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite@_%' ESCAPE '@'")
    }
    if not tables:
        return None
    if "alembic_version" in tables:
        versions = connection.execute("SELECT version_num FROM alembic_version")
        if len(versions) == 1:
            return str(versions[0][0])
    raise DatabaseUnusable(f"{connection.path} is a database, but not akia's")


def create(connection: Connection) -> None:
    """Makes all tables and notes their revision, inside the caller's transaction. Equal to running every migration; a test says so."""
    for statement in compiled.schema():
        connection.execute(statement)
    connection.execute(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    connection.execute("INSERT INTO alembic_version (version_num) VALUES (:head)", head=HEAD)


def require_known(version: str, path: Path) -> None:
    """Raises DatabaseNewer if `version`, that of the database at `path`, is one that this program does not know."""
    if version == HEAD:
        return
    from akia.store import migrations  # Alembic costs a tenth of a second: only here

    if version not in migrations.revisions():
        raise DatabaseNewer(f"the database {path} has schema {version}; this akia knows up to {HEAD}: use the akia that made it")


def migrate(connection: Connection, version: str, copy: Path) -> None:
    """Brings the database from `version` to HEAD, never the other way, after a copy of it was put at `copy`. Raises DatabaseNewer."""
    require_known(version, connection.path)
    from akia.store import migrations

    copy.unlink(missing_ok=True)  # of an attempt that failed, and so changed nothing
    connection.copy_to(copy)
    migrations.upgrade(connection.path)
