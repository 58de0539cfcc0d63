"""Timestamps in the three notations of the wire (W5.3, W5.5, W5.6, W6.3).

Readers return aware UTC datetimes and raise ValueError; writers take aware datetimes.
What is written has AWS's resolution: milliseconds.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ISO_8601 = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:?[0-9]{2})")
_RFC_822 = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT")
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,9})?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def from_iso_8601(text: str) -> datetime:
    """`2024-01-01T00:00:00Z`, with fractions of a second (digits after the sixth are dropped) or an offset."""
    if _ISO_8601.fullmatch(text) is None:
        raise ValueError(f"not an ISO 8601 timestamp: {text!r}")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(str(error)) from error


def from_epoch(seconds: float) -> datetime:
    """Seconds since 1970, fractions allowed."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(f"not a time: {seconds}") from error


def from_epoch_text(text: str) -> datetime:
    """`1704067200` or `1704067200.5`."""
    if _NUMBER.fullmatch(text) is None:
        raise ValueError(f"not a number of seconds: {text!r}")
    return from_epoch(float(text))


def from_rfc_822(text: str) -> datetime:
    """`Mon, 01 Jan 2024 00:00:00 GMT`."""
    found = _RFC_822.fullmatch(text)
    if found is None or found[2] not in _MONTHS:
        raise ValueError(f"not an RFC 822 timestamp: {text!r}")
    day, _, year, hour, minute, second = found.groups()
    return datetime(int(year), _MONTHS.index(found[2]) + 1, int(day), int(hour), int(minute), int(second), tzinfo=UTC)


def to_iso_8601(moment: datetime) -> str:
    """`2024-01-01T00:00:00Z`; milliseconds only if there are any (W6.3)."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    if moment.microsecond < 1000:
        return moment.isoformat()[:19] + "Z"
    return moment.isoformat(timespec="milliseconds")[:23] + "Z"


def to_epoch(moment: datetime) -> float:
    """Seconds since 1970: an integer, or with milliseconds if there are any (W6.3)."""
    milliseconds = (moment - _EPOCH) // _MILLISECOND
    return milliseconds / 1000 if milliseconds % 1000 else milliseconds // 1000


def to_rfc_822(moment: datetime) -> str:
    """`Mon, 01 Jan 2024 00:00:00 GMT`; written by hand because strftime's names depend on the locale."""
    utc = moment.astimezone(UTC)
    return f"{_DAYS[utc.weekday()]}, {utc.day:02d} {_MONTHS[utc.month - 1]} {utc.year:04d} {utc:%H:%M:%S} GMT"


def to_trail(moment: datetime, comma: str = "") -> str:
    """`Aug 1, 2024 1:33:28 PM` as IAM's events have it; STS's have a comma after the year (AC1.4)."""
    utc = moment.astimezone(UTC)
    clock = f"{(utc.hour + 11) % 12 + 1}:{utc.minute:02d}:{utc.second:02d} {'AM' if utc.hour < 12 else 'PM'}"
    return f"{_MONTHS[utc.month - 1]} {utc.day}, {utc.year}{comma} {clock}"


TEXT_READERS: Mapping[str, Callable[[str], datetime]] = {
    "iso8601": from_iso_8601,
    "rfc822": from_rfc_822,
    "unixTimestamp": from_epoch_text,
}
WRITERS: Mapping[str, Callable[[datetime], str | float]] = {
    "iso8601": to_iso_8601,
    "rfc822": to_rfc_822,
    "unixTimestamp": to_epoch,
}
