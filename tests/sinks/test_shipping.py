"""The job: nothing is lost whatever a sink does, nothing is doubled but whole deliveries, and no sink waits for another."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from tests.sinks import intakes
from tests.sinks.conftest import event

from akia.aws.errors import ServiceUnavailable
from akia.http.disk import Disk
from akia.http.group_commit import GroupCommit
from akia.jobs import ship_events, shipping
from akia.jobs.known_sinks import SinkFiles, Trouble, configured, reader_of
from akia.jobs.ship_events import ShipEvents
from akia.jobs.shipping import Shipping, gathered
from akia.sinks import Configured, Limits, Refused, Undelivered
from akia.store.only_one import OnlyOne
from akia.store.writer import Writer
from akia.testing.template import fresh_store

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence
    from pathlib import Path

    from akia.store.store import Store
    from akia.store.trail.event_row import EventRow

PATIENCE_SECONDS = 30.0
TEN = Limits(events=10, bytes=1_000_000)


@dataclass
class Fake:
    """A sink that keeps what it takes, and does what the test says with what comes."""

    limits: Limits = TEN
    deliveries: list[list[str]] = field(default_factory=list)
    attempts: list[list[str]] = field(default_factory=list)
    meanwhile: Callable[[list[str]], int | None] = lambda _: None

    def send(self, events: Sequence[EventRow]) -> int:
        ids = [one.event_id for one in events]
        self.attempts.append(ids)
        thrown_away = self.meanwhile(ids)
        self.deliveries.append(ids)
        return thrown_away or 0

    @property
    def taken(self) -> list[str]:
        return [one for delivery in self.deliveries for one in delivery]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = fresh_store(tmp_path / "akia.db")
    yield store
    store.close()


def add(store: Store, numbers: Any, **more: Any) -> list[str]:
    events = [event(number, **more) for number in numbers]
    store.connection.begin_immediate()
    store.events.add(events)
    store.connection.commit()
    return [one.event_id for one in events]


def way(store: Store, sink: Any, tmp_path: Path, chance: float = 1.0) -> Shipping:
    return Shipping(Configured("one", sink, False), store, 0, SinkFiles(tmp_path, "one"), lambda: chance)


def go(one: Shipping) -> None:
    """Everything that there is to deliver."""
    while (number := one.next()) is not None:
        one.advanced(number)


def running(
    store: Store, directory: Path, targets: list[Configured] | None, test: Callable[[ShipEvents], Awaitable[None]], **how: Any
) -> None:
    """Run the job until `test` is over, on a loop of its own; positions go through group commit, as they do in a worker."""

    async def main() -> None:
        writes = GroupCommit(Writer(store.another(), None), lambda _: None, Disk("commit"))
        do = how.get("do", lambda do: do)(writes.do)
        job = ShipEvents(targets, directory, store, do, every=0.01)
        task = asyncio.create_task(job.run())
        try:
            await asyncio.wait_for(test(job), PATIENCE_SECONDS)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await writes.close()

    asyncio.run(main())


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - what is waited for happens in threads and in the store
        await asyncio.sleep(0.01)


def test_deliveries_are_as_large_as_the_sink_allows_and_never_larger(store: Store, tmp_path: Path) -> None:
    ids = add(store, range(95))
    sink = Fake(Limits(events=40, bytes=1_000_000))
    go(way(store, sink, tmp_path))
    assert [len(delivery) for delivery in sink.deliveries] == [40, 40, 15]
    size = len(event(10).record.encode())
    small = Fake(Limits(events=1_000, bytes=3 * size))
    go(way(store, small, tmp_path))
    assert sink.taken == small.taken == ids
    assert max(len(delivery) for delivery in small.deliveries) == 3


def test_an_event_larger_than_the_limit_goes_alone(store: Store, tmp_path: Path) -> None:
    add(store, [1, 2])
    add(store, [3], padding="x" * 5_000)
    add(store, [4])
    sink = Fake(Limits(events=10, bytes=1_000))
    go(way(store, sink, tmp_path))
    assert sink.deliveries == [["id-1", "id-2"], ["id-3"], ["id-4"]]


def test_memory_is_bounded_whatever_waits(store: Store) -> None:
    add(store, range(1_000), padding="x" * 1_000)
    batch = gathered(store, 0, Fake(Limits(events=10_000, bytes=100_000)))
    assert sum(len(one.event.record.encode()) for one in batch) <= 100_000
    assert len(batch) > 80


def test_a_delivery_that_fails_is_repeated_as_it_was_although_more_has_come(store: Store, tmp_path: Path) -> None:
    first, sink = add(store, range(4)), Fake()
    one = way(store, sink, tmp_path)

    def down(_: list[str]) -> None:
        raise Undelivered("down")

    sink.meanwhile = down
    for _ in range(3):
        with pytest.raises(Undelivered):
            one.next()
        add(store, [100 + len(sink.attempts)])
    sink.meanwhile = lambda _: None
    go(one)
    assert sink.attempts[:4] == 4 * [first]
    assert sink.taken == [*first, "id-101", "id-102", "id-103"]


def test_one_event_that_a_sink_will_never_take_is_put_aside_alone(store: Store, tmp_path: Path) -> None:
    ids, sink = add(store, range(200)), Fake(Limits(events=100, bytes=1_000_000))

    def poison(found: list[str]) -> None:
        if {"id-7", "id-99"} & set(found):
            raise Refused("it answers 400")

    sink.meanwhile = poison
    one = way(store, sink, tmp_path)
    go(one)
    assert sink.taken == [name for name in ids if name not in {"id-7", "id-99"}]
    assert (one.sent, one.refusals) == (198, 2)
    assert (tmp_path / "one.refused").read_text() == "id-7 it answers 400\nid-99 it answers 400\n"
    assert len(sink.attempts) < 50


def test_a_sink_that_refuses_everything_is_waited_for(store: Store, tmp_path: Path) -> None:
    """A wrong address answers 400 to anything: the trail is not to run out into a list of refusals."""
    ids, sink = add(store, range(40)), Fake()

    def wrong(_: list[str]) -> None:
        raise Refused("it answers 400")

    sink.meanwhile = wrong
    one = way(store, sink, tmp_path)
    with pytest.raises(Undelivered, match="is this the right address"):
        go(one)
    assert one.refusals == shipping.MOST_REFUSED
    again = Shipping(Configured("one", sink, False), store, one.position, SinkFiles(tmp_path, "one"))  # after a restart
    with pytest.raises(Undelivered, match="is this the right address"):
        go(again)
    assert again.refusals == 0, "a restart is no reason to put aside ten more"
    sink.meanwhile = lambda _: None
    go(one)
    assert sink.taken == ids[shipping.MOST_REFUSED :]


def test_what_a_sink_says_it_has_thrown_away_is_counted(store: Store, tmp_path: Path) -> None:
    add(store, range(5))
    one = way(store, Fake(meanwhile=lambda _: 2), tmp_path)
    go(one)
    assert (one.sent, one.refusals) == (3, 2)


def test_what_goes_wrong_stands_on_the_disk_until_it_is_over(store: Store, tmp_path: Path) -> None:
    sink, words = Fake(), ["down", "down", "busy"]
    add(store, range(3))

    def ill(_: list[str]) -> None:
        if words:
            raise Undelivered(words[0])

    sink.meanwhile = ill
    now = [100.0]
    files = SinkFiles(tmp_path, "one")
    one = Shipping(Configured("one", sink, False), store, 0, files, clock=lambda: now[0])
    noted = []
    while words:
        with pytest.raises(Undelivered):
            one.next()
        noted.append(files.trouble())
        now[0] += 5
        del words[0]
    assert [trouble and trouble[:3] for trouble in noted] == 2 * [("down", 100.0, False)] + [("busy", 110.0, False)]
    go(Shipping(Configured("one", sink, False), store, 0, files))  # another worker has taken over
    assert files.trouble() == Trouble("busy", 110.0, is_over=True)


def test_the_trouble_of_a_bug_is_told_without_its_text(store: Store, tmp_path: Path) -> None:
    def broken(_: list[str]) -> None:
        raise KeyError("s3cret")

    add(store, range(3))
    with pytest.raises(KeyError):
        way(store, Fake(meanwhile=broken), tmp_path).next()
    trouble = SinkFiles(tmp_path, "one").trouble()
    assert trouble is not None and trouble.text == "KeyError"


def test_whoever_is_configured_no_more_is_told_of_at_the_start(store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    add(store, range(3))
    directory, sink = tmp_path / "sinks", Fake()

    async def everything(_: ShipEvents) -> None:
        await until(lambda: len(sink.taken) == 3)

    async def a_moment(_: ShipEvents) -> None:
        await asyncio.sleep(0)

    running(store, directory, [Configured("old", sink, False)], everything)
    assert configured(directory) == ["old"] and "no more" not in caplog.text
    running(store, directory, None, a_moment)  # a file that cannot be read says nothing of who is in it
    assert configured(directory) == ["old"] and "no more" not in caplog.text
    running(store, directory, [Configured("new", Fake(), False)], a_moment)
    assert configured(directory) == ["new"]
    assert "sink old is configured no more" in caplog.text and "akia sinks forget old" in caplog.text


def test_waiting_doubles_up_to_a_minute_and_begins_anew_after_a_success(store: Store, tmp_path: Path) -> None:
    one = way(store, Fake(), tmp_path)
    assert [one.failed(Undelivered("down")) for _ in range(9)] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    add(store, [1])
    go(one)
    assert one.failed(Undelivered("down")) == 1


def test_waiting_is_never_the_same_for_two(store: Store, tmp_path: Path) -> None:
    waits = {Shipping(Configured("a", Fake(), False), store, 0, SinkFiles(tmp_path, "a")).failed(Undelivered("")) for _ in range(20)}
    assert len(waits) > 10
    assert all(0.5 <= wait <= 1 for wait in waits)


def test_a_sink_is_not_asked_before_the_time_that_it_has_named(store: Store, tmp_path: Path) -> None:
    one = way(store, Fake(), tmp_path)
    assert one.failed(Undelivered("busy", retry_after=120)) == 120
    assert one.failed(Undelivered("busy", retry_after=0)) == 2
    assert one.failed(Undelivered("busy", retry_after=10.0**9)) == shipping.LONGEST_ASKED


@pytest.mark.covers("F9")
def test_a_sink_that_is_down_under_load_loses_nothing_and_delays_only_itself(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipping, "FIRST_WAIT", 0.02)
    monkeypatch.setattr(shipping, "LONGEST_WAIT", 0.05)
    sick, well, added = Fake(), Fake(), list[str]()
    stopped = threading.Event()

    def ill(_: list[str]) -> None:
        if stopped.is_set():
            raise Undelivered("down")

    sick.meanwhile = ill

    async def load(job: ShipEvents) -> None:
        writer = store.another()
        for number in range(0, 2_000, 20):
            if number == 400:
                stopped.set()
            if number == 1_600:
                await until(lambda: len(well.taken) >= 1_600)  # the other one has gone on
                assert len(sick.taken) <= 420
                (figures,) = [one for one in job.figures(1_700_000_100.0) if one.name == "sick"]
                assert figures.is_failing
                assert figures.failures > 0
                assert figures.lag_events >= 1_180
                assert 97 <= figures.lag_seconds <= 100
                stopped.clear()
            added.extend(add(writer, range(number, number + 20)))
            await asyncio.sleep(0.005)
        await until(lambda: len(sick.taken) == len(well.taken) == 2_000)
        await until(lambda: all(one.lag_events == 0 == one.lag_seconds for one in job.figures(1_700_000_100.0)))
        writer.close()

    running(store, tmp_path / "sinks", [Configured("sick", sick, False), Configured("well", well, False)], load)
    assert sick.taken == well.taken == added


@pytest.mark.covers("F9")
@pytest.mark.parametrize("kind", ["datadog", "newrelic", "sumologic", "otlp", "webhook"])
def test_an_intake_that_is_away_for_a_while_misses_nothing(
    kind: str, store: Store, tmp_path: Path, sink: Any, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once with an answer of 503, then without a server at all; over real connections, under load."""
    from tests.sinks.test_intakes import KINDS, made

    monkeypatch.setattr(shipping, "FIRST_WAIT", 0.05)
    monkeypatch.setattr(shipping, "LONGEST_WAIT", 0.1)
    rule, added, got = KINDS[kind][0], list[str](), list[str]()

    async def load(job: ShipEvents) -> None:
        async def some(numbers: range) -> None:
            for number in numbers:
                added.extend(add(store, range(number * 10, number * 10 + 10)))
                await asyncio.sleep(0.005)

        await some(range(20))
        await until(lambda: len(intake.event_ids) >= 100)
        intake.down = 503, {"Retry-After": "0"}, b""
        await some(range(20, 40))
        await until(lambda: any(one.failures >= 2 for one in job.figures(0.0)))
        assert len(set(intake.event_ids)) < len(added)
        intake.down = None
        await some(range(40, 50))
        got.extend(intake.event_ids)

    with intakes.serving(certificate, rule) as intake:
        target = Configured("one", made(sink, kind, intake.url), False)
        running(store, tmp_path / "sinks", [target], load)
        got[:] = intake.event_ids
        port = intake.port
    add_more = range(500, 600)

    async def without_server(job: ShipEvents) -> None:
        added.extend(add(store, add_more))
        await until(lambda: any(one.failures >= 2 for one in job.figures(0.0)))
        with intakes.serving(certificate, rule, port) as intake:
            await until(lambda: len(set(got) | set(intake.event_ids)) == 600)
            got.extend(intake.event_ids)

    running(store, tmp_path / "sinks", [target], without_server)
    assert list(dict.fromkeys(got)) == added
    assert len(got) == 600  # nobody was interrupted between delivery and position, so nothing came twice


