"""Moments as records spell them, read."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", re.ASCII)


def epoch(text: object) -> int:
    """Epoch seconds of `YYYY-MM-DDThh:mm:ssZ` (AC1.1). Raises ValueError for anything else."""
    if isinstance(text, str) and _MOMENT.fullmatch(text):
        with suppress(ValueError):  # 31 February
            return int(datetime.fromisoformat(text).timestamp())
    raise ValueError("not a moment in UTC, such as 2026-01-31T23:59:59Z")
