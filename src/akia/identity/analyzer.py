"""Access Analyzer's analyzers: a standing question about an account."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from akia.aws.arn import Arn

if TYPE_CHECKING:
    from collections.abc import Mapping

UNUSED_ACCESS = "ACCOUNT_UNUSED_ACCESS"
DEFAULT_DAYS = 90
"""How long something is unused before it is a finding, if nobody said otherwise."""


@dataclass(frozen=True, slots=True)
class Analyzer:
    """`configuration` is as the API has it, without its outermost name; `created` in epoch seconds."""

    account: str
    region: str
    name: str
    type: str
    created: int
    configuration: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> Arn:
        return Arn("access-analyzer", self.region, self.account, f"analyzer/{self.name}")

    @property
    def days(self) -> int:
        """How many days without use make access unused."""
        return int(self.configuration.get("unusedAccessAge", DEFAULT_DAYS))

    def leaves_out(self, tags: Mapping[str, str]) -> bool:
        """Whether the configuration excludes the account, or entities with these tags."""
        exclusions = self.configuration.get("analysisRule", {}).get("exclusions", ())
        return any(
            self.account in exclusion.get("accountIds", ())
            or any(wanted.items() <= tags.items() for wanted in exclusion.get("resourceTags", ()))
            for exclusion in exclusions
        )
