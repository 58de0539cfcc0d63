"""What tests of trails share: a clock that is set, and the job that delivers, done by hand."""

from __future__ import annotations

import asyncio
import gzip
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.turns import turns

from akia.jobs.deliver_trails import DeliverTrails
from akia.outbound.buckets import BucketDown, BucketError, NoSuchBucket

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.store.store import Store
    from akia.testing.in_process import InProcess

MEMBERS = (
    "eventVersion", "userIdentity", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent",
    "requestParameters", "responseElements", "requestID", "eventID", "readOnly", "eventType", "managementEvent", "recipientAccountId",
    "eventCategory",
)  # fmt: skip
"""Of every record, in AWS's order (AC1.1)."""


@dataclass
class Memory:
    """Buckets in memory, which can be down. A bucket called `absent…` is not there."""

    objects: dict[tuple[str, str], tuple[bytes, dict[str, str]]] = field(default_factory=dict)
    down: str = ""
    tries: int = 0
    order: list[str] = field(default_factory=list)

    def require(self, bucket: str) -> None:
        if bucket.startswith("absent"):
            raise NoSuchBucket("NoSuchBucket")

    def put(self, bucket: str, key: str, body: bytes, metadata: Mapping[str, str]) -> None:
        self.tries += 1
        if self.down:
            raise BucketDown(self.down)
        self.objects[bucket, key] = body, dict(metadata)
        self.order.append(key)

    def get(self, bucket: str, key: str) -> bytes:
        self.tries += 1
        if self.down:
            raise BucketDown(self.down)
        if (bucket, key) not in self.objects:
            raise BucketError("NoSuchKey")
        return self.objects[bucket, key][0]

    def keys(self, bucket: str = "", prefix: str = "", after: str = "", limit: int = 2**31) -> list[str]:
        """As of buckets; of all of them for verification, which names none."""
        if self.down:
            raise BucketDown(self.down)
        every = sorted(key for name, key in self.objects if bucket in ("", name) and key.startswith(prefix) and key > after)
        return every[:limit]

    # For verification

    def read(self, key: str) -> bytes | None:
        return next((body for (_, name), (body, _) in self.objects.items() if name == key), None)

    def metadata(self, key: str) -> Mapping[str, str]:
        return next((metadata for (_, name), (_, metadata) in self.objects.items() if name == key), {})

    def text(self, key: str) -> Any:
        """The JSON in a file."""
        return json.loads(gzip.decompress(self.read(key) or b""))

    def named(self, part: str) -> list[str]:
        """The keys that hold `part`, in the order in which they came."""
        return [key for key in self.order if part in key]

    def events(self, part: str = "/CloudTrail/") -> list[str]:
        """The names of all events in log files whose keys hold `part`."""
        return [record["eventName"] for key in self.named(part) for record in self.text(key)["Records"]]


class Delivery:
    """The job of one worker, at a time that the test says. `buckets` are in memory."""

    def __init__(self, akia: InProcess, now: float, every: int = 300, digest_every: int = 3_600, buckets: Memory | None = None) -> None:
        self.akia, self.now = akia.akia, now
        self.buckets = buckets if buckets is not None else Memory()
        self.akia.authority.buckets = self.buckets
        self.do = turns(self.akia)
        self.job = DeliverTrails(self.store, self.buckets, self.do, every=every, digest_every=digest_every, clock=lambda: self.now)

    @property
    def store(self) -> Store:
        return self.akia.store

    def round(self, seconds: float = 0) -> None:
        """`seconds` later: everything that has happened is indexed, and the job does one round."""
        self.now += seconds
        self.akia.authority.drain()
        asyncio.run(self.job.once())

    @property
    def public_keys(self) -> dict[str, bytes]:
        return {key.fingerprint: key.public for key in self.store.trail_keys.all()}
