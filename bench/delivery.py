"""A trail delivers a long history: how fast, and in how much memory.

`python -m bench.delivery DATA` delivers in a process of its own whatever waits there, and prints what it saw as JSON.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from akia.identity.trail import Trail
from akia.jobs.deliver_trails import DeliverTrails
from akia.outbound.buckets import DirectoryBuckets
from akia.store.writer import Writer
from akia.trail.log_file import DIGESTS
from bench.akia_server import Authority
from bench.bulk import opened, settle_crowd
from bench.history import CALLERS, settle_history
from bench.servers import ROOT, StartError
from bench.targets import DELIVERED, DELIVERY_MEMORY

if TYPE_CHECKING:
    from collections.abc import Callable

    from akia.store.store import Store
    from akia.store.writer import Batch
    from bench.cases import Plan
    from bench.figures import Results

BEGUN = 0.1
"""The share of the events after which memory is read for the first time."""
HOUR = 3_600
_PAGE = os.sysconf("SC_PAGE_SIZE")
TRAIL, BUCKET = "bench", "bench-bucket"


def measure(plan: Plan, directory: Path, results: Results) -> None:
    """Adds the events a second that a trail of `plan.delivered` events writes, delivers and digests, and by how much its memory grows
    meanwhile. Raises StartError."""
    authority = Authority(directory / "delivery")
    with authority.running():
        pass  # the first start makes the account
    crowd = settle_crowd(authority, CALLERS)
    now = int(time.time())
    settle_history(authority.database, crowd, plan.delivered, (now - 60) * 1000, days=1)
    with opened(authority) as store:
        _add_trail(store, crowd.account, now)
    seen = _delivered(authority)
    arrived = _arrived(authority.data / "trails")
    if arrived < plan.delivered:
        raise ValueError(f"{arrived} of {plan.delivered} events have arrived")
    results.values[DELIVERED] = arrived / seen["seconds"]
    results.values[DELIVERY_MEMORY] = max(seen["after"] - seen["before"], 0)


def _add_trail(store: Store, account: str, now: int) -> None:
    logging = ((now - 2 * 86_400, 0),)
    trail = Trail(TRAIL, account, "us-east-1", TRAIL, now, BUCKET, multi_region=True, validated=True, logging=logging)
    store.connection.begin_immediate()
    store.trails.add(trail)
    store.event_stream.advance(trail.reader, 0)
    store.connection.commit()


def _delivered(authority: Authority) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.delivery", str(authority.data)]
    environment = os.environ | {"AKIA_MASTER_KEY": authority.master_key}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StartError(f"the delivery ended with {done.returncode}: {done.stderr[-1500:]}")
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def _arrived(buckets: Path) -> int:
    """How many records the log files hold that digests name."""
    files = {path.relative_to(buckets / BUCKET).as_posix(): path for path in (buckets / BUCKET).rglob("*.json.gz")}
    named = [
        log["s3Object"]
        for key, path in files.items()
        if DIGESTS in key
        for log in json.loads(gzip.decompress(path.read_bytes()))["logFiles"]
    ]
    return sum(gzip.decompress(files[key].read_bytes()).count(b'{"eventVersion"') for key in named)


@dataclass(slots=True)
class Watched:
    """Work in write transactions, and how much memory there is when the trail has come to certain events."""

    store: Store
    writer: Writer
    begun: int
    before: int = 0
    most: int = 0
    reader: str = field(default=f"trail/{TRAIL}")

    async def do(self, work: Callable[[Batch], Any]) -> Any:
        batch = self.writer.open()
        result = work(batch)
        batch.commit()
        if not self.before and (self.store.event_stream.position(self.reader) or 0) >= self.begun:
            self.before = resident()
        self.most = max(self.most, resident())
        await asyncio.sleep(0)
        return result


def deliver(data: Path, variables: dict[str, str]) -> dict[str, float]:
    """Write, deliver and digest everything that waits in this data directory."""
    from akia.store.database import Database  # as the product opens it
    from akia.store.feed import Slots
    from akia.store.master_key import MasterKeyVariable
    from akia.store.opening import open_store

    store = open_store(Database(Authority(data).database), MasterKeyVariable(variables))
    newest = store.event_stream.newest()
    watched = Watched(store, Writer(store.another(), Slots(data / "feed")), int(newest * BEGUN))
    moment = [time.time()]
    job = DeliverTrails(store, DirectoryBuckets(data / "trails"), watched.do, clock=lambda: moment[0])
    started = time.perf_counter()
    asyncio.run(job.once())
    moment[0] += HOUR + 60
    asyncio.run(job.once())
    seconds = time.perf_counter() - started
    waiting = len(store.trail_files.undelivered())
    if waiting:
        raise StartError(f"{waiting} files have not arrived")
    return {"seconds": seconds, "before": watched.before, "after": watched.most}


def resident() -> int:
    """Bytes of memory of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE


if __name__ == "__main__":
    print(json.dumps(deliver(Path(sys.argv[1]), dict(os.environ))))
