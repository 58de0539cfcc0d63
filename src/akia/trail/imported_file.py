"""Log files of trails, whoever has written them: their names, and the events in them."""

from __future__ import annotations

import re
import zlib
from datetime import datetime
from typing import Any, NamedTuple

import orjson

LARGEST_TEXT = 256 * 1_048_576
"""Bytes of a log file, after decompression."""
_NAME = re.compile(r"(?:.*/)?[0-9]{12}_CloudTrail_[a-z0-9-]+_[0-9]{8}T[0-9]{4}Z_[A-Za-z0-9]{16}\.json(?:\.gz)?", re.ASCII)
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z", re.ASCII)


class Unreadable(Exception):
    """A file that is none. `kind` is a word for what is wrong with it."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class Imported(NamedTuple):
    """An event: when it happened is in epoch milliseconds, `record` is its JSON."""

    event_id: str
    account: str
    at_ms: int
    category: str
    record: str


def is_log_file(key: str) -> bool:
    """Whether `key` is that of a trail's log file: no digest, no insights, nothing that others have put there (AC7.1)."""
    return _NAME.fullmatch(key) is not None


def events_in(body: bytes, key: str) -> list[Imported]:
    """The events of the log file `key`, in their order. Raises Unreadable."""
    text = _inflated(body) if key.endswith(".gz") else body
    try:
        content = orjson.loads(text)
        records = content["Records"]
    except (ValueError, KeyError, TypeError):
        raise Unreadable("InvalidFormat", "The file is not a log file of CloudTrail.") from None
    if not isinstance(records, list):
        raise Unreadable("InvalidFormat", "The file is not a log file of CloudTrail.")
    return [_event(record) for record in records]


def _event(record: Any) -> Imported:
    if isinstance(record, dict):
        event_id, account, moment = (record.get(name) for name in ("eventID", "recipientAccountId", "eventTime"))
        account = account or _caller(record)
        if isinstance(event_id, str) and isinstance(account, str) and isinstance(moment, str) and _MOMENT.fullmatch(moment):
            try:
                at_ms = int(datetime.fromisoformat(moment).timestamp() * 1000)
            except (ValueError, OverflowError):
                raise Unreadable("InvalidFormat", "An event of the file has no time.") from None
            return Imported(event_id, account, at_ms, str(record.get("eventCategory", "Management")), orjson.dumps(record).decode())
    raise Unreadable("InvalidFormat", "An event of the file has no id, no account or no time.")


def _caller(record: dict[str, Any]) -> Any:
    """Old records tell the account of the caller only, which was the recipient."""
    identity = record.get("userIdentity")
    return identity.get("accountId") if isinstance(identity, dict) else None


def _inflated(body: bytes) -> bytes:
    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        text = stream.decompress(body, LARGEST_TEXT + 1)
    except zlib.error:
        raise Unreadable("InvalidFormat", "The file is not compressed as it should be.") from None
    if len(text) > LARGEST_TEXT:
        raise Unreadable("EntityTooLarge", "The file is too large.")
    if not stream.eof or stream.unused_data:
        raise Unreadable("InvalidFormat", "The file is not compressed as it should be.")
    return text
