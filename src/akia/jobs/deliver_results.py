"""What a query has answered goes to a bucket, if its author has asked for that: rows first, then the file that signs them."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from akia.identity.lake_query import SUCCESS
from akia.jobs.signing_key import signing_key
from akia.outbound.buckets import BucketError, BucketRefuses, NoSuchBucket
from akia.querying.run import rows_of
from akia.trail.query_results import SIGN_FILE, csv_file, folder, sign_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.identity.lake_query import LakeQuery
    from akia.jobs.periodic import Clock, Do
    from akia.outbound.buckets import Buckets
    from akia.store.store import Store
    from akia.trail.query_results import ResultFile

TRIES = 3
WAIT_SECONDS = 2.0

log = logging.getLogger("akia.jobs")


class DeliverResults:
    """Arguments as those of DeliverTrails."""

    def __init__(self, reader: Store, buckets: Buckets, do: Do, clock: Clock) -> None:
        self._reader = reader
        self._buckets = buckets
        self._do = do
        self._clock = clock

    async def deliver(self, query: LakeQuery) -> None:
        """All files, and what became of it: `SUCCESS`, or AWS's word for why not."""
        now = int(self._clock())
        status = await self._status(query, now)
        delivered = replace(query, delivery_status=status)
        await self._do(lambda batch: batch.store.lake_queries.advance(query, delivered))

    async def _status(self, query: LakeQuery, now: int) -> str:
        private = await signing_key(self._reader, self._do, now)
        if private is None:
            return "FAILED_SIGNING_FILE"
        pieces = [body for _, body in self._reader.lake_queries.results(query.id, 0, query.rows)]
        files = await asyncio.to_thread(_files, query, pieces, now, private)
        bucket, _, prefix = query.delivery.removeprefix("s3://").partition("/")
        place = folder(prefix, query.account, query.id, now)
        for file in files:
            error = await self._error(bucket, place + file.name, file.body)
            if error:
                log.warning("the bucket %s does not take the results of a query (%s)", bucket, error)
                return f"{error}_SIGNING_FILE" if file.name == SIGN_FILE and error != "RESOURCE_NOT_FOUND" else error
        return SUCCESS

    async def _error(self, bucket: str, key: str, body: bytes) -> str:
        """What went wrong with a file, "" if nothing did. A bucket that is down is tried again."""
        for attempt in range(TRIES):
            try:
                await asyncio.to_thread(self._buckets.put, bucket, key, body, {})
            except NoSuchBucket:
                return "RESOURCE_NOT_FOUND"
            except BucketRefuses:
                return "ACCESS_DENIED"
            except BucketError:
                await asyncio.sleep(WAIT_SECONDS * attempt)
            else:
                return ""
        return "FAILED"


def _files(query: LakeQuery, pieces: Sequence[bytes], now: int, private: bytes) -> list[ResultFile]:
    rows = (row for piece in pieces for row in rows_of(piece))
    results = [csv_file(1, query.columns, rows)]
    return [*results, sign_file(results, query.region, now, private)]
