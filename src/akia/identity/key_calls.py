"""The history of an access key's calls: sums by what was called, from where, and by which program (X16)."""

from __future__ import annotations

from typing import NamedTuple

HOUR_MS = 3_600_000
SECONDS_AN_HOUR = 3_600
HOURS_A_DAY = 24
HOURS_KEPT = 48
"""So long calls are counted by the hour, too."""
COMBINATIONS_A_DAY = 1_000
"""So many are told apart of one key on one day; later ones are added up as others."""
COMBINATIONS = 10_000
"""So many are kept of one key, day by day. Beyond that the oldest days are added up. With the limit for each day, whoever has stolen a key
needs ten days of calls to blur what happened before."""


class Combination(NamedTuple):
    """`service` is the signing name, `action` the operation. All are "" for calls that are not told apart."""

    service: str
    action: str
    region: str
    address: str
    agent: str


OTHERS = Combination("", "", "", "", "")


class CallSum(NamedTuple):
    """Verified calls, how many of them were denied, and the first and the last of them in epoch milliseconds."""

    calls: int
    denials: int
    first_ms: int
    last_ms: int


class HourOfCalls(NamedTuple):
    """The sum of one combination in one hour (counted since 1970)."""

    account: str
    access_key_id: str
    hour: int
    combination: Combination
    sum: CallSum

    @property
    def day(self) -> int:
        """Counted since 1970."""
        return self.hour // HOURS_A_DAY


class KeyUse(NamedTuple):
    """The latest verified call of a key (NT-93). The last three are "" where akia did not yet note them."""

    at_ms: int
    service: str
    region: str
    address: str
    agent: str
    action: str
