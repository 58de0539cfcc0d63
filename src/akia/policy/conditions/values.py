"""How policy values and request values are read for each kind of condition. None means: unreadable (C3.3-13)."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error
from datetime import date
from decimal import Decimal
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import NamedTuple

NANOSECONDS = 1_000_000_000
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?", re.ASCII)
_EPOCH = re.compile(r"[0-9]{1,19}", re.ASCII)
_LAST_EPOCH_SECOND = 2**63 - 1
_DATE = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?:T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]{1,9}))?)?"
    r"(?:Z|(?P<sign>[+-])(?P<zone_hour>[0-9]{2})(?::(?P<zone_minute>[0-9]{2}))?)?)?)?",
    re.ASCII,
)
_FIRST_DAY = date(1970, 1, 1).toordinal()


class Network(NamedTuple):
    """A block of addresses: `mask` is an integer of the family's width."""

    version: int
    first: int
    mask: int


def number(text: str) -> Decimal | None:
    """A plain decimal: no exponent, no hexadecimal (C3.3-12, contested: `numeric_plain_decimal_only`)."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def instant(text: str) -> int | None:
    """Nanoseconds since 1970 of a W3C date or of bare epoch seconds (C3.3-14, contested: `bare_number_date_is_epoch_seconds`)."""
    if _EPOCH.fullmatch(text):
        seconds = int(text)
        return seconds * NANOSECONDS if seconds <= _LAST_EPOCH_SECOND else None
    found = _DATE.fullmatch(text)
    return _moment(found.groupdict(default="0")) if found else None


def _moment(part: dict[str, str]) -> int | None:
    hour, minute, second = int(part["hour"]), int(part["minute"]), int(part["second"])
    zone_hour, zone_minute = int(part["zone_hour"]), int(part["zone_minute"])
    if max(hour, zone_hour) > 23 or max(minute, second, zone_minute) > 59:
        return None
    try:
        day = date(int(part["year"]), int(part["month"]), int(part["day"]) or 1).toordinal() - _FIRST_DAY
    except ValueError:
        return None
    offset = (zone_hour * 60 + zone_minute) * (-60 if part["sign"] == "-" else 60)
    seconds = day * 86_400 + hour * 3_600 + minute * 60 + second - offset
    return seconds * NANOSECONDS + int(part["fraction"].ljust(9, "0"))


def truth(text: str) -> bool | None:
    """`true` or `false` in any letter case (C3.3-6)."""
    return {"true": True, "false": False}.get(text.lower())


def octets(text: str) -> bytes | None:
    """The bytes that canonical base64 spells (C3.3-7)."""
    try:
        decoded = b64decode(text.encode("ascii"), validate=True)
    except (Error, ValueError):
        return None
    return decoded if b64encode(decoded).decode("ascii") == text else None


@lru_cache(maxsize=4096)
def address(text: str) -> tuple[int, int] | None:
    """Family (4 or 6) and number of an IP address. An IPv4-mapped one is made plain before it gets here (C3.3-16)."""
    try:
        parsed = ip_address(text)
    except ValueError:
        return None
    return None if "%" in text else (parsed.version, int(parsed))


_BLOCK = re.compile(r"[0-9A-Fa-f:.]+(?:/[0-9]{1,3})?", re.ASCII)


def network(text: str) -> Network | None:
    """A CIDR block; a bare address is a block of one, bits beyond the prefix are ignored (C3.3-8)."""
    if not _BLOCK.fullmatch(text):
        return None
    try:
        block = ip_network(text, strict=False)
    except ValueError:
        return None
    return Network(block.version, int(block.network_address), int(block.netmask))
