"""One-time codes of virtual MFA devices (RFC 6238): six digits of HMAC-SHA1 over the number of the half minute."""

from __future__ import annotations

import hmac

from pyotp import HOTP

STEP_SECONDS = 30
WINDOW = 1
"""How many steps a code may be early or late: a clock that is half a minute off, or a code that was typed slowly."""
ENABLING_WINDOW = 2
"""How many steps the later of two codes may be early or late when a device is enabled: whoever waits longer would bind it out of step."""
RESYNC_WINDOW = 120
"""The same when it is resynchronized: an hour. Two codes in a row are not guessed among so many."""


def step_at(now: int) -> int:
    """The number of the half minute at `now` (epoch seconds)."""
    return now // STEP_SECONDS


def step_of_code(seed: str, code: str, steps: range) -> int | None:
    """Which of `steps` has `code` on a device with `seed` (base32); None if none has. Looks at all of them, whichever it is."""
    return _found(seed, (code,), steps)


def step_of_pair(seed: str, first: str, second: str, steps: range) -> int | None:
    """Which of `steps` has the code `second`, if the step before it has `first`."""
    return _found(seed, (first, second), steps)


def _found(seed: str, codes: tuple[str, ...], steps: range) -> int | None:
    device, wanted, found = HOTP(seed), "".join(codes), None
    before = len(codes) - 1
    shown = [device.at(step) for step in range(steps.start - before, steps.stop)]
    for place, step in enumerate(steps):
        if hmac.compare_digest("".join(shown[place : place + len(codes)]), wanted):
            found = step
    return found
