"""What akia does by itself when a rule fires, if whoever runs it has asked for that. Off by default.

Only against a key that somebody has proven to hold: else anybody who knows the id of a key could have it switched off (NT-93). And never
against the root user's, who puts right what was done by mistake.
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

QUARANTINE = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
_OPERATOR = "akia alerts"


def respond(action: Response, finding: Finding, store: Store, now: int) -> str:
    """Do it, with an event of its own in the same transaction. What was done, for the alert; "" if there is nothing to be done. `now` is in
    epoch seconds."""
    key = store.access_keys.get(finding.access_key_id) if finding.access_key_id else None
    user = store.users.with_id(key.owner) if key is not None and not key.of_root else None
    if key is None or user is None:
        return ""
    match action:
        case Response.CONTAIN:
            return _contained(key, finding, store, now)
        case Response.DEACTIVATE_KEY:
            return _deactivated(key, user, store)
        case Response.QUARANTINE:
            return _quarantined(key, user, store)


def _contained(key: AccessKey, finding: Finding, store: Store, now: int) -> str:
    """As if it had been reported compromised."""
    if key.status is not KeyStatus.ACTIVE:
        return ""
    report, _ = contain(store, key, now, reporter=_OPERATOR, note=f"The rule {finding.rule} fired at the event {finding.event_id}.")
    return f"contained the key {key.id}: report {report.id}"


def _deactivated(key: AccessKey, user: User, store: Store) -> str:
    if key.status is not KeyStatus.ACTIVE:
        return ""
    store.access_keys.set_status(key.id, KeyStatus.INACTIVE)
    parameters = {"userName": user.name, "accessKeyId": key.id, "status": "Inactive"}
    about = (("AWS::IAM::AccessKey", key.id), ("AWS::IAM::User", user.name))
    store.outbox.add(to_payload(Operator(key.account, _OPERATOR).did("UpdateAccessKey", parameters, None, about)))
    return f"deactivated the key {key.id}"


def _quarantined(key: AccessKey, user: User, store: Store) -> str:
    """The quota of attached policies is no reason to let a thief go on."""
    policy = store.managed_policies.with_arn(QUARANTINE)
    if policy is None or store.attachments.attached(policy.id, user.id):
        return ""
    store.attachments.attach(policy.id, user.id, user.account)
    parameters = {"userName": user.name, "policyArn": QUARANTINE}
    about = (("AWS::IAM::User", user.name), ("AWS::IAM::Policy", QUARANTINE))
    store.outbox.add(to_payload(Operator(user.account, _OPERATOR).did("AttachUserPolicy", parameters, None, about)))
    return f"attached AWSCompromisedKeyQuarantineV3 to {user.name}, the user of {key.id}"
