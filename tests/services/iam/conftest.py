"""Fixtures of the tests of IAM's operations: the account's root as a client, and users with policies as clients."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from akia.identity.access_key import AccessKey
from akia.identity.account import Account
from akia.identity.managed_policy import ManagedPolicy
from akia.identity.user import User
from akia.store.founding import ADMINISTRATOR, KeyPair

if TYPE_CHECKING:
    from akia.testing.in_process import InProcess

OTHER_ACCOUNT = "999999999999"


class Stranger(NamedTuple):
    """What another account has."""

    user: User
    key: AccessKey
    policy: ManagedPolicy


Statement = Mapping[str, Any]
UserClient = Callable[..., Any]
Refusal = Callable[..., tuple[str, str]]


def _pair(answer: Any) -> KeyPair:
    """The pair in CreateAccessKey's answer."""
    return KeyPair(answer["AccessKey"]["AccessKeyId"], answer["AccessKey"]["SecretAccessKey"])


@pytest.fixture
def pair() -> Callable[[Any], KeyPair]:
    """`pair(client.create_access_key())`: the id and secret of a new key."""
    return _pair


@pytest.fixture
def iam(akia: InProcess) -> Any:
    """IAM, signed by the account's root. There is nobody else: the administrator whom every akia begins with is gone."""
    client = akia.client("iam")
    client.delete_access_key(UserName=ADMINISTRATOR, AccessKeyId=akia.admin.access_key_id)
    for policy in client.list_attached_user_policies(UserName=ADMINISTRATOR)["AttachedPolicies"]:
        client.detach_user_policy(UserName=ADMINISTRATOR, PolicyArn=policy["PolicyArn"])
    client.delete_user(UserName=ADMINISTRATOR)
    return client


@pytest.fixture
def stranger(akia: InProcess) -> Stranger:
    """Another account in the same akia, with a user, a key of it and a policy."""
    store = akia.akia.store
    user = User(OTHER_ACCOUNT, "AIDAQQQQQQQQQQQQQQQQ2", "alice", "/", 1)
    key = AccessKey(OTHER_ACCOUNT, "AKIAQQQQQQQQQQQQQQQ2", user.id, 1)
    policy = ManagedPolicy(OTHER_ACCOUNT, "ANPAQQQQQQQQQQQQQQQQ2", "theirs", "/", 1, 1, "v1", 1)
    store.connection.begin_immediate()
    store.accounts.add(Account(OTHER_ACCOUNT, "other", 1, "their-alias"))
    store.users.add(user)
    store.access_keys.add(key, "s" * 40)
    store.managed_policies.add(policy, '{"Version": "2012-10-17", "Statement": []}')
    store.connection.commit()
    return Stranger(user, key, policy)


@pytest.fixture
def account(akia: InProcess) -> str:
    return akia.account


@pytest.fixture
def user_client(akia: InProcess, iam: Any) -> UserClient:
    """`user_client("eve", {"Effect": "Allow", ...}, service="iam")`: a client signed by a new user who has just these statements."""

    def make(name: str, *statements: Statement, service: str = "iam", path: str = "/") -> Any:
        iam.create_user(UserName=name, Path=path)
        if statements:
            document = json.dumps({"Version": "2012-10-17", "Statement": statements})
            iam.put_user_policy(UserName=name, PolicyName="test", PolicyDocument=document)
        return akia.client(service, _pair(iam.create_access_key(UserName=name)))

    return make


@pytest.fixture
def refusal() -> Refusal:
    """`refusal(client.get_user, UserName="x")`: the code and message that the call is refused with. Fails if it is allowed."""

    def call(operation: Callable[..., Any], **parameters: Any) -> tuple[str, str]:
        with pytest.raises(ClientError) as caught:
            operation(**parameters)
        error = caught.value.response["Error"]
        return error["Code"], error["Message"]

    return call
