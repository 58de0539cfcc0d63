"""Where the master key may lie, and how its file is made."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from akia.keyring import MasterKey
from akia.store.errors import MasterKeyExposed, MasterKeyMissing, MasterKeyWrong
from akia.store.master_key import MasterKeyFile, MasterKeyInMemory, MasterKeyVariable, master_key_source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.covers("I2.store.master_key")


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_keeps_the_key_it_made(tmp_path: Path) -> None:
    source = MasterKeyFile(tmp_path / "config" / "master.key")
    assert source.read() is None
    made = source.create()
    found = source.read()
    assert found is not None
    assert found.raw == made.raw


@pytest.mark.usefixtures("open_umask")
def test_nt_68_the_file_is_private_from_its_first_moment_under_umask_0(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "new" / "config" / "master.key"
    opened: list[int] = []
    opener = os.open

    def watching(name: Any, flags: int, *mode: int, **more: Any) -> int:
        descriptor = opener(name, flags, *mode, **more)
        if str(name) == str(path):
            opened.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
            assert flags & os.O_EXCL
        return descriptor

    def never(*arguments: Any, **more: Any) -> None:
        raise AssertionError("a later chmod means that the file was open to others before")

    monkeypatch.setattr(os, "open", watching)
    for name in ("chmod", "fchmod", "lchmod"):
        monkeypatch.setattr(os, name, never, raising=False)
    MasterKeyFile(path).create()
    assert opened == [0o600]
    assert mode_of(path) == 0o600
    assert mode_of(path.parent) == 0o700


def test_a_key_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    source = MasterKeyFile(tmp_path / "master.key")
    first = source.create().text
    with pytest.raises(MasterKeyMissing, match=r"master\.key"):
        source.create()
    assert source.path.read_text() == first + "\n"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o620, 0o601])
def test_a_file_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    source = MasterKeyFile(tmp_path / "master.key")
    source.create()
    source.path.chmod(mode)
    with pytest.raises(MasterKeyExposed, match=rf"master\.key.*{mode:04o}"):
        source.read()


@pytest.mark.parametrize("content", ["", "\n", "short", "{key}x", " {key}", "{key}\n\n", "{key}\r\n", "{key}" * 2, "é{key}", "x" * 5_000])
def test_a_file_that_holds_no_key_is_refused_without_showing_what_it_holds(tmp_path: Path, content: str) -> None:
    text = MasterKey.generate().text
    source = MasterKeyFile(tmp_path / "master.key")
    source.create()
    source.path.write_bytes(content.replace("{key}", text).encode())
    with pytest.raises(MasterKeyWrong, match=r"master\.key") as caught:
        source.read()
    assert text not in str(caught.value)


def test_only_a_regular_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "directory").mkdir(mode=0o700)
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name in ("directory", "pipe"):
        with pytest.raises(MasterKeyWrong, match=name):
            MasterKeyFile(tmp_path / name).read()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MasterKeyMissing, match=r"file/master\.key"):
        MasterKeyFile(tmp_path / "file" / "master.key").create()


def test_the_environment_variable_goes_before_the_file(tmp_path: Path) -> None:
    key = MasterKey.generate()
    MasterKeyFile(tmp_path / "master.key").create()
    found = master_key_source({"AKIA_MASTER_KEY": key.text}, tmp_path / "master.key").read()
    assert found is not None
    assert found.raw == key.raw
    assert isinstance(master_key_source({}, tmp_path / "master.key"), MasterKeyFile)


@pytest.mark.parametrize("text", ["", " ", "secret", "A" * 43 + "=", "{key}\n"])
def test_a_wrong_variable_is_refused_and_never_passed_over(tmp_path: Path, text: str) -> None:
    MasterKeyFile(tmp_path / "master.key").create()
    key = MasterKey.generate().text
    source = master_key_source({"AKIA_MASTER_KEY": text.replace("{key}", key)}, tmp_path / "master.key")
    with pytest.raises(MasterKeyWrong, match="AKIA_MASTER_KEY") as caught:
        source.read()
    assert key not in str(caught.value)


def test_the_environment_cannot_keep_a_new_key() -> None:
    with pytest.raises(MasterKeyMissing, match="AKIA_MASTER_KEY"):
        MasterKeyVariable({}).create()


def test_a_key_in_memory_is_made_once() -> None:
    source = MasterKeyInMemory()
    assert source.read() is None
    assert source.create() is source.read()
