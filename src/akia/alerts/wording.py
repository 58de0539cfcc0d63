"""How sentences of alerts name things. What callers wrote may stand in them: never line breaks or other controls."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from akia.alerts.sighting import Sighting

_LONGEST = 256


def plain(text: str) -> str:
    """`text` on one line, without control characters, cut to what a message has room for."""
    return "".join(character if character.isprintable() else " " for character in text[:_LONGEST])


def who(seen: Sighting) -> str:
    """`The key AKIA… (arn:…)`, or the principal of a session."""
    if seen.has_long_term_key:
        return f"The key {plain(seen.access_key_id)} ({plain(seen.arn)})" if seen.arn else f"The key {plain(seen.access_key_id)}"
    return plain(seen.arn or seen.user_name or seen.access_key_id or "Somebody")


def where(seen: Sighting) -> str:
    """From which address."""
    return plain(seen.source_ip) or "an unknown address"


def call(seen: Sighting) -> str:
    """`iam:ListUsers`, as policies would call it."""
    return plain(f"{seen.service}:{seen.name}")
