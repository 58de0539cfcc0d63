"""What is done at once about an access key that has leaked (E8): in one transaction, and counting from the next request on.

The key is deactivated, its user quarantined under AWS's name, every session ended that descends from the key or is the user's, and
responders are told by the event to which they subscribe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.authority.issuing import issue_successor
from akia.authority.operator import Operator
from akia.aws.errors import LimitExceeded
from akia.aws.ids import new_guid
from akia.aws.service_events import EXPOSED
from akia.identity.access_key import KeyStatus
from akia.identity.compromise_report import CompromiseReport
from akia.store.indexer import to_payload

if TYPE_CHECKING:
    from akia.authority.issuing import Issued
    from akia.identity.access_key import AccessKey
    from akia.identity.quotas import Quotas
    from akia.identity.user import User
    from akia.store.store import Store

QUARANTINE = "AWSCompromisedKeyQuarantineV3"
STRAGGLERS_SECONDS = 300
"""A session is dated by when its request came in. One that came in while the report waited for its turn, and was verified before that, is
dated later than the report: sessions of the key are refused for so much longer. It makes none itself any more, for it is inactive."""


def contain(
    store: Store, key: AccessKey, now: int, *, reporter: str, note: str = "", quarantine: str = QUARANTINE, quotas: Quotas | None = None
) -> tuple[CompromiseReport, Issued | None]:
    """Contain `key`. The report, which is stored, and the key in its place, if `quotas` are given to open one under. `now` is in epoch
    seconds, `reporter` the ARN or the name of who has found it.

    Call it inside a write transaction. That there is no room for another key is no reason not to contain this one: the report says so.
    """
    user = store.users.with_id(key.owner) if not key.of_root else None
    store.access_keys.set_status(key.id, KeyStatus.INACTIVE)
    store.sessions.revoke_all(key.id, now + STRAGGLERS_SECONDS)
    store.sessions.revoke_all(key.owner, now)
    replacement, refused = _replacement(store, key, now, quotas)
    used = store.events.last_used(key.id)
    report = CompromiseReport(
        id=new_guid(),
        account=key.account,
        key_id=key.id,
        user=user.name if user is not None else "",
        reported=now,
        reporter=reporter,
        note=note,
        status=key.status.value,
        last_used=used.at if used is not None else 0,
        quarantine=_quarantined(store, user, quarantine),
        replacement=replacement.key.id if replacement is not None else "",
        refused=refused,
    )
    store.compromise_reports.add(report)
    store.outbox.add(to_payload(_exposure(report).did(EXPOSED, _told(report), None, _about(report), service="health")))
    return report, replacement


def _replacement(store: Store, key: AccessKey, now: int, quotas: Quotas | None) -> tuple[Issued | None, str]:
    if quotas is None:
        return None, ""
    try:
        return issue_successor(store, quotas, key, now), ""
    except LimitExceeded as error:
        return None, error.message


def _quarantined(store: Store, user: User | None, name: str) -> str:
    """The ARN of what is attached now; "" for the root user, whom no policy binds. The quota of attached policies is no reason to let a
    thief go on."""
    policy = store.managed_policies.with_arn(f"arn:aws:iam::aws:policy/{name}")
    if user is None or policy is None:
        return ""
    if not store.attachments.attached(policy.id, user.id):
        store.attachments.attach(policy.id, user.id, user.account)
    return str(policy.arn)


def _exposure(report: CompromiseReport) -> Operator:
    return Operator(report.account, "health.amazonaws.com")


def _told(report: CompromiseReport) -> dict[str, str]:
    return {"accessKeyId": report.key_id, "userName": report.user or "root", "reportId": report.id, "reportedBy": report.reporter}


def _about(report: CompromiseReport) -> tuple[tuple[str, str], ...]:
    user = (("AWS::IAM::User", report.user),) if report.user else ()
    return (("AWS::IAM::AccessKey", report.key_id), *user)
