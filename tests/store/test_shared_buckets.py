"""Buckets in the mapped file: exact between processes, bounded, and there again after whatever ended a process."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from akia.aws.errors import ServiceUnavailable
from akia.jobs.flush_buckets import FlushBuckets
from akia.store import shared_buckets
from akia.store.errors import CannotOpen
from akia.store.shared_buckets import SharedBuckets, since_boot
from akia.throttle import Allowance, Draw, Limiter, Short, Taken
from akia.throttle.limiter import Claim, Exceeded

if TYPE_CHECKING:
    from pathlib import Path

HUNDRED = Allowance(1.0, 100.0)
DAILY = Allowance(0.0, 1.0, 10)
DAY = 20_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "buckets"


def taken(buckets: SharedBuckets, allowance: Allowance, tries: int, name: str = "b", now: float = 5.0, day: int = DAY) -> int:
    return sum(isinstance(buckets.take([Draw(name, allowance)], now, day), Taken) for _ in range(tries))


def test_two_that_have_the_file_open_share_every_token(path: Path) -> None:
    first, second = SharedBuckets(path), SharedBuckets(path)
    assert [taken(first, HUNDRED, 60), taken(second, HUNDRED, 60), taken(first, HUNDRED, 60)] == [60, 40, 0]


def test_all_or_none(path: Path) -> None:
    buckets = SharedBuckets(path)
    draws = [Draw("wide", HUNDRED), Draw("narrow", Allowance(1.0, 1.0))]
    assert isinstance(buckets.take(draws, 5.0, DAY), Taken)
    assert isinstance(buckets.take(draws, 5.0, DAY), Short)
    assert buckets.level("wide", HUNDRED, 5.0, DAY).tokens == 99


PROGRAM = """
import sys
from pathlib import Path
from akia.store.shared_buckets import SharedBuckets
from akia.throttle import Allowance, Draw, Taken
buckets, other = SharedBuckets(Path(sys.argv[1])), Allowance(0.0, 1.0, 10**6)
print("ready", flush=True)
sys.stdin.readline()
draws = [Draw("shared", Allowance(0.001, 3000.0)), Draw("counted", other)]
print(sum(isinstance(buckets.take(draws, 5.0, 20000), Taken) for _ in range(2000)), flush=True)
"""


def test_processes_at_once_are_given_exactly_what_there_is(path: Path) -> None:
    children = [
        subprocess.Popen([sys.executable, "-c", PROGRAM, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for child in children:
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    counts = [int(child.communicate()[0]) for child in children]
    assert sum(counts) == 3000
    counted = SharedBuckets(path).level("counted", Allowance(0.0, 1.0, 10**6), 5.0, 20000)
    assert counted.used == 3000, "what one bucket refuses is not taken from the other"


HOLDER = """
import fcntl, os, sys, time
file = os.open(sys.argv[1], os.O_RDWR)
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(600)
"""


def test_kill_9_of_who_holds_the_lock_lets_go_of_it(path: Path) -> None:
    buckets = SharedBuckets(path)
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        os.kill(holder.pid, signal.SIGKILL)
    assert taken(buckets, HUNDRED, 101) == 100


def test_who_stopped_while_it_held_the_lock_stops_nobody_for_long(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then nobody knows what is left, and nothing is given."""
    monkeypatch.setattr(shared_buckets, "LONGEST_WAIT", 0.05)
    buckets = SharedBuckets(path)
    file = os.open(path, os.O_RDWR)
    fcntl.flock(file, fcntl.LOCK_EX)
    with pytest.raises(ServiceUnavailable):
        taken(buckets, HUNDRED, 1)
    os.close(file)
    assert taken(buckets, HUNDRED, 1) == 1


def test_a_restart_forgets_neither_budget_nor_rate(path: Path) -> None:
    before = SharedBuckets(path)
    assert [taken(before, DAILY, 7, "key"), taken(before, HUNDRED, 100)] == [7, 100]
    before.close()
    after = SharedBuckets(path)
    assert [taken(after, DAILY, 7, "key"), taken(after, HUNDRED, 100)] == [3, 0]


def test_a_reboot_begins_rates_anew_and_budgets_go_on(path: Path) -> None:
    """The clock of rates begins anew with the machine: what it said before means nothing any more."""
    before = SharedBuckets(path, boot=b"one")
    assert [taken(before, DAILY, 7, "key", now=9e6), taken(before, HUNDRED, 100, now=9e6)] == [7, 100]
    before.close()
    after = SharedBuckets(path, boot=b"two")
    assert [taken(after, DAILY, 7, "key", now=1.0), taken(after, HUNDRED, 200, now=1.0)] == [3, 100]
    assert taken(after, HUNDRED, 200, now=11.0) == 10


def test_refusals_count_since_the_server_was_started(path: Path) -> None:
    first = SharedBuckets(path)
    second = SharedBuckets(path)
    first.count_refusal("limit")
    second.count_refusal("limit")
    assert first.refusals("limit") == second.refusals("limit") == 2
    first.close()
    third = SharedBuckets(path)
    assert third.refusals("limit") == 2, "a worker that was replaced is no new start"
    second.close()
    third.close()
    assert SharedBuckets(path).refusals("limit") == 0


def test_counting_a_refusal_costs_no_token(path: Path) -> None:
    buckets = SharedBuckets(path)
    assert taken(buckets, DAILY, 4, "key") == 4
    buckets.count_refusal("key")
    assert taken(buckets, DAILY, 7, "key") == 6


