"""Whether a call may go on now: every limit that concerns it must have something left, else nothing is taken from any.

Buckets that are large are drawn from several tokens at a time, which are kept at hand for the calls that follow: then most calls ask
neither the store that all share nor the clock. What is at hand was taken, so that all workers together never exceed the rate; and it is so
little (for all workers together an eighth of what may come at once, and a twentieth when that grows scarce) that none is missed elsewhere.
After a pause it is there beside a full bucket: so much more may come at once then.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from akia.throttle.allowance import NEARLY, ROUNDING, Draw, Short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from akia.throttle.allowance import Allowance, Level
    from akia.throttle.buckets import Buckets

AT_HAND, AT_HAND_WHEN_SCARCE = 8, 20
"""What all workers together have at hand is at most this part of a bucket, or that one when half of it is gone."""
SHARE = 0.1
"""Who takes no more than a tenth of a bucket's rate is modest, and may have its reserve."""
SCARCE = 0.5
"""From this use on a bucket grows scarce, and it counts who takes how much."""
MOST_SHARES = 50_000
WORTH_TELLING = 10
"""Whoever may send fewer at once than so many is near the end with every few of them: that is nothing to tell."""
FRESH_SECONDS = 15.0
"""How long the fullest bucket that was seen counts in the figures."""


@dataclass(slots=True)
class Hand:
    """What a worker has at hand of one bucket, and how much of it each sender has had since it was drawn (at `since`), which is only
    `counted` while the bucket is less than half full: before, there is enough for everybody."""

    left: int = 0
    since: float = 0.0
    counted: bool = False
    scarce: bool = False
    takers: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim:
    """A limit that concerns a call: the bucket's name and what it gives. `limit` is the name that all buckets of the limit share, `scope`
    its kind, `told` what the limit is called where people read it."""

    bucket: str
    allowance: Allowance
    limit: str
    scope: str
    told: str
    hand: Hand = field(default_factory=Hand, compare=False, repr=False)


class Exceeded(NamedTuple):
    """The limit that refuses a call, and in how many seconds it gives again; `of_budget`: on the next day."""

    claim: Claim
    seconds: float
    of_budget: bool


class NearlyUsed(NamedTuple):
    """A limit whose use (0 to 1) has just risen above four fifths."""

    claim: Claim
    use: float


Verdict = Exceeded | tuple[NearlyUsed, ...]
_NOTHING: tuple[NearlyUsed, ...] = ()


class Limiter:
    """Belongs to one thread. `workers` share `buckets`. What it counts of refusals by scope is this worker's alone."""

    def __init__(self, buckets: Buckets, workers: int = 1) -> None:
        self.buckets = buckets
        self._workers = workers
        self._shares: dict[tuple[str, str], tuple[float, float]] = {}
        self._refused: Counter[str] = Counter()
        self._fullest: dict[str, tuple[float, float]] = {}

    def admit(self, claims: Sequence[Claim], whose: str, clocks: Callable[[], tuple[float, int]]) -> Verdict:
        """Take one token for each of `claims`, whose buckets are different ones, or say which has none. `whose` sets one sender apart
        from others that use the same buckets; `clocks` tell the time and the day of `Buckets`. Raises ServiceUnavailable."""
        verdict: Verdict = _NOTHING
        for claim in claims:
            if not claim.hand.left:
                verdict = self._draw([claim for claim in claims if not claim.hand.left], whose, *clocks())
                if isinstance(verdict, Exceeded):
                    return verdict
                break
        for claim in claims:
            hand = claim.hand
            hand.left -= 1
            if hand.counted:
                hand.takers[whose] = hand.takers.get(whose, 0) + 1
        return verdict

    def level(self, claim: Claim, now: float, day: int) -> Level:
        """How full a bucket is for everybody."""
        return self.buckets.level(claim.bucket, claim.allowance, now, day)

    def refusals(self, limit: str) -> int:
        """How many calls a limit has refused since the server was started, in all workers."""
        return self.buckets.refusals(limit)

    @property
    def refused(self) -> Mapping[str, int]:
        """How many calls this worker has refused, by scope."""
        return self._refused

    def fullest(self, now: float) -> Iterator[tuple[str, float]]:
        """The highest use that this worker has seen lately, by scope."""
        for scope, (use, seen) in self._fullest.items():
            yield scope, use if now - seen < FRESH_SECONDS else 0.0

    def forget(self) -> None:
        """Start anew. A throw-away akia's reset does this."""
        self.buckets.forget()
        self._shares.clear()
        self._fullest.clear()

    def _draw(self, claims: Sequence[Claim], whose: str, now: float, day: int) -> Verdict:
        for claim in claims:
            self._settle_shares(claim)
        draws = [Draw(claim.bucket, claim.allowance, self._most(claim), self._is_modest(claim, whose, now)) for claim in claims]
        outcome = self.buckets.take(draws, now, day)
        if isinstance(outcome, Short):
            claim = claims[outcome.place]
            self._refused[claim.scope] += 1
            self._note(claim.scope, 1.0, now)
            self.buckets.count_refusal(claim.limit)
            return Exceeded(claim, outcome.seconds, outcome.of_budget)
        nearly = _NOTHING
        for claim, granted, (before, after) in zip(claims, outcome.granted, outcome.uses, strict=True):
            hand = claim.hand
            hand.left, hand.since = granted, now
            hand.scarce = after >= SCARCE
            hand.counted = hand.scarce and claim.allowance.reserve > 0
            self._note(claim.scope, after, now)
            if before < NEARLY <= after and (claim.allowance.daily or claim.allowance.burst >= WORTH_TELLING):
                nearly = (*nearly, NearlyUsed(claim, after))
        return nearly

    def _settle_shares(self, claim: Claim) -> None:
        """Take what senders have had of what was at hand from their shares, as if they had had it when it was drawn."""
        hand = claim.hand
        for taker, taken in hand.takers.items():
            self._shares[claim.bucket, taker] = max(0.0, self._share(claim, taker, hand.since) - taken), hand.since
        hand.takers.clear()

    def _most(self, claim: Claim) -> int:
        """Of a budget never more than one at a time: nothing of it may be lost."""
        parts = (AT_HAND_WHEN_SCARCE if claim.hand.scarce else AT_HAND) * self._workers
        return 1 if claim.allowance.daily else max(1, int(claim.allowance.burst) // parts)

    def _is_modest(self, claim: Claim, whose: str, now: float) -> bool:
        return not claim.allowance.reserve or self._share(claim, whose, now) >= 1 - ROUNDING

    def _share(self, claim: Claim, whose: str, now: float) -> float:
        """What is left of a sender's fair share of a bucket."""
        most = max(1.0, claim.allowance.reserve)
        kept = self._shares.get((claim.bucket, whose))
        if kept is None:
            if len(self._shares) >= MOST_SHARES:
                self._shares.clear()
            return most
        tokens, since = kept
        return min(most, tokens + max(0.0, now - since) * SHARE * claim.allowance.rate)

    def _note(self, scope: str, use: float, now: float) -> None:
        highest, seen = self._fullest.get(scope, (0.0, now))
        if use >= highest or now - seen >= FRESH_SECONDS:
            self._fullest[scope] = use, now