def test_after_a_fall_the_last_delivery_comes_again_as_a_whole(store: Store, tmp_path: Path) -> None:
    """The position could not be written down any more, as if the power had gone."""
    sink = Fake()
    add(store, range(25))
    one = way(store, sink, tmp_path)
    one.advanced(one.next() or 0)
    one.next()
    go(Shipping(Configured("one", sink, False), store, one.position, SinkFiles(tmp_path, "r")))
    assert [len(delivery) for delivery in sink.deliveries] == [10, 10, 10, 5]
    assert sink.deliveries[1] == sink.deliveries[2]
    assert list(dict.fromkeys(sink.taken)) == [f"id-{number}" for number in range(25)]


def test_a_restart_goes_on_behind_what_was_delivered(store: Store, tmp_path: Path) -> None:
    sink = Fake()
    target = Configured("one", sink, False)
    for numbers in (range(30), range(30, 45), range(45, 46)):
        add(store, numbers)

        async def everything(_: ShipEvents, last: int = numbers[-1]) -> None:
            await until(lambda: sink.taken[-1:] == [f"id-{last}"])

        running(store, tmp_path / "sinks", [target], everything)
    assert sink.taken == [f"id-{number}" for number in range(46)]


def test_what_is_on_its_way_when_akia_ends_is_not_sent_again(store: Store, tmp_path: Path) -> None:
    sink, begun = Fake(), threading.Event()

    def slow(_: list[str]) -> None:
        begun.set()
        threading.Event().wait(0.3)

    sink.meanwhile = slow
    add(store, range(10))

    async def until_it_is_on_its_way(_: ShipEvents) -> None:
        await until(begun.is_set)

    running(store, tmp_path / "sinks", [Configured("one", sink, False)], until_it_is_on_its_way)
    assert store.event_stream.position(reader_of("one")) == store.event_stream.newest()
    assert len(sink.deliveries) == 1


