"""What an account asks of its users' passwords."""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SYMBOLS = frozenset("!@#$%^&*()_+-=[]{}|'")
"""What AWS calls symbols."""
LONGEST = 128
DAY = 86_400
"""In seconds."""

_LEAST_BY_DEFAULT, _CLASSES_BY_DEFAULT = 8, 3
_CLASSES = {
    "uppercase letter": frozenset(string.ascii_uppercase),
    "lowercase letter": frozenset(string.ascii_lowercase),
    "number": frozenset(string.digits),
    "symbol": SYMBOLS,
}


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """A policy that the account has set. What UpdateAccountPasswordPolicy leaves out has these values; `max_age` is in days, 0 is never."""

    account: str
    minimum_length: int = 6
    require_symbols: bool = False
    require_numbers: bool = False
    require_uppercase: bool = False
    require_lowercase: bool = False
    allow_change: bool = False
    max_age: int = 0
    reuse_prevention: int = 0
    hard_expiry: bool = False

    def violations(self, password: str) -> Iterator[str]:
        """What `password` lacks, each in AWS's words; nothing if it will do."""
        if len(password) < self.minimum_length:
            yield f"Password should have a minimum length of {self.minimum_length}"
        wanted = (self.require_uppercase, self.require_lowercase, self.require_numbers, self.require_symbols)
        for required, (name, characters) in zip(wanted, _CLASSES.items(), strict=True):
            if required and characters.isdisjoint(password):
                yield f"Password should have at least one {name}"

    def expires(self, changed: int) -> int | None:
        """When a password that was set at `changed` does, in epoch seconds; None for never."""
        return changed + self.max_age * DAY if self.max_age else None


def violations_by_default(password: str, names: tuple[str, ...]) -> Iterator[str]:
    """The same for an account that has set no policy: 8 to 128 characters, three of four classes, and none of `names`, which are the
    account's own and its address."""
    if not _LEAST_BY_DEFAULT <= len(password) <= LONGEST:
        yield f"Password should have a minimum length of {_LEAST_BY_DEFAULT}"
    if sum(not characters.isdisjoint(password) for characters in _CLASSES.values()) < _CLASSES_BY_DEFAULT:
        yield "Password should have at least three of uppercase letters, lowercase letters, numbers and symbols"
    if password.lower() in {name.lower() for name in names}:
        yield "Password should not be the name or the e-mail address of the account"
