"""Channels, through which events from outside come into event data stores."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akia.aws.arn import Arn

if TYPE_CHECKING:
    from collections.abc import Mapping

CUSTOM = "Custom"
SOURCES = frozenset(
    {
        CUSTOM, "CloudStorageSecurityConsole", "Clumio", "CrowdStrike", "CyberArk", "GitHub", "KongInc", "LaunchDarkly", "MontyCloud",
        "NetskopeCloudExchange", "NordcloudMulticloud", "OktaSystemLogEvents", "OneIdentity", "Shoreline", "SnykIo", "Wiz",
    }
)  # fmt: skip
"""Those of partners that AWS has had, and whatever is one's own."""
_ARN = re.compile(r"arn:[a-z-]+:cloudtrail:([a-z0-9-]+):([0-9]{12}):channel/([0-9a-f-]{36})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ingestion:
    """How the latest events came in: when (epoch seconds, 0 for never), their ids in the stores, what was wrong ("" for nothing)."""

    succeeded: int = 0
    succeeded_id: str = ""
    attempted: int = 0
    attempted_id: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """`id` is the last part of its ARN. `destinations` are the ids of event data stores of the same account and region."""

    id: str
    account: str
    region: str
    name: str
    source: str
    created: int
    destinations: tuple[str, ...]
    tags: Mapping[str, str] = field(default_factory=dict)
    ingestion: Ingestion = field(default_factory=lambda: Ingestion())

    @property
    def arn(self) -> Arn:
        return Arn("cloudtrail", self.region, self.account, f"channel/{self.id}")


def channel_id(arn: str) -> str | None:
    """The id in a channel's ARN; None if it is not one."""
    match = _ARN.fullmatch(arn)
    return match[3] if match else None
