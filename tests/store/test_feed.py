"""The feed: another process's change is seen on the very next look, and costs nothing when there is none."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from akia.store.feed import SLOTS, Feed, NoFreeSlot, Slots, is_quiet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Table:
    """A `changes` table that counts how often it is read."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, str]] = []
        self.reads = 0

    def since(self, seen: int, /) -> Sequence[tuple[int, str]]:
        self.reads += 1
        return [row for row in self.rows if row[0] > seen]

    def latest(self) -> int:
        return self.rows[-1][0] if self.rows else 0


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def commit(slots: Slots, table: Table, subject: str) -> None:
    slots.step()
    table.rows.append((len(table.rows) + 1, subject))
    slots.step()


def test_another_processes_change_is_seen_on_the_next_look(tmp_path: Path) -> None:
    mine, other, table, clock = Slots(tmp_path / "feed"), Slots(tmp_path / "feed"), Table(), Clock()
    feed = Feed(table, mine, clock)
    feed.news()
    commit(other, table, "AIDA1")
    assert feed.news() == ["AIDA1"]
    assert feed.generation == 1


def test_a_look_without_news_reads_no_table(tmp_path: Path) -> None:
    table = Table()
    feed = Feed(table, Slots(tmp_path / "feed"), Clock())
    feed.news()
    reads = table.reads
    for _ in range(100):
        assert feed.news() == ()
    assert table.reads == reads


def test_a_change_is_seen_although_its_slot_was_looked_at_in_the_middle_of_the_commit(tmp_path: Path) -> None:
    mine, other, table = Slots(tmp_path / "feed"), Slots(tmp_path / "feed"), Table()
    feed = Feed(table, mine, Clock())
    other.step()
    assert feed.news() == []
    table.rows.append((1, "AIDA1"))
    assert feed.news() == ["AIDA1"]
    other.step()
    table.rows.append((2, "AIDA2"))
    assert feed.news() == ["AIDA2"], "the slot has moved since"


def test_a_process_that_died_in_its_commit_is_watched_until_its_slot_is_taken_over(tmp_path: Path) -> None:
    script = "import sys, os, pathlib; from akia.store.feed import Slots; Slots(pathlib.Path(sys.argv[1])).step(); os.kill(os.getpid(), 9)"
    mine, table = Slots(tmp_path / "feed"), Table()
    feed = Feed(table, mine, Clock())
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "feed")], check=False)
    assert not is_quiet(mine.others())
    table.rows.append((1, "AIDA1"))
    assert feed.news() == ["AIDA1"]
    successor = Slots(tmp_path / "feed")
    assert successor.own == 1 and is_quiet(mine.others())


def test_the_table_is_read_once_a_second_whatever_the_slots_say(tmp_path: Path) -> None:
    table, clock = Table(), Clock()
    feed = Feed(table, Slots(tmp_path / "feed"), clock)
    feed.news()
    table.rows.append((1, "AIDA1"))
    assert feed.news() == ()
    clock.now = 1.1
    assert feed.news() == ["AIDA1"]


def test_own_changes_are_not_news(tmp_path: Path) -> None:
    mine, table = Slots(tmp_path / "feed"), Table()
    feed = Feed(table, mine, Clock())
    feed.news()
    commit(mine, table, "AIDA1")
    feed.advance(1, own=1)
    assert feed.news() == ()


def test_each_process_has_a_slot_of_its_own(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from akia.store.feed import Slots; print(Slots(pathlib.Path(sys.argv[1])).own, flush=True); sys.stdin.read()"
    )
    mine = Slots(tmp_path / "feed")
    command = [sys.executable, "-c", script, str(tmp_path / "feed")]
    children = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        numbers = {int(child.stdout.readline()) for child in children if child.stdout}
        assert len(numbers) == 2 and mine.own not in numbers
    finally:
        for child in children:
            child.communicate()


def test_more_processes_than_slots_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(*_: object) -> None:
        raise BlockingIOError

    monkeypatch.setattr("fcntl.fcntl", taken)
    with pytest.raises(NoFreeSlot, match=str(SLOTS)):
        Slots(tmp_path / "feed")
    assert (tmp_path / "feed").stat().st_size > 0
