"""The rates that AWS publishes for its services' actions, in requests a second of one account. What is not here has no limit.

Sources (for STS, which operations share the rate is unverified; for CloudTrail, newer editions have no such table):

- STS: "IAM and AWS STS quotas" in the IAM user guide, section on STS requests: 600 a second, of an account in a region, shared by the
  operations that are called with AWS credentials. Those that bring a token or an assertion instead are not among them.
- CloudTrail: "Quotas in AWS CloudTrail" in its user guide: `LookupEvents` 2, `ListInsightsMetricData` 1, other operations that get,
  describe or list 10, all others 1. Each is read as the rate of one operation by itself (contested: the table can also be read as one
  rate for all of a row).
- IAM, Access Analyzer: nothing is published but that there are limits.
- Organizations: rates are published by group of operations; what could be read of the table was not certain enough to refuse anybody by it.

AWS says nothing of how much may come at once; a second's worth may.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from akia.aws import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class PublishedRate:
    """`name` is that of the bucket: an action, or several that share it (`sts:*`)."""

    name: str
    rate: float

    @property
    def burst(self) -> float:
        return max(1.0, self.rate)


_STS = PublishedRate("sts:*", 600.0)
_WITH_CREDENTIALS = (
    "AssumeRole", "DecodeAuthorizationMessage", "GetAccessKeyInfo", "GetCallerIdentity", "GetFederationToken", "GetSessionToken",
)  # fmt: skip
_EXACT = {f"sts:{name}": _STS for name in _WITH_CREDENTIALS} | {
    "cloudtrail:LookupEvents": PublishedRate("cloudtrail:LookupEvents", 2.0),
    "cloudtrail:ListInsightsMetricData": PublishedRate("cloudtrail:ListInsightsMetricData", 1.0),
}
_TRAIL = "cloudtrail:"
_READS = ("Get", "Describe", "List")


def published(action: str) -> PublishedRate | None:
    """The rate of `action` (`sts:AssumeRole`), or None if AWS publishes none."""
    exact = _EXACT.get(action)
    if exact is not None or not action.startswith(_TRAIL):
        return exact
    return PublishedRate(action, 10.0 if action.removeprefix(_TRAIL).startswith(_READS) else 1.0)


def every() -> Iterator[PublishedRate]:
    """All of them, by name."""
    facts = catalogue.service("cloudtrail")
    actions = [str(action) for action in facts.actions.values()] if facts is not None else []
    rates = [rate for rate in map(published, actions) if rate is not None]
    yield from sorted([*rates, _STS], key=lambda rate: rate.name)
