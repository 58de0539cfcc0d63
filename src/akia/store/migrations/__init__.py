"""Migrations: the schema's history, one Alembic revision a file, forwards only.

Imported only when a database's revision differs from this program's: Alembic and SQLAlchemy together cost 0.3 s.
A new revision: change the tables, write `versions/<number>_<what>.py`, set `schema.HEAD`; tests compare the result with the tables.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL, NullPool, create_engine, event

from akia.store.errors import DatabaseUnusable


def revisions() -> list[str]:
    """Every revision that this program knows, newest first."""
    return [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()]


def upgrade(path: Path, revision: str = "head") -> None:
    """Brings the database file to `revision`, the newest by default, in one transaction.

    Raises DatabaseUnusable if rows refer to nothing afterwards.
    """
    engine = create_engine(URL.create("sqlite", database=str(path)), poolclass=NullPool)
    event.listen(engine, "connect", _leave_transactions_to_us)
    event.listen(engine, "begin", _begin)
    with engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise DatabaseUnusable(f"migrating {path} would leave rows that refer to nothing; nothing was changed")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _leave_transactions_to_us(driver: Any, _record: Any) -> None:
    driver.isolation_level = None  # else the driver commits before each CREATE and ALTER


def _begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