def test_a_damaged_file_is_made_anew(path: Path) -> None:
    path.write_bytes(b"rubbish")
    assert taken(SharedBuckets(path), HUNDRED, 101) == 100


def test_all_of_the_file_is_on_the_disk_from_the_start(path: Path) -> None:
    """A page for which there is no room later would kill the process (SIGBUS)."""
    SharedBuckets(path)
    assert path.stat().st_blocks * 512 >= path.stat().st_size


def test_a_disk_without_room_for_it_stops_the_start(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(CannotOpen, match="no room for the"):
        SharedBuckets(path)
    monkeypatch.undo()
    assert taken(SharedBuckets(path), HUNDRED, 1) == 1


def test_the_file_is_private_and_never_grows(path: Path) -> None:
    buckets = SharedBuckets(path)
    size = path.stat().st_size
    taken(buckets, HUNDRED, 10)
    assert (path.stat().st_mode & 0o777, path.stat().st_size) == (0o600, size)


@pytest.fixture
def tiny(path: Path, monkeypatch: pytest.MonkeyPatch) -> SharedBuckets:
    """A file with room for eight buckets, all in one window."""
    monkeypatch.setattr(shared_buckets, "SLOTS", 8)
    monkeypatch.setattr(shared_buckets, "WINDOW", 8)
    monkeypatch.setattr(shared_buckets, "_FILE_BYTES", 4_096 + 9 * shared_buckets._SLOT.size)
    return SharedBuckets(path)


def test_names_that_collide_have_buckets_of_their_own(tiny: SharedBuckets) -> None:
    one = Allowance(0.001, 1.0)
    assert [taken(tiny, one, 3, str(number)) for number in range(8)] == [1] * 8
    assert [taken(tiny, one, 3, str(number)) for number in range(8)] == [0] * 8


def test_nt_74_no_bucket_in_use_is_pushed_out_by_newcomers(tiny: SharedBuckets) -> None:
    """Who is turned away cannot make itself forgotten by coming under many names: they share one bucket behind all others."""
    one = Allowance(0.001, 1.0)
    for number in range(8):
        taken(tiny, one, 1, str(number))
    assert sum(taken(tiny, one, 1, f"new {number}") for number in range(50)) == 1
    assert [taken(tiny, one, 1, str(number)) for number in range(8)] == [0] * 8


def test_what_is_full_again_makes_room(tiny: SharedBuckets) -> None:
    one = Allowance(1.0, 1.0)
    for number in range(8):
        taken(tiny, one, 1, str(number), now=5.0)
    assert [taken(tiny, one, 1, f"new {number}", now=10.0) for number in range(8)] == [1] * 8
    assert sum(taken(tiny, one, 1, str(number), now=10.0) for number in range(8)) == 1, "they have lost their places, and share one"


def test_a_budget_in_use_is_not_forgotten_before_its_day_is_over(tiny: SharedBuckets) -> None:
    for number in range(8):
        taken(tiny, DAILY, 1, str(number))
    taken(tiny, HUNDRED, 1, "new", now=1e6)
    assert [taken(tiny, DAILY, 20, str(number), now=1e6) for number in range(8)] == [9] * 8
    assert taken(tiny, DAILY, 20, "tomorrow", day=DAY + 1) == 10


def test_the_digests_of_two_files_differ(tmp_path: Path) -> None:
    """Nobody can choose names that collide."""
    assert SharedBuckets(tmp_path / "a")._digest("x") != SharedBuckets(tmp_path / "b")._digest("x")


def test_everything_can_be_forgotten(path: Path) -> None:
    buckets = SharedBuckets(path)
    taken(buckets, DAILY, 10, "key")
    buckets.forget()
    assert taken(buckets, DAILY, 10, "key") == 10


def test_only_budgets_must_reach_the_disk(path: Path) -> None:
    buckets = SharedBuckets(path)
    taken(buckets, HUNDRED, 10)
    assert not buckets.flush()
    taken(buckets, DAILY, 1, "key")
    assert [buckets.flush(), buckets.flush()] == [True, False]


def test_limiters_of_two_workers_never_give_more_than_there_is(path: Path) -> None:
    allowance = Allowance(600.0, 600.0, 0, 60.0)
    workers = [(Limiter(SharedBuckets(path), 2), [Claim("wide", allowance, "wide", "ACCOUNT_OPERATION", "sts:*")]) for _ in range(2)]

    def at(moment: float, turn: int) -> bool:
        limiter, claims = workers[turn % 2]
        return not isinstance(limiter.admit(claims, "me", lambda: (moment, DAY)), Exceeded)

    assert 530 <= sum(at(5.0, turn) for turn in range(2000)) <= 600
    assert 5_960 <= sum(at(5.0 + turn / 2000, turn) for turn in range(20_000)) <= 6_012


def test_the_clock_since_boot_goes_on() -> None:
    assert since_boot() >= time.monotonic() - 1


class _Failing:
    """Buckets whose disk fails the first time."""

    def __init__(self) -> None:
        self.flushed = 0

    def flush(self) -> bool:
        self.flushed += 1
        if self.flushed == 1:
            raise OSError(errno.EIO, "Input/output error")
        return True


def test_a_disk_that_fails_is_logged_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    buckets: Any = _Failing()
    job = FlushBuckets(buckets)
    asyncio.run(job.once())
    asyncio.run(job.once())
    assert buckets.flushed == 2
    assert "daily budgets are not on the disk yet: Input/output error" in caplog.text
