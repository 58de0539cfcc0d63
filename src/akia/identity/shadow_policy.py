"""Shadow policies: attached to be tried, not to be enforced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class ShadowPolicy:
    """What the policy `name` on the user, group or role with the unique id `target` would decide is recorded, and changes nothing.

    `policy` is the ARN of a managed policy, whose default version is tried, or "" if `document` is the text. `replaces` is what decisions
    call the policy in whose place it is tried (an ARN, or `owner/name` of an inline one), "" if it is tried beside the others.
    `created` is in epoch seconds.
    """

    id: str
    account: str
    target: str
    name: str
    created: int
    policy: str = ""
    document: str = ""
    replaces: str = ""


class ShadowInForce(NamedTuple):
    """A shadow policy that concerns somebody, its text now, and the id of the managed policy that the text is of."""

    shadow: ShadowPolicy
    policy_id: str | None
    text: str


class ShadowFinding(NamedTuple):
    """One decision that the shadow policy would have changed.

    `at_ms` is in epoch milliseconds; `place` tells which of the event's decisions it was. `enforced` and `shadow` are outcomes,
    `statements` the (policy, sid, position) of those that decided under the shadow policy.
    """

    shadow_id: str
    at_ms: int
    event_id: str
    place: int
    principal: str
    action: str
    resource: str
    enforced: str
    shadow: str
    statements: tuple[tuple[str, str | None, int], ...]


class ShadowSummary(NamedTuple):
    """All findings alike: their number, the first and the last of them (epoch milliseconds)."""

    principal: str
    action: str
    resource: str
    shadow: str
    number: int
    first_ms: int
    last_ms: int
