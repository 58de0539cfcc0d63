"""What a query has answered, as text: the way Trino shows values."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any


def shown(value: Any) -> str:
    """A value of a result. Nothing at all is the empty text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=None).isoformat(" ", "milliseconds")
        return moment if value.tzinfo is None else f"{moment} {value.tzname()}"
    if isinstance(value, int | float | Decimal | date):
        return str(value)
    return _composed(value)


def _composed(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_part(key)}={_part(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_part(each) for each in value) + "]"
    if isinstance(value, tuple):
        return "{" + ", ".join(_part(each) for each in value) + "}"
    if isinstance(value, bytes | bytearray):
        return value.hex(" ")
    if isinstance(value, timedelta):
        seconds, milliseconds = divmod(value // timedelta(milliseconds=1), 1_000)
        minutes, hours = seconds // 60, seconds // 3_600
        return f"{hours // 24} {hours % 24:02}:{minutes % 60:02}:{seconds % 60:02}.{milliseconds:03}"
    return str(value)


def _part(value: Any) -> str:
    """A value within another one, where nothing at all must be seen."""
    return "null" if value is None else shown(value)
