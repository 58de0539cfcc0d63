"""Writing digests: one a period for each account and region, also if nothing happened (AC8.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from akia.identity.trail_delivery import DIGEST, TrailFile, TrailLane
from akia.trail.digest import DigestLink, LoggedFile, Period, SignedDigest, digest_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.identity.trail import Trail
    from akia.jobs.trail_logs import Reach
    from akia.store.store import Store
    from akia.store.writer import Batch
    from akia.trail.log_file import Lane

END_OF_TIME = 2**62


@dataclass(frozen=True, slots=True)
class DigestStep:
    """The next digest of a chain. `last` if the chain ends with it."""

    trail: Trail
    lane: TrailLane
    place: Lane
    period: Period
    logs: Sequence[TrailFile]
    last: bool

    def signed(self, private: bytes) -> SignedDigest:
        """The digest. Takes a while: not for the thread that serves."""
        files = [LoggedFile(log.bucket, log.key, log.hash, log.oldest, log.newest) for log in self.logs]
        previous = DigestLink.from_json(self.lane.previous) if self.lane.previous else None
        return digest_file(self.place, self.trail.name, self.trail.region, self.period, files, previous, private)

    def enter(self, batch: Batch, digest: SignedDigest, body: bytes) -> bool:
        """Put it on its way, unless another worker has done so meanwhile. `body` is compressed."""
        store = batch.store
        until, previous = (0, "") if self.last else (self.period.end, digest.link.to_json())
        if not store.trail_lanes.chain(self.lane, until, previous):
            return False
        for log in self.logs:
            store.trail_files.digested(log)
        store.trail_files.add(
            TrailFile(
                trail=self.trail.id,
                account=self.lane.account,
                region=self.lane.region,
                kind=DIGEST,
                written=self.period.end,
                bucket=digest.file.bucket,
                key=digest.file.key,
                metadata=dict(digest.file.metadata),
                body=body,
                hash=digest.link.hash,
            )
        )
        return True


def digest_step(store: Store, trail: Trail, lane: TrailLane, reach: Reach, now: int, every: int, *, last: bool) -> DigestStep | None:
    """The next digest of `lane`, if it is due: `every` seconds after the one before, or at once if it is the `last`. One digest speaks for
    all the periods that akia was not running in.

    The last one of a deleted trail ends when that was: no two trails of a name are deleted in the same second, so their digests do not have
    the same key.
    """
    elapsed = now - lane.digested_until
    if not lane.digested_until or elapsed < (1 if last else every) or (trail.ended and not last):
        return None
    end = max(trail.ended or now, lane.digested_until + 1) if last else lane.digested_until + every * (elapsed // every)
    logs = store.trail_files.undigested(lane, END_OF_TIME if last else end)
    return DigestStep(trail, lane, reach.lane(lane.account, lane.region), Period(lane.digested_until, end), logs, last)
