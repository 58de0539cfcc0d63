"""Whether a call may go on now: every limit that concerns it must have something left, else nothing is taken from any.

Buckets that are large are drawn from several tokens at a time, which are kept at hand for the calls that follow: then most calls need not
ask the store that all share. What is at hand was taken, so the sum of all workers never exceeds a limit; and it is so little (a fiftieth
of a bucket for all workers together) that none is missed elsewhere.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from akia.throttle.allowance import NEARLY, ROUNDING, Draw, Short

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from akia.throttle.allowance import Allowance, Level
    from akia.throttle.buckets import Buckets

AT_HAND = 50
"""What all workers together have at hand is at most this part of a bucket."""
SHARE = 0.1
"""Who takes no more than a tenth of a bucket's rate is modest, and may have its reserve."""
MOST_SHARES = 50_000
WORTH_TELLING = 10
"""Whoever may send fewer at once than so many is near the end with every few of them: that is nothing to tell."""
FRESH_SECONDS = 15.0
"""How long the fullest bucket that was seen counts in the figures."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A limit that concerns a call: the bucket's name and what it gives. `limit` is the name that all buckets of the limit share, `scope`
    its kind, `told` what the limit is called where people read it."""

    bucket: str
    allowance: Allowance
    limit: str
    scope: str
    told: str


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
        self._parts = AT_HAND * workers
        self._at_hand: dict[str, int] = {}
        self._shares: dict[tuple[str, str], tuple[float, float]] = {}
        self._refused: Counter[str] = Counter()
        self._fullest: dict[str, tuple[float, float]] = {}

    def admit(self, claims: Sequence[Claim], whose: str, now: float, day: int) -> Verdict:
        """Take one token for each of `claims`, whose buckets are different ones, or say which has none. `whose` sets one sender apart
        from others that use the same buckets. The clocks are those of `Buckets`. Raises ServiceUnavailable."""
        at_hand = self._at_hand
        verdict: Verdict = _NOTHING
        wanting = [claim for claim in claims if claim.bucket not in at_hand]
        if wanting:
            verdict = self._draw(wanting, whose, now, day)
            if isinstance(verdict, Exceeded):
                return verdict
        for claim in claims:
            left = at_hand[claim.bucket] - 1
            if left:
                at_hand[claim.bucket] = left
            else:
                del at_hand[claim.bucket]
            if claim.allowance.reserve:
                self._shares[claim.bucket, whose] = max(0.0, self._share(claim, whose, now) - 1), now
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

    def changed(self) -> None:
        """Other limits count from now on: what is at hand was drawn from those before."""
        self._at_hand.clear()

    def forget(self) -> None:
        """Start anew. A throw-away akia's reset does this."""
        self.buckets.forget()
        self._at_hand.clear()
        self._shares.clear()
        self._fullest.clear()

    def _draw(self, claims: Sequence[Claim], whose: str, now: float, day: int) -> Verdict:
        draws = [Draw(claim.bucket, claim.allowance, self._most(claim.allowance), self._is_modest(claim, whose, now)) for claim in claims]
        outcome = self.buckets.take(draws, now, day)
        if isinstance(outcome, Short):
            claim = claims[outcome.place]
            self._refused[claim.scope] += 1
            self._note(claim.scope, 1.0, now)
            self.buckets.count_refusal(claim.limit)
            return Exceeded(claim, outcome.seconds, outcome.of_budget)
        nearly = _NOTHING
        for claim, granted, (before, after) in zip(claims, outcome.granted, outcome.uses, strict=True):
            self._at_hand[claim.bucket] = granted
            self._note(claim.scope, after, now)
            if before < NEARLY <= after and (claim.allowance.daily or claim.allowance.burst >= WORTH_TELLING):
                nearly = (*nearly, NearlyUsed(claim, after))
        return nearly

    def _most(self, allowance: Allowance) -> int:
        """Of a budget never more than one at a time: nothing of it may be lost."""
        return 1 if allowance.daily else max(1, int(allowance.burst) // self._parts)

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
