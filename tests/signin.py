"""For tests of passwords and second factors: a clock that moves, and devices that show codes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from pyotp import HOTP

if TYPE_CHECKING:
    import pytest

STEP = 30


@dataclass
class Clock:
    """By which akia dates requests, and devices their codes. It stands still, in the middle of a half minute, until it is moved."""

    now: float = field(default_factory=lambda: time.time() // STEP * STEP + STEP / 2)

    @classmethod
    def of(cls, monkeypatch: pytest.MonkeyPatch) -> Clock:
        """Such a clock for every akia in process."""
        clock = cls()
        monkeypatch.setattr("akia.testing.in_process.time", SimpleNamespace(time=clock.time))
        return clock

    def time(self) -> float:
        return self.now

    def move(self, seconds: float) -> None:
        """Go on by so much. Requests that a client signs are good for a quarter of an hour."""
        self.now += seconds


class Device:
    """A virtual MFA device in somebody's hands. Its clock is `ahead` seconds ahead."""

    def __init__(self, iam: Any, name: str, clock: Clock | None = None, **options: Any) -> None:
        made = iam.create_virtual_mfa_device(VirtualMFADeviceName=name, **options)["VirtualMFADevice"]
        self.serial: str = made["SerialNumber"]
        self.seed = made["Base32StringSeed"].decode("ascii")
        self.ahead = 0.0
        self._clock = clock or Clock()

    @property
    def step(self) -> int:
        return int(self._clock.time() + self.ahead) // STEP

    def code(self, steps: int = 0) -> str:
        """The code of `steps` half minutes from now."""
        return str(HOTP(self.seed).at(self.step + steps))

    def pair(self, steps: int = 0) -> dict[str, str]:
        """Two codes in a row, the later one of `steps` from now."""
        return {"AuthenticationCode1": self.code(steps - 1), "AuthenticationCode2": self.code(steps)}
