"""How the bytes of a request are repeated in an error's text."""

from __future__ import annotations

import re

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


def shown(raw: bytes) -> str:
    """`raw` as text: what is not UTF-8, and the control characters that XML cannot carry, as `\\xNN`."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", raw.decode("utf-8", "backslashreplace"))
