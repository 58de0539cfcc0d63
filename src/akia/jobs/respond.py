"""What akia does by itself when a rule fires, if whoever runs it has asked for that. Off by default.

Only against a key that somebody has proven to hold: else anybody who knows the id of a key could have it switched off (NT-93).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.alerts_out import Response
from akia.authority.containment import contain
from akia.authority.operator import Operator
from akia.identity.access_key import KeyStatus
from akia.store.indexer import to_payload

if TYPE_CHECKING:
    from akia.alerts import Finding
    from akia.identity.access_key import AccessKey
    from akia.identity.user import User
    from akia.store.store import Store
    from akia.store.trail.event_row import EventRow

QUARANTINE = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
_OPERATOR = "akia alerts"


def respond(action: Response, finding: Finding, store: Store, now: int) -> str:
    """Do it, with an event of its own in the same transaction. What was done, for the alert; "" if there is nothing to be done. `now` is in
    epoch seconds."""
    key = store.access_keys.get(finding.access_key_id) if finding.access_key_id else None
    if key is None:
        return ""
    if action is Response.CONTAIN:
        return _contained(key, finding, store, now)
    user = store.users.with_id(key.owner) if not key.of_root else None
    event = _deactivated(key, user, store) if action is Response.DEACTIVATE_KEY else _quarantined(user, store)
    if event is None:
        return ""
    store.outbox.add(to_payload(event))
    return "deactivated the key" if action is Response.DEACTIVATE_KEY else "attached AWSCompromisedKeyQuarantineV3 to the user"


def _contained(key: AccessKey, finding: Finding, store: Store, now: int) -> str:
    """As if it had been reported compromised. Once: the key is inactive then."""
    if key.status is not KeyStatus.ACTIVE:
        return ""
    report, _ = contain(store, key, now, reporter=_OPERATOR, note=f"The rule {finding.rule} fired at the event {finding.event_id}.")
    return f"contained the key: report {report.id}"


def _deactivated(key: AccessKey, user: User | None, store: Store) -> EventRow | None:
    if key.status is not KeyStatus.ACTIVE:
        return None
    store.access_keys.set_status(key.id, KeyStatus.INACTIVE)
    owner = {"userName": user.name} if user is not None else {}
    about = (("AWS::IAM::AccessKey", key.id), *((("AWS::IAM::User", user.name),) if user is not None else ()))
    return Operator(key.account, _OPERATOR).did("UpdateAccessKey", {**owner, "accessKeyId": key.id, "status": "Inactive"}, None, about)


def _quarantined(user: User | None, store: Store) -> EventRow | None:
    """None for the root user, whom no policy binds. The quota of attached policies is no reason to let a thief go on."""
    policy = store.managed_policies.with_arn(QUARANTINE)
    if user is None or policy is None or store.attachments.attached(policy.id, user.id):
        return None
    store.attachments.attach(policy.id, user.id, user.account)
    about = (("AWS::IAM::User", user.name), ("AWS::IAM::Policy", QUARANTINE))
    return Operator(user.account, _OPERATOR).did("AttachUserPolicy", {"userName": user.name, "policyArn": QUARANTINE}, None, about)
