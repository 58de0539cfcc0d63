"""The journal: what was acknowledged is there, whatever was cut or damaged behind it; and it is indexed exactly once."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akia.store.indexer import Indexer, from_payload, to_payload
from akia.store.journal import Journal, JournalReader, frame, frames
from akia.store.trail.event_row import EventRow

if TYPE_CHECKING:
    from pathlib import Path

    from akia.store.store import Store


def row(number: int, key: str = "AKIARZPUZDIKAAAAAAAA") -> EventRow:
    id_ = f"00000000-0000-7000-8000-{number:012d}"
    return EventRow(
        id_,
        id_,
        "123456789012",
        number,
        "GetUser",
        "iam.amazonaws.com",
        "alice",
        key,
        True,
        True,
        "",
        "us-east-1",
        "{}",
        "[]",
        (("t", "n"),),
    )


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=20), st.binary(max_size=40))
def test_frames_come_back_whole_and_in_order_before_any_garbage(payloads: list[bytes], garbage: bytes) -> None:
    data = b"".join(map(frame, payloads))
    found = [payload for payload, _ in frames(data + bytes(8) + garbage)]
    assert found == payloads


@given(st.lists(st.binary(min_size=1, max_size=50), min_size=1, max_size=6), st.data())
def test_a_cut_anywhere_loses_only_what_stands_behind_it(payloads: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(map(frame, payloads))
    cut = data.draw(st.integers(0, len(whole)))
    found = [payload for payload, _ in frames(whole[:cut])]
    assert found == payloads[: len(found)]
    assert sum(len(frame(payload)) for payload in found) <= cut


@given(st.binary(min_size=1, max_size=60), st.data())
def test_a_flipped_bit_ends_the_segment(payload: bytes, data: st.DataObject) -> None:
    framed = bytearray(frame(payload))
    framed[data.draw(st.integers(0, len(framed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert list(frames(bytes(framed))) in ([], [(payload, len(framed))]) and list(frames(bytes(framed))) == []


def test_an_event_survives_the_journal_unchanged() -> None:
    assert from_payload(to_payload(row(7))) == row(7)


def test_segments_are_private_and_full_of_zeros_so_that_appending_moves_no_length(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", "w", segment_bytes=1 << 16)
    journal.append(b"one")
    journal.write(journal.take())
    segment = next((tmp_path / "journal").iterdir())
    size = segment.stat().st_size
    journal.append(b"two")
    journal.write(journal.take())
    assert segment.stat().st_size == size == 1 << 16
    assert segment.stat().st_mode & 0o777 == 0o600
    journal.close()


def test_events_of_many_segments_are_indexed_exactly_once_even_if_indexing_is_repeated(store: Store, tmp_path: Path) -> None:
    directory = tmp_path / "journal"
    journal = Journal(directory, "w", segment_bytes=2_000, durable=False)
    for number in range(50):
        journal.append(to_payload(row(number)))
        journal.write(journal.take())
    indexer = Indexer(JournalReader(directory))
    assert len(list(directory.iterdir())) > 3
    for _ in range(3):
        store.connection.begin_immediate()
        while indexer.step(store, most=7):
            pass
        store.connection.commit()
    assert store.events.count() == 50
    assert not indexer.is_behind(store)
    journal.close()


def test_an_indexer_that_dies_before_its_commit_loses_and_doubles_nothing(store: Store, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", "w", durable=False)
    for number in range(5):
        journal.append(to_payload(row(number)))
    journal.write(journal.take())
    indexer = Indexer(JournalReader(tmp_path / "journal"))
    store.connection.begin_immediate()
    assert indexer.step(store) == 5
    store.connection.rollback()
    assert store.events.count() == 0 and indexer.is_behind(store)
    store.connection.begin_immediate()
    assert indexer.step(store) == 5
    store.connection.commit()
    assert store.events.count() == 5
    journal.close()


def test_a_segment_goes_when_it_is_indexed_and_nobody_writes_it_any_more(store: Store, tmp_path: Path) -> None:
    directory = tmp_path / "journal"
    journal = Journal(directory, "w", durable=False)
    journal.append(to_payload(row(1)))
    journal.write(journal.take())
    indexer = Indexer(JournalReader(directory))

    def run() -> None:
        store.connection.begin_immediate()
        while indexer.step(store):
            pass
        store.connection.commit()

    run()
    assert list(directory.iterdir()), "its worker is alive"
    journal.close()
    run()
    assert not list(directory.iterdir())
    assert store.events.count() == 1


def test_a_segment_that_an_indexer_removes_before_its_worker_has_locked_it_takes_no_event_along(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the two an indexer may come by: to it the file looks like one that a dead worker has left."""
    directory, flock = tmp_path / "journal", fcntl.flock
    reader = JournalReader(directory)

    def late(file: int, operation: int) -> None:
        monkeypatch.setattr(fcntl, "flock", flock)
        assert [reader.remove_if_finished(segment, 0) for segment in reader.segments()] == [True]
        flock(file, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    journal = Journal(directory, "w")
    journal.append(to_payload(row(1)))
    journal.write(journal.take())
    store.connection.begin_immediate()
    Indexer(reader).step(store)
    store.connection.commit()
    assert store.events.count() == 1
    journal.close()


def test_events_of_a_killed_worker_are_indexed_by_the_next(store: Store, tmp_path: Path) -> None:
    script = """
import os, sys, pathlib
from akia.store.journal import Journal
journal = Journal(pathlib.Path(sys.argv[1]), "killed")
journal.append(bytes.fromhex(sys.argv[2]))
journal.write(journal.take())
journal.append(b"never acknowledged")
os.kill(os.getpid(), 9)
"""
    directory = tmp_path / "journal"
    subprocess.run([sys.executable, "-c", script, str(directory), to_payload(row(3)).hex()], check=False)
    indexer = Indexer(JournalReader(directory))
    store.connection.begin_immediate()
    while indexer.step(store):
        pass
    store.connection.commit()
    assert store.events.count() == 1
    assert not list(directory.iterdir())


def test_events_of_changes_are_moved_from_the_outbox_exactly_once(store: Store, tmp_path: Path) -> None:
    indexer = Indexer(JournalReader(tmp_path))
    store.connection.begin_immediate()
    for number in range(5):
        store.outbox.add(to_payload(row(number)))
    store.connection.commit()
    assert indexer.is_behind(store)
    for undone in (True, False, False):
        store.connection.begin_immediate()
        while indexer.step(store, most=2) == 2:
            pass
        store.connection.rollback() if undone else store.connection.commit()
    assert store.events.count() == 5 and not indexer.is_behind(store)


def test_a_full_disk_is_told_to_the_writer_and_leaves_no_half_segment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / "journal", "w", segment_bytes=1_000)

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    for size in (10, 10, 2_000):
        journal.append(bytes(size))
        with pytest.raises(OSError, match="No space left"):
            journal.write(journal.take())
    assert len(list((tmp_path / "journal").iterdir())) == 1, "the one that was made while there was room"
    monkeypatch.undo()
    journal.append(b"event")
    journal.write(journal.take())
    journal.close()


def test_reads_can_be_recorded_although_the_disk_filled_up_before_the_first_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path / "journal", "w")

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("akia.store.journal._fill", full)
    for number in range(100):
        journal.append(to_payload(row(number)))
        journal.write(journal.take())
    journal.close()
