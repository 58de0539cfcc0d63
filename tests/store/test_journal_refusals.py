"""The journal when the disk refuses, and when two threads meet in it."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import pytest

from akia.store.journal import Journal, JournalReader

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.covers("I2.store.journals")


@pytest.mark.parametrize("durable", [True, False])
def test_after_a_refusal_of_the_disk_a_new_segment_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, durable: bool) -> None:
    """Frames that were never acknowledged may stand behind the last good one: a shorter batch over them would bring the rest back to life,
    and an indexer that has read those would miss what is written in their place."""
    journal = Journal(tmp_path, "w", durable=durable, segment_bytes=1 << 16)
    journal.append(b"good")
    journal.write(journal.take())

    def failing(file: int, data: bytes, offset: int) -> Any:
        original(file, data, offset)
        raise OSError(5, "Input/output error")

    original = os.pwrite
    for payload in (b"lost one", b"lost two", b"lost three"):
        journal.append(payload)
    with monkeypatch.context() as broken:
        broken.setattr("os.pwrite", failing)
        with pytest.raises(OSError, match="Input"):
            journal.write(journal.take())
    reader = JournalReader(tmp_path)
    seen = {segment: reader.unread(segment, 0, 10_000)[1] for segment in reader.segments()}  # an indexer may have read all of it
    journal.append(b"next one")
    journal.write(journal.take())
    news = [payload for segment in reader.segments() for payload in reader.unread(segment, seen.get(segment, 0), 10_000)[0]]
    assert news == [b"next one"]
    journal.close()


def test_no_event_is_lost_between_a_thread_that_appends_and_one_that_takes(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "w", durable=False)
    total = 20_000
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            journal.write(journal.take())

    thread = threading.Thread(target=write)
    thread.start()
    for number in range(total):
        journal.append(b"%d" % number)
    done.set()
    thread.join()
    journal.close()
    reader, found = JournalReader(tmp_path), []
    for segment in reader.segments():
        found += reader.unread(segment, 0, total)[0]
    assert found == [b"%d" % number for number in range(total)]
