"""Starting: with the right master key or not at all; fresh, older and newer databases."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from akia.identity.account import Account
from akia.keyring import MasterKey, Purpose
from akia.store import migrations, schema
from akia.store.database import Database, Durability
from akia.store.errors import DatabaseNewer, DatabaseUnusable, MasterKeyMisplaced, MasterKeyMissing, MasterKeyWrong
from akia.store.master_key import MasterKeyFile, MasterKeyInMemory, MasterKeyVariable
from akia.store.metadata import METADATA
from akia.store.opening import open_store

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "111122223333"


@pytest.fixture
def source(tmp_path: Path) -> MasterKeyFile:
    return MasterKeyFile(tmp_path / "config" / "master.key")


@pytest.fixture
def there(tmp_path: Path, source: MasterKeyFile) -> Database:
    """A database with an account in it."""
    database = Database(tmp_path / "data" / "akia.db", Durability.OFF)
    store = open_store(database, source)
    store.accounts.add(Account(ACCOUNT, "akia", 1))
    store.close()
    return database


def content_of(path: Path) -> dict[str, bytes]:
    return {child.name: child.read_bytes() for child in path.iterdir()}


@pytest.mark.covers("I2.store.master_key")
def test_a_first_start_makes_a_key_and_a_database_and_the_next_one_uses_them(there: Database, source: MasterKeyFile) -> None:
    key = source.path.read_bytes()
    store = open_store(there, source)
    assert store.accounts.get(ACCOUNT) is not None
    store.close()
    assert source.path.read_bytes() == key


@pytest.mark.covers("I2.store.master_key")
def test_no_new_master_key_is_made_beside_an_existing_database(there: Database, source: MasterKeyFile) -> None:
    source.path.unlink()
    before = content_of(there.path.parent)
    with pytest.raises(MasterKeyMissing, match=r"akia\.db exists.*master\.key"):
        open_store(there, source)
    with pytest.raises(MasterKeyMissing, match="AKIA_MASTER_KEY"):
        open_store(there, MasterKeyVariable({}))
    assert not source.path.exists()
    assert content_of(there.path.parent) == before


@pytest.mark.covers("I2.store.master_key", "I2.program.readable_errors")
def test_a_wrong_master_key_is_refused_by_name_and_changes_nothing(there: Database, source: MasterKeyFile) -> None:
    before = content_of(there.path.parent)
    other = MasterKey.generate()
    with pytest.raises(MasterKeyWrong, match=r"akia\.db") as caught:
        open_store(there, MasterKeyInMemory(other))
    assert other.fingerprint in str(caught.value)
    assert other.text not in str(caught.value)
    assert content_of(there.path.parent) == before
    open_store(there, source).close()


def test_the_master_key_may_not_lie_beside_the_data(tmp_path: Path) -> None:
    database = Database(tmp_path / "data" / "akia.db")
    for place in ("master.key", "keys/master.key", "../data/master.key"):
        with pytest.raises(MasterKeyMisplaced, match="data directory"):
            open_store(database, MasterKeyFile(tmp_path / "data" / place))
    assert not (tmp_path / "data").exists()


def test_nt_68_every_file_of_the_database_is_private_under_umask_0(tmp_path: Path, source: MasterKeyFile) -> None:
    before = os.umask(0)
    try:
        store = open_store(Database(tmp_path / "data" / "akia.db", Durability.OFF), source)
        store.accounts.add(Account(ACCOUNT, "akia", 1))
        modes = {child.name: stat.S_IMODE(child.stat().st_mode) for child in (tmp_path / "data").iterdir()}
        store.close()
    finally:
        os.umask(before)
    assert modes.keys() == {"akia.db", "akia.db-wal", "akia.db-shm", "akia.db.lock"}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"not a database, but text of some length " * 200, b"\0" * 8_192])
def test_a_file_that_is_no_database_is_refused_and_left_alone(there: Database, source: MasterKeyFile, content: bytes) -> None:
    there.path.write_bytes(content)
    with pytest.raises(DatabaseUnusable, match=r"akia\.db"):
        open_store(there, source)
    assert there.path.read_bytes() == content


def test_somebody_elses_database_is_refused(tmp_path: Path, source: MasterKeyFile) -> None:
    source.create()
    database = Database(tmp_path / "data" / "akia.db")
    database.path.parent.mkdir()
    with closing(sqlite3.connect(database.path)) as other:
        other.execute("CREATE TABLE recipes (name)")
    with pytest.raises(DatabaseUnusable, match="not akia's"):
        open_store(database, source)


def test_a_data_directory_that_cannot_be_used_is_named(tmp_path: Path, source: MasterKeyFile) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseUnusable, match="data directory"):
        open_store(Database(tmp_path / "file" / "akia.db"), source)
    (tmp_path / "data" / "akia.db").mkdir(parents=True)
    source.create()
    with pytest.raises(DatabaseUnusable, match=r"akia\.db"):
        open_store(Database(tmp_path / "data" / "akia.db"), source)


def test_a_database_without_data_keys_is_refused(there: Database, source: MasterKeyFile) -> None:
    with closing(sqlite3.connect(there.path)) as damaged:
        damaged.execute("DELETE FROM data_keys")
        damaged.commit()
    with pytest.raises(DatabaseUnusable, match="no data keys"):
        open_store(there, source)


def test_a_start_that_died_before_the_schema_was_made_is_made_good(tmp_path: Path, source: MasterKeyFile) -> None:
    source.create()
    database = Database(tmp_path / "data" / "akia.db", Durability.OFF)
    database.path.parent.mkdir()
    database.connect().close()  # a file in write-ahead mode, with nothing in it
    open_store(database, source).close()


@pytest.mark.covers("I2.store.migrations")
def test_a_newer_database_is_refused_and_left_alone(there: Database, source: MasterKeyFile) -> None:
    with closing(sqlite3.connect(there.path)) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
        newer.commit()
    with pytest.raises(DatabaseNewer, match=r"akia\.db has schema 9999"):
        open_store(there, source)
    with closing(sqlite3.connect(there.path)) as after:
        assert after.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]
    assert sorted(path.name for path in there.path.parent.iterdir() if "before" in path.name) == []


SHAPE = {
    "tables": "SELECT name, ncol, wr FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite%'",
    "columns": "SELECT m.name, c.* FROM sqlite_master m, pragma_table_xinfo(m.name) c WHERE m.type = 'table'",
    "indexes": "SELECT m.name, i.name, i.[unique], i.origin, i.partial, c.* FROM sqlite_master m, pragma_index_list(m.name) i, "
    "pragma_index_xinfo(i.name) c WHERE m.type = 'table'",
    "partial": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'",
    "references": "SELECT m.name, f.[table], f.[from], f.[to], f.on_update, f.on_delete FROM sqlite_master m, "
    "pragma_foreign_key_list(m.name) f WHERE m.type = 'table'",
    "numbering": "SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'",
    "version": "SELECT version_num FROM alembic_version",
}


def shape_of(path: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(path)) as driver:
        return {what: sorted(map(str, driver.execute(query))) for what, query in SHAPE.items()}


@pytest.mark.covers("I2.store.migrations")
def test_running_every_migration_gives_the_schema_of_a_fresh_database(there: Database, tmp_path: Path) -> None:
    migrations.upgrade(tmp_path / "migrated.db")
    fresh, migrated = shape_of(there.path), shape_of(tmp_path / "migrated.db")
    assert len(fresh["tables"]) == len(METADATA.tables) + 1  # and that of Alembic
    for what in SHAPE:
        assert migrated[what] == fresh[what], what


@pytest.mark.covers("I2.store.migrations")
def test_keys_that_are_there_already_are_numbered_by_age(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    migrations.upgrade(path, "0015")
    with closing(sqlite3.connect(path)) as driver:
        driver.executemany("INSERT INTO accounts (id, name, created) VALUES (?, '', 1)", ["1", "2"])
        for account, key, created in (("1", "AKIAC", 5), ("1", "AKIAB", 7), ("1", "AKIAA", 7), ("2", "AKIAD", 6)):
            driver.execute("INSERT INTO access_keys VALUES (?, ?, NULL, ?, 'Active', x'')", (key, account, created))
        driver.execute("INSERT INTO key_uses VALUES ('AKIAC', 1, 'iam', 'us-east-1')")
        driver.commit()
    migrations.upgrade(path)
    with closing(sqlite3.connect(path)) as driver:
        numbers = driver.execute("SELECT id, number FROM access_keys ORDER BY id").fetchall()
        assert numbers == [("AKIAA", 2), ("AKIAB", 3), ("AKIAC", 1), ("AKIAD", 1)]
        assert driver.execute("SELECT * FROM key_uses").fetchall() == [("AKIAC", 1, "iam", "us-east-1", "", "", "")]


@pytest.mark.covers("I2.store.migrations")
def test_the_last_uses_of_roles_are_read_from_the_events_that_are_there_already(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    migrations.upgrade(path, "0004")
    columns = "event_id, request_id, account, at_ms, name, source, username, access_key_id, verified, read_only, error_code, region, record"
    issuer = '"sessionContext":{"sessionIssuer":{"principalId":"AROA1"}}'
    by_session = f'{{"userIdentity":{{"type":"AssumedRole","principalId":"AROA1:s",{issuer}}}}}'
    by_user = '{"userIdentity":{"type":"IAMUser","principalId":"AIDA1"}}'
    with closing(sqlite3.connect(path)) as driver:
        for number, verified, record in ((5, 1, by_session), (9, 1, by_session), (7, 1, by_session), (11, 0, by_session), (12, 1, by_user)):
            values = (f"e{number}", "r", ACCOUNT, number, "n", "s", "u", "ASIA1", verified, 1, "", f"region-{number}", record)
            driver.execute(f"INSERT INTO events ({columns}, decision, resources) VALUES ({'?,' * 13} '[]', '[]')", values)
        driver.commit()
    migrations.upgrade(path)
    with closing(sqlite3.connect(path)) as driver:
        assert driver.execute("SELECT * FROM role_uses").fetchall() == [("AROA1", 9, "region-9")]


def test_the_programs_revision_is_the_newest_migration() -> None:
    assert migrations.revisions()[0] == schema.HEAD


@pytest.mark.covers("I2.store.migrations")
def test_an_older_database_is_copied_and_then_migrated(there: Database, source: MasterKeyFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest revision is moved as if one more had come, which adds a table."""
    with closing(sqlite3.connect(there.path)) as driver:
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    seen: list[Path] = []

    def second(path: Path) -> None:
        seen.append(path)
        with closing(sqlite3.connect(path)) as driver:
            driver.execute("UPDATE alembic_version SET version_num = '9998'")
            driver.execute("CREATE TABLE second (a)")
            driver.commit()

    newest = schema.HEAD
    monkeypatch.setattr(schema, "HEAD", "9998")
    monkeypatch.setattr(migrations, "upgrade", second)
    open_store(there, source).close()
    open_store(there, source).close()  # once is enough
    assert seen == [there.path]
    copy = there.path.with_name(f"akia.db.before-{newest}-to-9998")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as before:
        assert before.execute("SELECT version_num FROM alembic_version").fetchall() == [(newest,)]
        assert before.execute("SELECT id FROM accounts").fetchall() == [(ACCOUNT,)]
        assert before.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_wrong_key_migrates_nothing(there: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "HEAD", "9998")
    monkeypatch.setattr(migrations, "upgrade", lambda path: pytest.fail("migrated"))
    with pytest.raises(MasterKeyWrong):
        open_store(there, MasterKeyInMemory(MasterKey.generate()))


