"""When a request says that it was signed, and whether that is now (rules 9 to 11, SV3)."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from functools import lru_cache

from akia.aws.errors import AccessDenied, IncompleteSignature, SignatureDoesNotMatch
from akia.sigv4.echo import shown

_BASIC = re.compile(rb"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z")
_MONTHS = (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec")
_DAYS = (b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun")
_RFC_1123 = re.compile(
    rb"(%b), ([0-9]{2}) (%b) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) (?:GMT|UTC|[+-]0000)" % (b"|".join(_DAYS), b"|".join(_MONTHS)),
)


def timestamp_of(date: bytes) -> int:
    """Rule 9: `date`, `YYYYMMDDTHHMMSSZ`, in seconds since 1970. Raises IncompleteSignature."""
    seconds = _basic(date) if len(date) == 16 else None
    if seconds is None:
        raise IncompleteSignature(
            f"Date must be in ISO-8601 'basic format'. Got '{shown(date)}'. See http://en.wikipedia.org/wiki/ISO_8601"
        )
    return seconds


def in_basic_format(date: bytes) -> bytes:
    """The value of a `Date` header as it is signed: RFC 1123's form rewritten, anything else left for rule 9 to judge (SV2-2)."""
    found = _RFC_1123.fullmatch(date)
    if found is None:
        return date
    weekday, day, month, year, *clock = found.groups()
    seconds = _seconds(year, b"%d" % (_MONTHS.index(month) + 1), day, *clock)
    return date if seconds is None or _DAYS[time.gmtime(seconds).tm_wday] != weekday else basic_format(seconds).encode()


def check_window(seconds: int, timestamp: bytes, now: float, skew: int) -> None:
    """Rules 10 and 11: the request's time lies within `skew` seconds of `now`, by whole seconds. Raises SignatureDoesNotMatch."""
    here = int(now)
    if abs(here - seconds) <= skew:
        return
    there, ours, minutes = shown(timestamp), basic_format(here), skew // 60
    if seconds < here:
        limit = basic_format(here - skew)
        raise SignatureDoesNotMatch(f"Signature expired: {there} is now earlier than {limit} ({ours} - {minutes} min.)")
    limit = basic_format(here + skew)
    raise SignatureDoesNotMatch(f"Signature not yet current: {there} is still later than {limit} ({ours} + {minutes} min.)")


def check_lifetime(seconds: int, lifetime: int, now: float, skew: int) -> None:
    """Rules 10 and 11 of S3's presigned requests: from `skew` before to `lifetime` after signing (SV3-3, SV8-6). Raises AccessDenied."""
    if now > seconds + lifetime:
        raise AccessDenied("Request has expired")
    if int(now) < seconds - skew:
        raise AccessDenied("Request is not valid yet")


def basic_format(seconds: int) -> str:
    """`YYYYMMDDTHHMMSSZ` (SV6-2)."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


@lru_cache(maxsize=1024)
def _basic(text: bytes) -> int | None:
    found = _BASIC.fullmatch(text)
    return found and _seconds(*found.groups())


def _seconds(*numbers: bytes) -> int | None:
    """Seconds since 1970, or None for what no calendar or clock shows. The numbers are digits of ASCII."""
    year, month, day, hour, minute, second = map(int, numbers)
    try:
        return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp())
    except ValueError:
        return None
