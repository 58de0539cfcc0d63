"""Rates and allowances as an engine: values in, values out; the clock is an argument.

    limiter = Limiter(BucketsInMemory())
    verdict = limiter.admit(claims, whose, clocks)        # Exceeded, or what is nearly used up

`Buckets` is what a place for levels must offer; the store has one that the processes of a machine share. `failures` and `attempts` are for
those who fail to prove who they are.
"""

from akia.throttle.allowance import Allowance, Draw, Level, Short, Taken, use
from akia.throttle.buckets import Buckets, BucketsInMemory
from akia.throttle.limiter import Claim, Exceeded, Hand, Limiter, NearlyUsed, Verdict

__all__ = [
    "Allowance", "Buckets", "BucketsInMemory", "Claim", "Draw", "Exceeded", "Hand", "Level", "Limiter", "NearlyUsed", "Short", "Taken",
    "Verdict", "use",
]  # fmt: skip
