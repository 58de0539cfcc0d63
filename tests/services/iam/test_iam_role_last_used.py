"""When and where a role was last used: from the calls of its sessions."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from akia.testing.in_process import InProcess


@pytest.fixture
def role(iam: Any, account: str) -> str:
    """The ARN of a role that the account trusts, and that may do nothing."""
    trust = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}}
    arn: str = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    return arn


@pytest.fixture
def session(akia: InProcess, role: str, user_client: Any) -> Any:
    """`session("sts")`: a client that signs with a session of the role."""
    made = user_client("taker", {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role}, service="sts")
    credentials = made.assume_role(RoleArn=role, RoleSessionName="first")["Credentials"]
    pair = KeyPair(credentials["AccessKeyId"], credentials["SecretAccessKey"])
    return lambda service, region="us-east-1": akia.client(service, pair, token=credentials["SessionToken"], region=region)


def _last_used(akia: InProcess, iam: Any) -> Any:
    akia.akia.authority.drain()
    return iam.get_role(RoleName="worker")["Role"]["RoleLastUsed"]


@pytest.mark.covers("I4.iam.role_last_used")
def test_taking_a_role_is_no_use_of_it_but_any_call_of_its_session_is(akia: InProcess, iam: Any, session: Any) -> None:
    assert _last_used(akia, iam) == {}
    session("sts").get_caller_identity()  # which asks no policy
    used = _last_used(akia, iam)
    assert used["Region"] == "us-east-1"
    assert abs(used["LastUsedDate"] - datetime.now(UTC)) < timedelta(minutes=5)


def test_a_refused_call_is_a_use_and_one_that_never_verified_is_none(akia: InProcess, iam: Any, session: Any, account: str) -> None:
    client = session("iam")
    client._request_signer._credentials.secret_key = "wrong" * 8
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        client.list_users()
    assert _last_used(akia, iam) == {}
    with pytest.raises(ClientError, match="AccessDenied"):
        session("accessanalyzer", "eu-central-1").list_analyzers()
    assert _last_used(akia, iam)["Region"] == "eu-central-1"


def test_lists_do_not_tell_it(akia: InProcess, iam: Any, session: Any) -> None:
    session("sts").get_caller_identity()
    akia.akia.authority.drain()
    assert "RoleLastUsed" not in iam.list_roles()["Roles"][0]
    assert "RoleLastUsed" not in iam.update_role_description(RoleName="worker", Description="d")["Role"]


def test_a_use_of_long_ago_is_not_told(akia: InProcess, iam: Any, session: Any) -> None:
    session("sts").get_caller_identity()
    assert _last_used(akia, iam)
    akia.akia.store.connection.execute("UPDATE role_uses SET at = at - 401 * 86400000")
    assert _last_used(akia, iam) == {}


def test_nt_36_a_new_role_of_an_old_name_was_never_used(akia: InProcess, iam: Any, session: Any, role: str) -> None:
    session("sts").get_caller_identity()
    assert _last_used(akia, iam)
    trust = iam.get_role(RoleName="worker")["Role"]["AssumeRolePolicyDocument"]
    iam.delete_role(RoleName="worker")
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(trust))
    assert _last_used(akia, iam) == {}
