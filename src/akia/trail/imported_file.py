"""Log files of trails, whoever has written them: their names, and the events in them."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import orjson

from akia.trail.log_file import inflated
from akia.trail.moment import epoch
from akia.trail.not_taken import NotTaken, json_of

_NAME = re.compile(r"(?:.*/)?[0-9]{12}_CloudTrail_[a-z0-9-]+_[0-9]{8}T[0-9]{4}Z_[A-Za-z0-9]{16}\.json(?:\.gz)?", re.ASCII)
_FRACTION = re.compile(r"\.[0-9]{1,6}(?=Z)", re.ASCII)


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
    """The events of the log file `key`, in their order. Raises NotTaken."""
    text = inflated(body) if key.endswith(".gz") else body
    try:
        content = orjson.loads(text)
        records = content["Records"]
    except (ValueError, KeyError, TypeError):
        raise NotTaken("InvalidFormat", "The file is not a log file of CloudTrail.") from None
    if not isinstance(records, list):
        raise NotTaken("InvalidFormat", "The file is not a log file of CloudTrail.")
    return [_event(record) for record in records]


def _event(record: Any) -> Imported:
    if isinstance(record, dict):
        event_id, account, moment = (record.get(name) for name in ("eventID", "recipientAccountId", "eventTime"))
        account = account or _caller(record)
        if isinstance(event_id, str) and isinstance(account, str) and isinstance(moment, str):
            category = str(record.get("eventCategory", "Management"))
            return Imported(event_id, account, _milliseconds(moment), category, json_of(record, "InvalidFormat").decode())
    raise NotTaken("InvalidFormat", "An event of the file has no id, no account or no time.")


def _milliseconds(moment: str) -> int:
    """Fractions of a second do not count."""
    try:
        return epoch(_FRACTION.sub("", moment)) * 1000
    except ValueError:
        raise NotTaken("InvalidFormat", "An event of the file has no time.") from None


def _caller(record: dict[str, Any]) -> Any:
    """Old records tell the account of the caller only, which was the recipient."""
    identity = record.get("userIdentity")
    return identity.get("accountId") if isinstance(identity, dict) else None
