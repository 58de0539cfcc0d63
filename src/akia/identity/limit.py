"""Limits that an account sets itself: how often something may be called."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

EACH = ""
"""The subject of a limit that holds for each one by itself: each key, each principal, each address."""


class Scope(StrEnum):
    """What has a bucket of its own."""

    ACCOUNT_OPERATION = "ACCOUNT_OPERATION"
    """An action, by everybody of the account together; `iam:*` is all actions of a service together."""
    PRINCIPAL = "PRINCIPAL"
    """A user with all keys and sessions, a role with all sessions, the root user."""
    KEY = "KEY"
    """A long-term access key with all sessions that descend from it. Of one principal, all sessions that descend from none are one."""
    ADDRESS = "ADDRESS"
    """A source address, of IPv6 its /64."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`subject` is an access key id, a unique id, a network or EACH; of ACCOUNT_OPERATION always EACH. `action` is "" but for that scope.

    `rate_milli` is in thousandths of a request a second (0: no rate), `burst` in requests, `daily` in requests a day of UTC (0: no budget).
    `created` is in epoch seconds. `identity` and `access_key` are whom it goes with when they are deleted.
    """

    account: str
    scope: str
    subject: str
    action: str
    rate_milli: int
    burst: int
    daily: int
    created: int
    identity: str | None = None
    access_key: str | None = None

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What sets it apart from all others."""
        return self.account, self.scope, self.subject, self.action