def test_a_migration_that_leaves_dangling_rows_is_undone(there: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(there.path)) as driver:
        driver.execute("INSERT INTO memberships VALUES ('AIDANOBODY', 'AGPANOTHING')")
        driver.commit()
    with pytest.raises(DatabaseUnusable, match="refer to nothing"):
        migrations.upgrade(there.path)


START = (
    "import sys; from pathlib import Path; from akia.store.opening import open_store; from akia.store.database import Database; "
    "from akia.store.master_key import MasterKeyFile; "
    "store = open_store(Database(Path(sys.argv[1])), MasterKeyFile(Path(sys.argv[2]))); "
)


def test_processes_that_start_at_once_make_one_key_and_one_database(tmp_path: Path) -> None:
    command = [sys.executable, "-c", START + "print(store.connection.execute('SELECT count(*) FROM data_keys')[0][0])"]
    paths = [str(tmp_path / "data" / "akia.db"), str(tmp_path / "config" / "key")]
    started = [subprocess.Popen([*command, *paths], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert [process.communicate()[0] for process in started] == [f"{len(Purpose)}\n"] * 4
    assert [process.returncode for process in started] == [0] * 4


def test_an_ordinary_start_imports_neither_sqlalchemy_nor_alembic(there: Database, source: MasterKeyFile) -> None:
    program = START + (
        "store.principals.policies_in_force('x'); store.close(); "
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'sqlalchemy', 'alembic'}))"
    )
    for path in (there.path, there.path.parent.parent / "fresh" / "akia.db"):
        ran = subprocess.run([sys.executable, "-c", program, path, source.path], capture_output=True, text=True, check=True)
        assert ran.stdout == "[]\n"
