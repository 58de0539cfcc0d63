"""GetDelegationToken: what the requestor of a delegation is told, in the place of AWS's notifications."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.delegation import PARTNER, Partner, signed

from akia.store.founding import KeyPair

pytestmark = pytest.mark.covers("I4.delegation.token")


def test_the_requestor_is_told_each_step(akia: Any, administrator: Any, partner: Partner) -> None:
    made = partner.request(RequestorWorkflowId="workflow-x")
    about = {"DelegationRequestId": made, "RequestorWorkflowId": "workflow-x"}

    def told() -> dict[str, Any]:
        return {name: value for name, value in partner.told(made).items() if name != "ResponseMetadata"}

    assert told() == about | {"State": "UNASSIGNED"}
    owned = about | {"OwnerAccountId": akia.account}
    for step, state in (
        (administrator.associate_delegation_request, "ASSIGNED"),
        (administrator.update_delegation_request, "PENDING_APPROVAL"),
        (administrator.accept_delegation_request, "ACCEPTED"),
    ):
        step(DelegationRequestId=made)
        assert told() == owned | {"State": state}
    administrator.send_delegation_token(DelegationRequestId=made)
    final = told()
    assert final.pop("TradeInToken").startswith("akia-trade-in-")
    assert (final.pop("ExpirationTime").timestamp() - akia.akia.store.delegation_requests.get(made).sent) == 3_600
    assert final == owned | {"State": "FINALIZED"}


def test_nobody_but_the_requestor_is_told(akia: Any, administrator: Any, partner: Partner, refused: Any) -> None:
    made = partner.request(OwnerAccountId=akia.account)
    for step in (administrator.associate_delegation_request, administrator.accept_delegation_request, administrator.send_delegation_token):
        step(DelegationRequestId=made)
    others = (akia.client("akia", akia.admin), akia.client("akia"), Partner(akia, "777788889999").client("akia"))
    for client in others:
        assert refused(client.get_delegation_token, DelegationRequestId=made)[:2] == ("ResourceNotFoundException", 400)
    assert refused(partner.client("akia").get_delegation_token, DelegationRequestId="dr-0000000000000000")[0] == "ResourceNotFoundException"


def test_permission_is_given_by_request(akia: Any, administrator: Any, partner: Partner, refused: Any) -> None:
    one, two = partner.request(), partner.request()
    client = partner.client()
    client.create_user(UserName="worker")
    made = client.create_access_key(UserName="worker")["AccessKey"]
    worker = akia.client("akia", KeyPair(made["AccessKeyId"], made["SecretAccessKey"]))
    assert refused(worker.get_delegation_token, DelegationRequestId=one)[0] == "AccessDeniedException"
    statement = {"Effect": "Allow", "Action": "akia:GetDelegationToken", "Resource": f"arn:aws:iam::{PARTNER}:delegation-request/{one}"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client.put_user_policy(UserName="worker", PolicyName="p", PolicyDocument=document)
    assert worker.get_delegation_token(DelegationRequestId=one)["State"] == "UNASSIGNED"
    assert refused(worker.get_delegation_token, DelegationRequestId=two)[0] == "AccessDeniedException"


def test_a_damaged_token_is_told_to_nobody(akia: Any, administrator: Any, partner: Partner, refused: Any) -> None:
    made = partner.request()
    for step in (administrator.associate_delegation_request, administrator.accept_delegation_request, administrator.send_delegation_token):
        step(DelegationRequestId=made)
    store = akia.akia.store
    store.connection.begin_immediate()
    store.connection.execute("UPDATE delegation_requests SET sealed = x'00' || substr(sealed, 2)")
    store.connection.commit()
    code, status, _ = refused(partner.client("akia").get_delegation_token, DelegationRequestId=made)
    assert (code, status) == ("ServiceUnavailableException", 503)


@pytest.mark.covers("I3.drafts.replay")
def test_a_replay_decides_delegated_requests_as_they_were_decided(
    akia: Any, administrator: Any, partner: Partner, policy: Any, refused: Any
) -> None:
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{akia.account}:user/administrator"}, "Action": "sts:AssumeRole"}
    role = administrator.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))
    answer = partner.access(administrator, partner.request())
    delegated = {service: signed(akia, answer, service) for service in ("iam", "sts")}
    delegated["iam"].list_users()
    arguments = {"RoleArn": role["Role"]["Arn"], "RoleSessionName": "session"}
    assert refused(delegated["sts"].assume_role, **arguments)[0] == "AccessDenied"
    own = akia.client("akia")
    start = datetime.now(UTC) - timedelta(days=1)
    replay = own.start_replay(PolicyDocument=policy({"Effect": "Deny", "Action": "none:*"}), StartTime=start)
    done = own.get_replay(ReplayId=replay["ReplayId"])["Replay"]
    assert done["Status"] == "COMPLETED"
    assert done["DecisionCount"] > 1
    assert done["OutdatedCount"] == 0
