"""Fixtures of the tests of STS: an account with its people, another account beside it, roles, and sessions of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from akia.store.founding import KeyPair, add_root_key, found_account

if TYPE_CHECKING:
    from collections.abc import Callable

    from akia.testing.in_process import InProcess

OTHER_ACCOUNT = "444455556666"


@dataclass(frozen=True)
class Session:
    """Temporary credentials in somebody's hands, and all that STS answered with them."""

    akia: InProcess
    answer: dict[str, Any]

    @property
    def key(self) -> KeyPair:
        credentials = self.answer["Credentials"]
        return KeyPair(credentials["AccessKeyId"], credentials["SecretAccessKey"])

    @property
    def token(self) -> str:
        return str(self.answer["Credentials"]["SessionToken"])

    def client(self, service: str) -> Any:
        """A boto3 client that signs with this session."""
        return self.akia.client(service, self.key, token=self.token)

    @property
    def seconds(self) -> float:
        """How long it lives, counted from the answer."""
        lifetime: float = self.answer["Credentials"]["Expiration"].timestamp() - self.issued
        return lifetime

    @property
    def issued(self) -> int:
        """When, in epoch seconds, as the token says."""
        return self.akia.akia.authority.tokens.open(self.key.access_key_id, self.token.encode()).session.issued


def trusting(*principals: str, actions: tuple[str, ...] = ("sts:AssumeRole",), **condition: Any) -> dict[str, Any]:
    """A trust statement. `condition` maps operators to keys and values."""
    statement = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": list(actions)}
    return statement | ({"Condition": condition} if condition else {})


@dataclass
class Realm:
    """One account of an akia. `root` is its root user's key."""

    akia: InProcess
    account: str
    root: KeyPair
    iam: Any = field(init=False)

    def __post_init__(self) -> None:
        self.iam = self.akia.client("iam", self.root)

    def user(self, name: str, *statements: dict[str, Any]) -> KeyPair:
        """A new user who has just these statements; Effect defaults to Allow, Resource to *."""
        self.iam.create_user(UserName=name)
        if statements:
            self.iam.put_user_policy(UserName=name, PolicyName="test", PolicyDocument=document(*statements))
        made = self.iam.create_access_key(UserName=name)["AccessKey"]
        return KeyPair(made["AccessKeyId"], made["SecretAccessKey"])

    def role(self, name: str, *trust: dict[str, Any], may: tuple[dict[str, Any], ...] = (), **options: Any) -> str:
        """A new role with these trust statements, which may do what the statements `may` say. Answers its ARN."""
        made = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust_document(*trust), **options)
        if may:
            self.iam.put_role_policy(RoleName=name, PolicyName="test", PolicyDocument=document(*may))
        return str(made["Role"]["Arn"])

    def take(self, caller: KeyPair | Session, role: str, name: str = "test", **options: Any) -> Session:
        """The session that `caller` is given of `role`."""
        return Session(self.akia, self.sts(caller).assume_role(RoleArn=role, RoleSessionName=name, **options))

    def lend(self, caller: KeyPair, name: str = "guest", **options: Any) -> Session:
        """What `caller` lends to a federated user."""
        return Session(self.akia, self.sts(caller).get_federation_token(Name=name, **options))

    def sts(self, caller: KeyPair | Session) -> Any:
        return caller.client("sts") if isinstance(caller, Session) else self.akia.client("sts", caller)

    def session_token(self, caller: KeyPair, **options: Any) -> Session:
        return Session(self.akia, self.sts(caller).get_session_token(**options))

    def arn(self, resource: str) -> str:
        return f"arn:aws:iam::{self.account}:{resource}"


def document(*statements: dict[str, Any]) -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*"} | statement for statement in statements]}
    )


def trust_document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def here(akia: InProcess) -> Realm:
    """The account that everything happens in."""
    return Realm(akia, akia.account, akia.root)


@pytest.fixture
def there(akia: InProcess) -> Realm:
    """Another account of the same akia."""
    store = akia.akia.store
    store.connection.begin_immediate()
    found_account(store, OTHER_ACCOUNT, 0)
    root = add_root_key(store, OTHER_ACCOUNT, 0)
    store.connection.commit()
    return Realm(akia, OTHER_ACCOUNT, root)


@pytest.fixture
def trust() -> Callable[..., dict[str, Any]]:
    """`trust(arn, actions=(...), StringEquals={...})`: a statement of a trust policy."""
    return trusting


@pytest.fixture(name="trust_document")
def _trust_document() -> Callable[..., str]:
    """`trust_document(trust(…), …)`: a trust policy."""
    return trust_document


@pytest.fixture
def denied(refused: Any) -> Callable[..., str]:
    """`denied(call, **arguments)`: the message of an AccessDenied."""

    def call(operation: Any, **arguments: Any) -> str:
        code, status, message = refused(operation, **arguments)
        assert (code, status) == ("AccessDenied", 403), message
        return str(message)

    return call
