"""The file: whole lines, on the disk, whoever renames it meanwhile."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest
from tests.sinks.conftest import event

from akia.sinks import Undelivered

if TYPE_CHECKING:
    from pathlib import Path


def ids(path: Path) -> list[str]:
    return [json.loads(line)["eventID"] for line in path.read_text().splitlines()]


def test_each_record_is_a_line_for_the_owner_alone(sink: Any, tmp_path: Path) -> None:
    target, path = sink("file", path=str(tmp_path / "events.jsonl")), tmp_path / "events.jsonl"
    before = os.umask(0)
    try:
        assert target.send([event(1), event(2)]) == 0
    finally:
        os.umask(before)
    target.send([event(3)])
    assert ids(path) == ["id-1", "id-2", "id-3"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_after_a_rename_a_new_file_begins(sink: Any, tmp_path: Path) -> None:
    target, path = sink("file", path=str(tmp_path / "events.jsonl")), tmp_path / "events.jsonl"
    target.send([event(1)])
    path.rename(tmp_path / "events.jsonl.1")
    target.send([event(2)])
    assert (ids(tmp_path / "events.jsonl.1"), ids(path)) == (["id-1"], ["id-2"])


def test_lines_are_on_the_disk_before_they_count(sink: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, path = sink("file", path=str(tmp_path / "events.jsonl")), tmp_path / "events.jsonl"
    synced: list[bytes] = []
    real = os.fsync

    def fsync(file: int) -> None:
        synced.append(path.read_bytes())
        real(file)

    monkeypatch.setattr(os, "fsync", fsync)
    target.send([event(1)])
    assert synced[0].endswith(b"}\n")
    assert len(synced) == 2  # and its name in the directory


def test_of_a_write_that_fails_nothing_stays(sink: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, path = sink("file", path=str(tmp_path / "events.jsonl")), tmp_path / "events.jsonl"
    target.send([event(1)])
    real = os.write

    def full(file: int, data: Any) -> int:
        real(file, bytes(data)[:10])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(Undelivered, match="No space left"):
            target.send([event(2)])
    target.send([event(2)])
    assert ids(path) == ["id-1", "id-2"]


def test_a_short_write_is_gone_on_with(sink: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, path = sink("file", path=str(tmp_path / "events.jsonl")), tmp_path / "events.jsonl"
    real = os.write
    monkeypatch.setattr(os, "write", lambda file, data: real(file, bytes(data)[:7]))
    target.send([event(1), event(2)])
    assert ids(path) == ["id-1", "id-2"]


def test_a_line_that_was_cut_by_a_fall_is_ended_first(sink: Any, tmp_path: Path) -> None:
    target, path = sink("file", path=str(tmp_path / "events.jsonl")), tmp_path / "events.jsonl"
    path.write_bytes(b'{"eventID":"id-0"}\n{"eventI')
    target.send([event(1)])
    assert path.read_text().splitlines()[1:] == ['{"eventI', event(1).record]


def test_a_link_is_not_followed(sink: Any, tmp_path: Path) -> None:
    target, path = sink("file", path=str(tmp_path / "events.jsonl")), tmp_path / "events.jsonl"
    (tmp_path / "elsewhere").write_text("precious\n")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Undelivered):
        target.send([event(1)])
    assert (tmp_path / "elsewhere").read_text() == "precious\n"
