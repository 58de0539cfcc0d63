"""The coarse limit in front of everything: an address that keeps failing to prove who it is is turned away before any HMAC is computed.

It counts failures, not requests, and per address, so that no stranger can lock anybody's key (NT-38) and no busy client is slowed down.
"""

from __future__ import annotations

from akia.throttle.failures import Failures

FAILURES_A_SECOND = 200.0
FAILURES_AT_ONCE = 10_000.0


class Strangers(Failures):
    """Failed verifications per source address; of IPv6 per /64, of which one machine has all addresses to choose from."""

    def __init__(self, rate: float = FAILURES_A_SECOND, burst: float = FAILURES_AT_ONCE) -> None:
        super().__init__(rate, burst)