def test_a_position_that_cannot_be_written_is_tried_again_without_a_second_delivery(store: Store, tmp_path: Path) -> None:
    sink, refused = Fake(), list[int]()
    add(store, range(10))

    def stubborn(do: Any) -> Any:
        async def once_in_three(work: Any) -> Any:
            refused.append(1)
            if len(refused) % 3:
                raise ServiceUnavailable("full")
            return await do(work)

        return once_in_three

    async def everything(_: ShipEvents) -> None:
        await until(lambda: store.event_stream.position(reader_of("one")) == store.event_stream.newest())

    running(store, tmp_path / "sinks", [Configured("one", sink, False)], everything, do=stubborn)
    assert len(sink.deliveries) == 1


def test_a_sink_begins_with_all_there_is_or_with_what_is_to_come(store: Store, tmp_path: Path) -> None:
    everything, later = Fake(), Fake()
    add(store, range(5))
    targets = [Configured("all", everything, False), Configured("later", later, True)]

    async def first(_: ShipEvents) -> None:
        await until(lambda: len(everything.taken) == 5 and store.event_stream.position(reader_of("later")) is not None)

    async def second(_: ShipEvents) -> None:
        await until(lambda: len(everything.taken) == 6 and bool(later.taken))

    running(store, tmp_path / "sinks", targets, first)
    add(store, [5])  # while nobody runs: it has begun, and must not miss it
    running(store, tmp_path / "sinks", targets, second)
    assert later.taken == ["id-5"]


