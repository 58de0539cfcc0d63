"""Imports go on beside requests, file by file: each is a step, which is written together with how far the import has come.

So an import that is interrupted goes on behind the last file that was done, and of several workers one does each step. A file that cannot
be read is written down as a failure and keeps nothing else up; a bucket that is down is asked again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from akia.aws.errors import ServiceUnavailable
from akia.identity.event_data_store import LakeEvent
from akia.identity.trail_import import FAILED, SUCCEEDED, ImportFailure, ImportStatus
from akia.jobs.periodic import Periodic
from akia.jobs.reached_accounts import ReachedAccounts
from akia.outbound.buckets import BucketDown, BucketError, BucketRefuses, NoSuchBucket
from akia.trail.imported_file import events_in, is_log_file
from akia.trail.not_taken import NotTaken
from akia.trail.selectors import MANAGEMENT

if TYPE_CHECKING:
    from akia.identity.event_data_store import EventDataStore
    from akia.identity.trail_import import TrailImport
    from akia.jobs.periodic import Clock, Do
    from akia.outbound.buckets import Buckets
    from akia.store.store import Store
    from akia.store.writer import Batch

PAUSE_SECONDS = 0.005
KEYS = 500
"""Keys that a bucket is asked for at a time."""

log = logging.getLogger("akia.jobs")


@dataclass(frozen=True, slots=True)
class ImportStep:
    """What changes: how far the import has come, what its store gets, and what is to be said of a file."""

    after: TrailImport
    events: tuple[LakeEvent, ...] = ()
    failure: ImportFailure | None = None

    def enter(self, batch: Batch) -> bool:
        """Write it, unless somebody else has changed or stopped the import meanwhile."""
        store, after = batch.store, self.after
        known = store.imports.get(after.id)
        if known is None or known.step != after.step:
            return False
        added = store.lake_events.add(after.destination, self.events)
        if self.failure is not None:
            store.import_failures.put(self.failure)
        tally = replace(after.tally, events=after.tally.events + added, failed=store.import_failures.unread(after.id))
        return store.imports.advance(replace(after, tally=tally))


class RunImports(Periodic):
    every = 5.0
    trouble = "imports wait"

    def __init__(self, reader: Store, buckets: Buckets, do: Do, clock: Clock = time.time) -> None:
        super().__init__(reader, do, clock)
        self._buckets = buckets

    async def once(self) -> None:
        """Every import goes on as far as it can."""
        for found in self._reader.imports.going_on():
            await self._carefully(found)

    async def _carefully(self, found: TrailImport) -> None:
        """What goes wrong with one import ends no other. Raises ServiceUnavailable."""
        try:
            await self._go_on(found)
        except BucketError as error:
            log.warning("the import %s waits: its bucket cannot be read (%s)", found.id, error.code)
        except ServiceUnavailable:
            raise
        except Exception as error:
            log.error("the import %s failed: %s", found.id, type(error).__name__)  # not its text, which may quote a file (NT-67)
            now = self._reader.imports.get(found.id)
            if now is not None and now.goes_on:
                await self._do(ImportStep(self._ended(now, ImportStatus.FAILED)).enter)

    async def _go_on(self, found: TrailImport) -> None:
        store = self._reader.event_data_stores.get(found.destination)
        if store is None or store.deleted:
            await self._do(ImportStep(self._ended(found, ImportStatus.FAILED)).enter)
            return
        if found.retries and not await self._retry(found, store):
            return
        found = self._reader.imports.get(found.id) or found
        if found.goes_on and await self._read_all(found, store):
            await self._end(found.id)

    async def _retry(self, found: TrailImport, store: EventDataStore) -> bool:
        """Try the files again that have failed before. False if somebody else is at it, or has stopped it."""
        after = ""
        while failures := self._reader.import_failures.to_retry(found.id, after, 1):
            after = failures[0].location
            key = after.removeprefix(f"s3://{found.bucket}/")
            step = await self._taken(replace(found, updated=int(self._clock())), store, key, tried=True)
            if not await self._do(step.enter):
                return False
            found = self._reader.imports.get(found.id) or found
        return bool(await self._do(ImportStep(replace(found, retries=False)).enter))

    async def _read_all(self, found: TrailImport, store: EventDataStore) -> bool:
        """Read the files behind the last that is done. False if the import does not come to its end here."""
        keys = await self._keys(found)
        while keys:
            for key in keys:
                if not await self._do((await self._read(found, store, key)).enter):
                    return False
                found = self._reader.imports.get(found.id) or found
                await asyncio.sleep(PAUSE_SECONDS)
            keys = await self._keys(found)
        return keys is not None

    async def _end(self, import_id: str) -> None:
        found = self._reader.imports.get(import_id)
        if found is not None:
            done = replace(found, tally=replace(found.tally, prefixes_completed=found.tally.prefixes_found))
            unread = self._reader.import_failures.unread(found.id)
            await self._do(ImportStep(self._ended(done, ImportStatus.FAILED if unread else ImportStatus.COMPLETED)).enter)

    async def _keys(self, found: TrailImport) -> list[str] | None:
        """The next keys; None if the import has come to its end, since its bucket is not there or not open any more."""
        try:
            return await asyncio.to_thread(self._buckets.keys, found.bucket, found.prefix, found.position, KEYS)
        except (NoSuchBucket, BucketRefuses) as error:
            log.warning("the import %s failed: its bucket cannot be read (%s)", found.id, error.code)
            await self._do(ImportStep(self._ended(found, ImportStatus.FAILED)).enter)
            return None

    async def _read(self, found: TrailImport, store: EventDataStore, key: str) -> ImportStep:
        """The step of one key: what is no log file is passed by."""
        after = replace(found, position=key, updated=int(self._clock()), status=ImportStatus.IN_PROGRESS.value)
        if not is_log_file(key):
            return ImportStep(after)
        tally = after.tally
        if _folder(key) != _folder(found.position) or not tally.prefixes_found:
            tally = replace(tally, prefixes_found=tally.prefixes_found + 1, prefixes_completed=tally.prefixes_found)
        return await self._taken(replace(after, tally=tally), store, key, tried=False)

    async def _taken(self, after: TrailImport, store: EventDataStore, key: str, *, tried: bool) -> ImportStep:
        """The step of a log file. If it was `tried` before, it says that it has succeeded now. Raises BucketDown: that says nothing of the
        file."""
        now = int(self._clock())
        location = f"s3://{after.bucket}/{key}"
        try:
            body = await asyncio.to_thread(self._buckets.get, after.bucket, key)
            events = await asyncio.to_thread(self._wanted, after, store, body, key)
        except NotTaken as problem:
            return ImportStep(after, failure=ImportFailure(after.id, location, FAILED, problem.code, problem.message, now))
        except BucketDown:
            raise
        except BucketError as error:
            message = "The file cannot be read from the bucket."
            return ImportStep(after, failure=ImportFailure(after.id, location, FAILED, error.code, message, now))
        succeeded = ImportFailure(after.id, location, SUCCEEDED, "", "", now) if tried else None
        return ImportStep(replace(after, tally=replace(after.tally, files=after.tally.files + 1)), tuple(events), succeeded)

    def _wanted(self, found: TrailImport, store: EventDataStore, body: bytes, key: str) -> list[LakeEvent]:
        """The events of a file that the store is to have. Raises NotTaken, also if any is of an account that the store does not reach."""
        events = events_in(body, key)
        reader = self._reader.another()
        try:
            reached = ReachedAccounts(reader, store.account, organization=store.organization)
            strangers = [event for event in events if reached.organization(event.account) is None]
        finally:
            reader.close()
        if strangers:
            raise NotTaken("AccessDenied", "The file holds events of accounts that are not the event data store's.")
        since = max(store.kept_from_ms(int(self._clock())), found.start * 1000)
        until = found.end * 1000 + 999 if found.end else 2**62
        fitting = [event for event in events if event.category == MANAGEMENT and since <= event.at_ms <= until]
        return [LakeEvent(event.event_id, event.at_ms, event.record) for event in fitting]

    def _ended(self, found: TrailImport, status: ImportStatus) -> TrailImport:
        return replace(found, status=status.value, updated=int(self._clock()), retries=False)


def _folder(key: str) -> str:
    return key.rpartition("/")[0]
