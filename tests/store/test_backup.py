"""Backup and restore: online, verified, never over something, never with the master key in it."""

from __future__ import annotations

import json
import os
import shutil
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from akia.keyring import MasterKey
from akia.store.backup import back_up, restore, verify
from akia.store.database import Database, Durability
from akia.store.errors import BackupFailed, DatabaseNewer, MasterKeyMissing, MasterKeyWrong
from akia.store.master_key import MasterKeyInMemory
from akia.store.opening import open_store

if TYPE_CHECKING:
    from pathlib import Path

    from akia.identity.access_key import AccessKey
    from akia.identity.user import User
    from akia.store.store import Store

pytestmark = pytest.mark.covers("I2.program.backup")


@pytest.fixture
def journals(tmp_path: Path) -> Path:
    directory = tmp_path / "data" / "journals"
    directory.mkdir(parents=True)
    (directory / "w-000001.journal").write_bytes(b"frames" * 100)
    (directory / "w-000002.journal").write_bytes(bytes(1_000))
    (directory / "other.txt").write_text("not a journal")
    return directory


@pytest.fixture
def backup(store: Store, key: AccessKey, journals: Path, tmp_path: Path) -> Path:
    store.journals.advance("w-000001.journal", 555)
    back_up(store, tmp_path / "backup", journals=journals)
    return tmp_path / "backup"


@pytest.fixture
def target(tmp_path: Path) -> Database:
    return Database(tmp_path / "restored" / "akia.db", Durability.OFF)


def test_a_backup_comes_back_whole(backup: Path, target: Database, master: MasterKeyInMemory, alice: User, key: AccessKey) -> None:
    manifest = restore(backup, target, master, journals=target.path.parent / "journals")
    assert manifest == verify(backup)
    assert manifest.counts["users"] == manifest.counts["access_keys"] == 1
    store = open_store(target, master)
    assert store.users.with_id(alice.id) == alice
    assert store.access_keys.secret(key.id) == b"canary+secret/of+alice+0000000000000000A"
    assert store.journals.position("w-000001.journal") == 0  # the copied journal is read from its beginning; events are unique
    store.close()
    restored = {path.name: path.read_bytes() for path in (target.path.parent / "journals").iterdir()}
    assert restored == {"w-000001.journal": b"frames" * 100, "w-000002.journal": bytes(1_000)}
    assert sorted(path.name for path in target.path.parent.iterdir()) == ["akia.db", "akia.db.lock", "journals"]


def test_the_backup_itself_is_not_touched_by_verifying_and_restoring(backup: Path, target: Database, master: MasterKeyInMemory) -> None:
    before = {path: path.read_bytes() for path in backup.rglob("*") if path.is_file()}
    verify(backup)
    restore(backup, target, master)
    assert {path: path.read_bytes() for path in backup.rglob("*") if path.is_file()} == before


def test_a_backup_is_taken_while_others_write(store: Store, alice: User, tmp_path: Path) -> None:
    writer = store.another()
    writer.connection.begin_immediate()
    writer.users.replace(replace(alice, path="/uncommitted/"))
    back_up(store, tmp_path / "one")
    writer.connection.commit()
    back_up(store, tmp_path / "two")
    writer.close()
    paths = []
    for name in ("one", "two"):
        connection = Database(tmp_path / name / "akia.db").connect()
        paths += connection.execute("SELECT path FROM users")
        connection.close()
    assert paths == [("/",), ("/uncommitted/",)]


def test_nt_67_a_backup_holds_neither_the_master_key_nor_a_secret(backup: Path, master: MasterKeyInMemory, alice: User) -> None:
    content = b"".join(path.read_bytes() for path in backup.rglob("*") if path.is_file())
    key = master.read()
    assert key is not None
    assert alice.id.encode() in content
    assert key.text.encode() not in content
    assert key.raw not in content
    assert b"canary+secret" not in content


def test_nt_68_every_file_of_a_backup_is_private_under_umask_0(store: Store, journals: Path, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        back_up(store, tmp_path / "backup", journals=journals)
    finally:
        os.umask(before)
    modes = {path.relative_to(tmp_path).as_posix(): stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "backup").rglob("*")}
    assert modes.pop("backup/journals") == 0o700
    assert set(modes.values()) == {0o600}
    assert len(modes) == 4
    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o700


def test_a_backup_is_never_written_over_something(store: Store, backup: Path) -> None:
    before = (backup / "manifest.json").read_bytes()
    with pytest.raises(BackupFailed, match="exists"):
        back_up(store, backup)
    assert (backup / "manifest.json").read_bytes() == before


def test_a_backup_to_nowhere_says_so(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BackupFailed, match="cannot make a backup"):
        back_up(store, tmp_path / "file" / "backup")


