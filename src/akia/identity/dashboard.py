"""Dashboards: queries that are run together, at a refresh. Times are in epoch seconds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from akia.aws.arn import Arn

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_WIDGETS = 10
_ARN = re.compile(r"arn:[a-z-]+:cloudtrail:[a-z0-9-]+:[0-9]{12}:dashboard/([A-Za-z0-9_-]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """`widgets` and `schedule` are as the API has them. `refresh` is the id of the latest refresh, "" before the first."""

    account: str
    region: str
    name: str
    created: int
    updated: int
    widgets: tuple[Mapping[str, Any], ...] = ()
    schedule: Mapping[str, Any] = field(default_factory=dict)
    protected: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    refresh: str = ""

    @property
    def arn(self) -> Arn:
        return Arn("cloudtrail", self.region, self.account, f"dashboard/{self.name}")


def dashboard_name(text: str) -> str:
    """The name in a dashboard's ARN; `text` itself if it is no ARN."""
    match = _ARN.fullmatch(text)
    return match[1] if match else text
