"""A delegation request: somebody asks an account for temporary access to it, and the account's people decide."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from akia.identity.session import Lineage, RoleChain, SessionFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY = 86_400


class DelegationState(StrEnum):
    """The states of AWS's life cycle of a request."""

    UNASSIGNED = "UNASSIGNED"
    """It has no owner yet."""
    ASSIGNED = "ASSIGNED"
    """An identity of the account has made it its own."""
    PENDING_APPROVAL = "PENDING_APPROVAL"
    """The owner has passed it on to somebody who may approve."""
    ACCEPTED = "ACCEPTED"
    FINALIZED = "FINALIZED"
    """The trade-in token has been sent."""
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    """Nobody has done anything for too long. Never stored: it follows from the clock."""


LIFETIME = {
    DelegationState.UNASSIGNED: DAY,
    DelegationState.ASSIGNED: 7 * DAY,
    DelegationState.PENDING_APPROVAL: 7 * DAY,
    DelegationState.ACCEPTED: 7 * DAY,
    DelegationState.FINALIZED: 7 * DAY,
    DelegationState.REJECTED: 7 * DAY,
}
"""How long a request stays in a state before it expires, in seconds."""

OPEN = (DelegationState.ASSIGNED, DelegationState.PENDING_APPROVAL)
"""What may still be accepted."""


@dataclass(frozen=True, slots=True)
class Approver:
    """The identity that accepted a request, as it was then: what the delegated credentials are made from.

    `owner` and `name` are as in a session token's claims: the unique id of the user or role (the account id for root), and the name of a
    role's session. `session` is the session that accepted, "" for a long-term key, and `expires` when that session or key ends, None if
    nothing says so. `key` is the long-term key that stands at its beginning ("" for none), `restricted` whether that was, and `since`
    (epoch seconds) when the session was made, or the request accepted with the key itself.
    """

    account: str
    owner: str
    name: str
    arn: str
    session: str = ""
    expires: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive: tuple[str, ...] = ()
    source_identity: str | None = None
    chained: bool = False
    key: str = ""
    restricted: bool = False
    since: int = 0

    def within(self, session: SessionFacts) -> Approver:
        """The same who accepted in `session`, with what passes along from it."""
        return replace(
            self,
            session=session.id,
            tags=dict(session.tags),
            transitive=tuple(sorted(session.transitive)),
            source_identity=session.source_identity,
            chained=session.chained,
            since=session.issued,
        )

    def to_text(self) -> str:
        return json.dumps({each.name: getattr(self, each.name) for each in fields(self)}, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Approver:
        """What `to_text` was."""
        found: dict[str, Any] = json.loads(text)
        return cls(**found | {"transitive": tuple(found["transitive"])})


@dataclass(frozen=True, slots=True)
class DelegationRequest:
    """Times are in epoch seconds. `workflow` is the requestor's own name for it, unique among its requests.

    `owner` is the unique id of the identity that it is assigned to (`owner_arn` its ARN), "" before. `owner_account` may be known before.
    `template` is the ARN of the policy that it was made from with `parameters` (JSON), `policy` what came out. `seconds` is how long the
    delegated access lasts, from `sent` on. `since` is when it came into its state. `approver` is an `Approver` as text, or "".
    """

    id: str
    requestor: str
    workflow: str
    owner_account: str
    description: str
    message: str
    template: str
    parameters: str
    policy: str
    redirect: str
    channel: str
    seconds: int
    only_by_owner: int
    state: str
    created: int
    since: int
    updated: int
    owner: str = ""
    owner_arn: str = ""
    notes: str = ""
    reason: str = ""
    approver: str = ""
    sent: int = 0
    token_hash: str = field(default="", repr=False)
    """SHA-256 of the trade-in token, in hexadecimal; "" when there is none, or none any more."""
    sealed: bytes = field(default=b"", repr=False)
    """The token itself, for the requestor to fetch."""

    @property
    def expires(self) -> int:
        """When it expires unless somebody does something."""
        return self.since + LIFETIME[DelegationState(self.state)]

    def state_at(self, now: int) -> DelegationState:
        return DelegationState.EXPIRED if now >= self.expires else DelegationState(self.state)

    @property
    def access_ends(self) -> int:
        """When delegated access ends at the latest, once the token has been sent."""
        return self.sent + self.seconds

    def moved(self, state: DelegationState, now: int, **changes: Any) -> DelegationRequest:
        """The request in `state`. Its time in a state begins anew only if the state is another."""
        return replace(self, state=state.value, since=self.since if state == self.state else now, updated=now, **changes)

    def session(self, approver: Approver, id_: str, now: int) -> SessionFacts:
        """What the delegated credentials carry: they are limited to the policy, and end with the session that accepted, if one did (NT-29).

        That the approver had shown a second factor is not passed on: the requestor has not.
        """
        ends = self.access_ends if approver.expires is None else min(self.access_ends, approver.expires)
        return SessionFacts(
            id=id_,
            issued=now,
            expires=ends,
            tags=approver.tags,
            transitive=frozenset(approver.transitive),
            source_identity=approver.source_identity,
            policies=(("", self.policy),),
            origin=RoleChain() if approver.chained else None,
            delegate=self.requestor,
            lineage=Lineage(approver.key, approver.restricted) if approver.key else None,
        )
