"""Trails: what of the events is delivered, where, and since when (AC7). Times are in epoch seconds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

from akia.aws.arn import Arn
from akia.identity import periods

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.identity.periods import Periods

SHORTEST_NAME, LONGEST_NAME = 3, 128
LONGEST_PREFIX = 200
_BUCKET = re.compile(r"[a-z0-9](?:[a-z0-9-]|\.(?=[a-z0-9])){1,61}[a-z0-9]", re.ASCII)
_PREFIX = re.compile(r"[A-Za-z0-9!_.*'()/=@+-]+", re.ASCII)
_CHARACTERS = (
    "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_)."
)


@dataclass(frozen=True, slots=True)
class Trail:
    """`id` is the row's and no other trail's, ever. `logging` are the periods of logging.

    `selectors`, `insights` and `configuration` (of events) are as the API has them; no selectors are AWS's default ones. `ended` is when
    the trail was deleted, 0 until then: what it has to deliver still is delivered.
    """

    id: str
    account: str
    region: str
    name: str
    created: int
    bucket: str
    prefix: str = ""
    global_events: bool = True
    multi_region: bool = False
    validated: bool = False
    organization: bool = False
    recursive: bool = True
    selectors: Mapping[str, Any] = field(default_factory=dict)
    insights: tuple[Mapping[str, Any], ...] = ()
    configuration: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    logging: Periods = ()
    ended: int = 0

    @property
    def arn(self) -> Arn:
        return Arn("cloudtrail", self.region, self.account, f"trail/{self.name}")

    @property
    def reader(self) -> str:
        """The name under which it goes through the events."""
        return f"trail/{self.id}"

    @property
    def is_logging(self) -> bool:
        return periods.goes_on(self.logging)

    def analyses(self, kind: str) -> bool:
        """Whether it wants insights of `kind` about management events. It must say so, and log."""
        wanted = any(
            each.get("InsightType") == kind and "Management" in each.get("EventCategories", ("Management",)) for each in self.insights
        )
        return wanted and self.is_logging and not self.ended

    def started(self, now: int) -> Trail:
        """Logging from `now` on, unless it is already."""
        return replace(self, logging=periods.begun(self.logging, now))

    def stopped(self, now: int) -> Trail:
        """Logging no more."""
        return replace(self, logging=periods.ended(self.logging, now))

    def logs_at(self, at_ms: int) -> bool:
        """Whether it logs what happened at `at_ms` (epoch milliseconds), the calls StartLogging and StopLogging included."""
        return periods.cover(self.logging, at_ms)


def name_problem(name: str) -> str | None:
    """What is wrong with a trail's name, in AWS's words; None if it is good (AC7.3)."""
    if not name:
        return "Trail name cannot be blank!"
    if len(name) < SHORTEST_NAME:
        return f"Trail name too short. Minimum allowed length: {SHORTEST_NAME} characters. Specified name length: {len(name)} characters."
    if len(name) > LONGEST_NAME:
        return f"Trail name too long. Maximum allowed length: {LONGEST_NAME} characters. Specified name length: {len(name)} characters."
    if re.fullmatch("[A-Za-z0-9._-]+", name) is None:
        return _CHARACTERS
    return _form_problem(name)


def _form_problem(name: str) -> str | None:
    if not name[0].isalnum():
        return "Trail name must starts with a letter or number."
    if not name[-1].isalnum():
        return "Trail name must ends with a letter or number."
    if re.search("[._-]{2}", name):
        return "Trail name must not have adjacent periods, underscores or hyphens."
    return "Trail name must not be in IP address format." if _is_address(name) else None


def is_bucket_name(name: str) -> bool:
    """Whether S3 takes `name` for a bucket's: 3 to 63 of small letters, digits, hyphens and single dots; no address."""
    return _BUCKET.fullmatch(name) is not None and not _is_address(name)


def is_prefix(prefix: str) -> bool:
    """Whether keys may begin with `prefix`: characters that are safe in keys, and no part that a file system would climb with."""
    parts = prefix.split("/")
    return len(prefix) <= LONGEST_PREFIX and _PREFIX.fullmatch(prefix) is not None and not any(part in ("", ".", "..") for part in parts)


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except ValueError:
        return False
    return True
