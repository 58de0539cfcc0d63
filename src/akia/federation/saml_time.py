"""Times in SAML: `xs:dateTime` in UTC, as epoch seconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from akia.federation.saml_xml import Unreadable

_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,12})?(Z|[+-]\d\d:\d\d)?", re.ASCII)


def instant(text: str) -> int:
    """The epoch seconds of `text`, fractions cut off. Without a zone it is UTC, as SAML says. Raises Unreadable."""
    parts = _INSTANT.fullmatch(text)
    if parts is None:
        raise Unreadable("not a time")
    whole, zone = parts[1], parts[2]
    try:
        when = datetime.fromisoformat(whole + ("+00:00" if zone in (None, "Z") else zone))
        return int(when.astimezone(UTC).timestamp())
    except (ValueError, OverflowError):
        raise Unreadable("not a time") from None


def optional(text: str | None) -> int | None:
    """`instant`, for an attribute that may be absent. Raises Unreadable."""
    return None if text is None else instant(text)
