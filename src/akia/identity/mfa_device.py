"""Second factors: virtual devices that show codes, and security keys (FIDO) that sign challenges."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NEVER = -1
"""The step of a device whose codes have not been used yet."""


@dataclass(frozen=True, slots=True)
class MfaDevice:
    """A device of an account. `serial` is its ARN. Times are in epoch seconds.

    `owner` is whom it is enabled for: a user's id, the account's for the root user, or None. Of a virtual device: its clock is `drift`
    steps ahead of ours, `last_step` is the step of the last code that was accepted, after `failures` wrong ones in a row, the last one
    at `failed`. The seed is not here.
    """

    serial: str
    account: str
    name: str
    path: str
    created: int
    virtual: bool = True
    owner: str | None = None
    enabled: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    drift: int = 0
    last_step: int = NEVER
    failures: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class SecurityKey:
    """What is known of a security key beside its device: `public_key` (COSE) verifies what it signs, `sign_count` only grows."""

    serial: str
    credential: bytes
    public_key: bytes = field(repr=False)
    sign_count: int
    model: str
    """The AAGUID, which says who made it; zeros if it does not tell."""


@dataclass(frozen=True, slots=True)
class SecurityKeyChallenge:
    """What a security key is asked to sign, until `expires` (epoch seconds). `owner` as in MfaDevice.

    There is one of each `purpose` for each owner: asking anew forgets the one before.
    """

    owner: str
    purpose: str
    account: str
    id: str
    name: str
    challenge: bytes = field(repr=False)
    expires: int


REGISTRATION, SIGN_IN = "registration", "sign-in"
