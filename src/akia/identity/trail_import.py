"""Imports: log files of trails that are copied from a bucket into an event data store. Times are in epoch seconds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ImportStatus(StrEnum):
    """AWS's words."""

    INITIALIZING = "INITIALIZING"
    IN_PROGRESS = "IN_PROGRESS"
    FAILED = "FAILED"
    STOPPED = "STOPPED"
    COMPLETED = "COMPLETED"


@dataclass(frozen=True, slots=True)
class Tally:
    """How far it has come."""

    prefixes_found: int = 0
    prefixes_completed: int = 0
    files: int = 0
    events: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class TrailImport:
    """Files of `bucket` whose keys begin with `prefix`, into the event data store `destination` (its id).

    `start` and `end` are from when to when events count, both included, 0 for any. `position` is the key of the last file that is done.
    While `retries` it goes through its failures again and not through the bucket. `step` grows with every change: who writes it must have
    seen the latest.
    """

    id: str
    account: str
    region: str
    created: int
    destination: str
    uri: str
    bucket: str
    prefix: str
    bucket_region: str
    role: str
    start: int = 0
    end: int = 0
    updated: int = 0
    status: str = ImportStatus.INITIALIZING.value
    position: str = ""
    retries: bool = False
    tally: Tally = Tally()
    step: int = 0

    @property
    def goes_on(self) -> bool:
        return self.status in {ImportStatus.INITIALIZING, ImportStatus.IN_PROGRESS}


@dataclass(frozen=True, slots=True)
class ImportFailure:
    """A file that could not be read, or that could at the second try: `location` is its URI, `status` AWS's word."""

    import_id: str
    location: str
    status: str
    error_type: str
    error_message: str
    updated: int


FAILED, RETRY, SUCCEEDED = "FAILED", "RETRY", "SUCCEEDED"
