"""An event as the store keeps it: the record as text, and the columns that it is found by."""

from __future__ import annotations

from typing import NamedTuple


class EventRow(NamedTuple):
    """`at_ms` is in epoch milliseconds. `record` is the CloudTrail record (AC1.1) and `decision` the decision record, both JSON.

    `verified`: whether the caller proved to have `access_key_id` (else it was only claimed, NT-93). `error_code` is "" for success.
    `resources` holds pairs of type and name, for look-ups by either (AC6.1).
    """

    event_id: str
    request_id: str
    account: str
    at_ms: int
    name: str
    source: str
    username: str
    access_key_id: str
    verified: bool
    read_only: bool
    error_code: str
    region: str
    record: str
    decision: str
    resources: tuple[tuple[str, str], ...] = ()
