"""Writing log files: which events a trail wants, and in which files they go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from akia.aws.regions import GLOBAL_REGION, GLOBAL_SERVICES, NAMES
from akia.identity.trail_delivery import LOG, TrailFile, TrailLane
from akia.jobs.event_context import told
from akia.jobs.reached_accounts import ReachedAccounts
from akia.trail.event import event_source
from akia.trail.log_file import Lane, log_file
from akia.trail.selectors import Selectable, selects

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from akia.identity.trail import Trail
    from akia.store.store import Store
    from akia.store.trail.event_row import EventRow
    from akia.store.writer import Batch

STEP_EVENTS = 1_000
"""Events that are read at a time, and so the most in one file."""
_GLOBAL_SOURCES = frozenset(event_source(service) for service in GLOBAL_SERVICES)


class Reach(ReachedAccounts):
    """Whose events a trail gets, and where its files about them go."""

    def __init__(self, store: Store, trail: Trail) -> None:
        super().__init__(store, trail.account, organization=trail.organization)
        self._trail = trail

    def lane(self, account: str, region: str) -> Lane:
        """Where files about `account` go."""
        return Lane(self._trail.bucket, self._trail.prefix, self.organization(account) or "", account, region)


@dataclass(frozen=True, slots=True)
class LogStep:
    """What a trail gets of the events after the number `before`, up to and with `after`: by account and region, in their order."""

    trail: Trail
    reach: Reach
    before: int
    after: int
    wanted: Mapping[tuple[str, str], Sequence[EventRow]]

    def files(self, now: int) -> list[TrailFile]:
        """Their files, written `now`. Compresses: not for the thread that serves."""
        return [self._file(account, region, rows, now) for (account, region), rows in self.wanted.items()]

    def enter(self, batch: Batch, files: Sequence[TrailFile], opened: int) -> bool:
        """Put them on their way, unless another worker has done so meanwhile. New chains of digests begin at `opened` (epoch seconds)."""
        store = batch.store
        if store.event_stream.position(self.trail.reader) != self.before:
            return False
        for file in files:
            store.trail_files.add(file)
            store.trail_lanes.add(TrailLane(self.trail.id, file.account, file.region))
            if file.undigested:
                open_chain(store, self.trail, file.account, file.region, opened)
        store.event_stream.advance(self.trail.reader, self.after)
        return True

    def _file(self, account: str, region: str, rows: Sequence[EventRow], now: int) -> TrailFile:
        made = log_file(self.reach.lane(account, region), [told(row, self.trail.configuration) for row in rows], now)
        times = [row.at_ms // 1000 for row in rows]
        return TrailFile(
            trail=self.trail.id,
            account=account,
            region=region,
            kind=LOG,
            written=now,
            bucket=made.bucket,
            key=made.key,
            body=made.compressed,
            hash=made.hash,
            oldest=min(times),
            newest=max(times),
            undigested=self.trail.validated,
        )


def log_step(store: Store, trail: Trail) -> LogStep | None:
    """The next step of `trail`; None if it has read every event that there is, or has never logged."""
    before = store.event_stream.position(trail.reader)
    rows = store.event_stream.after(before, STEP_EVENTS) if before is not None else []
    if before is None or not rows:
        return None
    reach = Reach(store, trail)
    wanted: dict[tuple[str, str], list[EventRow]] = {}
    for row in rows:
        if wants(trail, reach, row.event):
            wanted.setdefault((row.event.account, filed_in(trail, row.event.region)), []).append(row.event)
    return LogStep(trail, reach, before, rows[-1].number, wanted)


def open_chain(store: Store, trail: Trail, account: str, region: str, opened: int) -> None:
    """Digests about the account and region begin at `opened`, unless there is a chain of them. Inside a write transaction."""
    store.trail_lanes.add(TrailLane(trail.id, account, region))
    lane = next(lane for lane in store.trail_lanes.of(trail.id) if (lane.account, lane.region) == (account, region))
    if not lane.digested_until:
        store.trail_lanes.chain(lane, opened, "")


def wants(trail: Trail, reach: Reach, event: EventRow) -> bool:
    """Whether `trail`, which reaches as far as `reach`, logs the event."""
    return (
        trail.logs_at(event.at_ms)
        and reach.organization(event.account) is not None
        and _is_in_region(trail, event)
        and selects(trail.selectors, Selectable(event.name, event.source, event.read_only, event.record))
    )


def _is_in_region(trail: Trail, event: EventRow) -> bool:
    """A trail of one region gets that region's events; those of global services if it is told to, and then at home in us-east-1 only."""
    if trail.multi_region:
        return True
    is_global = event.region == GLOBAL_REGION and event.source in _GLOBAL_SOURCES
    return event.region == trail.region and (trail.global_events or not is_global)


def filed_in(trail: Trail, region: str) -> str:
    """The region whose files tell of an event. Whoever signs names any region that he likes: what is none of AWS's is filed at home, so
    that nobody makes a trail deliver digests for regions that he has made up."""
    return region if region in NAMES else trail.region
