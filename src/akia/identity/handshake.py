"""Handshakes: how an account joins an organization, and how an organization gains all features, with everybody's consent."""

from __future__ import annotations

from dataclasses import dataclass

from akia.aws.arn import Arn

INVITE = "INVITE"
ENABLE_ALL_FEATURES = "ENABLE_ALL_FEATURES"
APPROVE_ALL_FEATURES = "APPROVE_ALL_FEATURES"

REQUESTED, OPEN, CANCELED, ACCEPTED, DECLINED, EXPIRED = "REQUESTED", "OPEN", "CANCELED", "ACCEPTED", "DECLINED", "EXPIRED"
PENDING = frozenset({REQUESTED, OPEN})


@dataclass(frozen=True, slots=True)
class Handshake:
    """One handshake. `account` is who must answer, `target` the id or mail address that the invitation was sent to.

    `parent` is the handshake that it is a part of, or empty. Times are in epoch seconds.
    """

    id: str
    organization: str
    management_account: str
    account: str
    action: str
    state: str
    requested: int
    expires: int
    target: str = ""
    target_type: str = ""
    notes: str = ""
    parent: str = ""
    tags: str = "{}"

    def state_at(self, now: int) -> str:
        """Its state: one that nobody has answered in time has expired. `now` is in epoch seconds."""
        return EXPIRED if self.state in PENDING and now >= self.expires else self.state

    @property
    def arn(self) -> Arn:
        return Arn("organizations", "", self.management_account, f"handshake/{self.organization}/{self.action.lower()}/{self.id}")
