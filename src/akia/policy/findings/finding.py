"""What a check has to say about a policy document (P5.5)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.policy.positions import Path, Span


class FindingType(StrEnum):
    """How bad it is."""

    ERROR = "ERROR"
    SECURITY_WARNING = "SECURITY_WARNING"
    WARNING = "WARNING"
    SUGGESTION = "SUGGESTION"


class PolicyType(StrEnum):
    """What the caller says the document is."""

    IDENTITY = "IDENTITY_POLICY"
    RESOURCE = "RESOURCE_POLICY"
    SCP = "SERVICE_CONTROL_POLICY"
    RCP = "RESOURCE_CONTROL_POLICY"


class Place(NamedTuple):
    """A part of the document: the value at `path`, the name of that member (`is_name`), or some characters of that text."""

    path: Path
    is_name: bool = False
    start: int = 0
    length: int | None = None
    """Characters of the text, from `start`; None: the whole value."""


class Found(NamedTuple):
    """What a rule reports: a code of the table, where, and the words that its text has blanks for."""

    code: str
    places: tuple[Place, ...]
    facts: Mapping[str, str]


def found(code: str, *places: Place, **facts: str) -> Found:
    """A report of `code` at `places`."""
    return Found(code, places, facts)


class Location(NamedTuple):
    """A place with its span in the text."""

    place: Place
    span: Span


class Finding(NamedTuple):
    """A report ready to be shown."""

    code: str
    type: FindingType
    details: str
    link: str
    locations: tuple[Location, ...]
