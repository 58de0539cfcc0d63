"""Passwords of users, and of the root user, as far as they may be known."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class LoginProfile:
    """Who has one may sign in to the console. `owner` is a user's id, or the account's for the root user. Times are in epoch seconds.

    `hash` is empty while there is no password yet: the root user's is set by who can read its mail. `history` are the hashes before it,
    the newest first, as many as any password policy may ask for. `used` is when it was last signed in with. `failures` wrong passwords in
    a row were given, the last one at `failed`.
    """

    owner: str
    account: str
    created: int
    changed: int
    reset_required: bool = False
    hash: str = field(default="", repr=False)
    history: tuple[str, ...] = field(default=(), repr=False)
    used: int | None = None
    failures: int = 0
    failed: int = 0

    @property
    def of_root(self) -> bool:
        return self.owner == self.account

    def with_password(self, hashed: str, now: int, *, reset_required: bool) -> LoginProfile:
        """This profile with another password, set at `now`."""
        history = ((self.hash, *self.history) if self.hash else self.history)[: MOST_REMEMBERED - 1]
        return replace(self, hash=hashed, history=history, changed=now, reset_required=reset_required, failures=0, failed=0)

    def recent(self, number: int) -> tuple[str, ...]:
        """The hashes of the last `number` passwords, the one in use among them."""
        return (self.hash, *self.history)[:number] if self.hash else ()


MOST_REMEMBERED = 24
"""The most that PasswordReusePrevention may say."""