def test_an_existing_database_is_never_overwritten(
    backup: Path, database: Database, master: MasterKeyInMemory, store: Store, alice: User
) -> None:
    store.users.replace(replace(alice, path="/newer/"))
    with pytest.raises(BackupFailed, match="not overwritten"):
        restore(backup, database, master)
    found = store.users.with_id(alice.id)
    assert found is not None
    assert found.path == "/newer/"


def test_existing_journals_are_never_mixed_with_restored_ones(
    backup: Path, target: Database, master: MasterKeyInMemory, journals: Path
) -> None:
    with pytest.raises(BackupFailed, match="holds journals"):
        restore(backup, target, master, journals=journals)
    assert not target.path.exists()


@pytest.mark.parametrize("content", [b"", b"another"])
def test_a_database_that_appears_meanwhile_is_not_overwritten(
    backup: Path, target: Database, master: MasterKeyInMemory, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def late(*paths: Any) -> None:
        target.path.write_bytes(content)
        link(*paths)

    monkeypatch.setattr(os, "link", late)
    with pytest.raises(BackupFailed, match="cannot restore"):
        restore(backup, target, master)
    assert target.path.read_bytes() == content
    assert not target.path.with_name("akia.db.incoming").exists()


def test_restoring_needs_the_master_key_of_the_backup(backup: Path, target: Database) -> None:
    with pytest.raises(MasterKeyWrong):
        restore(backup, target, MasterKeyInMemory(MasterKey.generate()))
    with pytest.raises(MasterKeyMissing):
        restore(backup, target, MasterKeyInMemory())
    assert [path.name for path in target.path.parent.iterdir()] == ["akia.db.lock"]


def damaged(backup: Path, how: str) -> None:
    """Damages a backup."""
    manifest = json.loads((backup / "manifest.json").read_text())
    file = backup / "akia.db"
    match how:
        case "flipped byte":
            content = bytearray(file.read_bytes())
            content[len(content) // 2] ^= 1
            file.write_bytes(content)
        case "shorter database":
            file.write_bytes(file.read_bytes()[:-4_096])
        case "no database":
            file.unlink()
        case "changed journal":
            (backup / "journals" / "w-000001.journal").write_bytes(b"forged")
        case "missing journal":
            (backup / "journals" / "w-000002.journal").unlink()
        case "additional file":
            (backup / "journals" / "w-000003.journal").write_bytes(b"forged")
        case "no manifest":
            (backup / "manifest.json").unlink()
            return
        case "other counts":
            manifest["counts"]["users"] += 1
        case "other schema":
            manifest["schema"] = "9999"
        case "other format":
            manifest["format"] = 2
        case "files of another kind":
            manifest["files"] = 7
        case "a list":
            manifest = [manifest]
        case "deep":
            (backup / "manifest.json").write_text("[" * 100_000)
            return
    (backup / "manifest.json").write_text(json.dumps(manifest))


DAMAGES = [
    "flipped byte", "shorter database", "no database", "changed journal", "missing journal", "additional file", "no manifest",
    "other counts", "other schema", "other format", "files of another kind", "a list", "deep",
]  # fmt: skip


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_backup_is_refused_and_nothing_is_restored(backup: Path, target: Database, master: MasterKeyInMemory, how: str) -> None:
    damaged(backup, how)
    with pytest.raises(BackupFailed, match="backup"):
        verify(backup)
    with pytest.raises(BackupFailed, match="backup"):
        restore(backup, target, master)
    assert not target.path.exists()


def test_a_backup_of_a_newer_akia_is_refused(store: Store, target: Database, master: MasterKeyInMemory, tmp_path: Path) -> None:
    store.connection.execute("UPDATE alembic_version SET version_num = '9999'")
    back_up(store, tmp_path / "newer")
    with pytest.raises(DatabaseNewer, match="9999"):
        restore(tmp_path / "newer", target, master)


def test_other_files_come_along_and_are_verified_too(store: Store, tmp_path: Path) -> None:
    (tmp_path / "identity.json").write_text("{}")
    manifest = back_up(store, tmp_path / "backup", files=[tmp_path / "identity.json"])
    assert manifest.files.keys() == {"akia.db", "identity.json"}
    assert stat.S_IMODE((tmp_path / "backup" / "identity.json").stat().st_mode) == 0o600
    (tmp_path / "backup" / "identity.json").write_text("[]")
    with pytest.raises(BackupFailed, match=r"identity\.json"):
        verify(tmp_path / "backup")


def test_a_backup_that_was_interrupted_does_not_stand_in_the_way(store: Store, tmp_path: Path) -> None:
    (tmp_path / "backup.partial").mkdir()
    (tmp_path / "backup.partial" / "akia.db").write_bytes(b"half")
    back_up(store, tmp_path / "backup")
    assert not (tmp_path / "backup.partial").exists()
    verify(tmp_path / "backup")


def test_a_moved_backup_is_as_good(backup: Path, tmp_path: Path) -> None:
    shutil.copytree(backup, tmp_path / "elsewhere" / "copy #1? %41")
    verify(tmp_path / "elsewhere" / "copy #1? %41")