def test_of_two_workers_one_ships_and_the_other_goes_on_when_it_ends(store: Store, tmp_path: Path) -> None:
    ours, theirs = Fake(), Fake()
    lock = OnlyOne(tmp_path / "sinks" / "one.lock")
    assert lock.take()  # another worker, which is a second descriptor to the kernel all the same
    add(store, range(5))

    async def test(job: ShipEvents) -> None:
        await asyncio.sleep(0.2)
        assert not ours.taken
        assert job.figures(0.0) == []
        lock.release()
        await until(lambda: len(ours.taken) == 5)
        assert not OnlyOne(tmp_path / "sinks" / "one.lock").take()
        await asyncio.to_thread(running, store, tmp_path / "sinks", [Configured("one", theirs, False)], lambda _: asyncio.sleep(0.2))
        assert not theirs.taken

    running(store, tmp_path / "sinks", [Configured("one", ours, False)], test)


def test_a_bug_in_a_sink_ends_neither_the_job_nor_the_others(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(shipping, "FIRST_WAIT", 0.02)
    sick, well, left = Fake(), Fake(), [3]

    def broken(_: list[str]) -> None:
        if left[0]:
            left[0] -= 1
            raise KeyError("a value from an event")

    sick.meanwhile = broken
    add(store, range(5))

    async def everything(_: ShipEvents) -> None:
        await until(lambda: len(sick.taken) == len(well.taken) == 5)

    running(store, tmp_path / "sinks", [Configured("sick", sick, False), Configured("well", well, False)], everything)
    assert "sink sick: KeyError" in caplog.text
    assert "a value" not in caplog.text


def test_the_jobs_words_are_those_of_the_documentation() -> None:
    assert reader_of("datadog") == "sink/datadog"
    assert ship_events.LOOK_EVERY_SECONDS == 1.0
