"""What all tests share: an akia in process, new for each test, and no network."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, settings
from tests.delegation import Partner

from akia.store.founding import KeyPair
from akia.testing.in_process import ACCOUNT, InProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

settings.register_profile("akia", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("akia")  # a busy machine makes no test fail


@dataclass(frozen=True)
class Person:
    """A user made for a test, with its key."""

    name: str
    key: KeyPair
    akia: InProcess

    def client(self, service: str, **options: Any) -> Any:
        """A boto3 client that signs as this user."""
        return self.akia.client(service, self.key, **options)

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{self.akia.account}:user/{self.name}"


class World(InProcess):
    """An akia with shortcuts for tests."""

    def person(self, name: str, *statements: dict[str, Any]) -> Person:
        """A user with a key and, if given, an inline policy of `statements` (Version 2012-10-17; Effect defaults to Allow, Resource to
        *)."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        made = iam.create_access_key(UserName=name)["AccessKey"]
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="test", PolicyDocument=policy(*statements))
        return Person(name, KeyPair(made["AccessKeyId"], made["SecretAccessKey"]), self)


def policy(*statements: dict[str, Any]) -> str:
    """A policy document of `statements`."""
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*"} | statement for statement in statements]}
    )


def refusal(call: Any, /, **arguments: Any) -> tuple[str, int, str]:
    """The code, status and message with which a boto3 call is refused; fails if it is not."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Message"]


@pytest.fixture
def akia() -> Iterator[World]:
    """An empty akia: an account, its root key, an administrator."""
    world = World(ACCOUNT)
    yield world
    world.close()


@pytest.fixture
def administrator(akia: World) -> Any:
    """IAM, signed by the administrator: an identity of the account, which is not its root."""
    return akia.client("iam", akia.admin)


@pytest.fixture
def partner(akia: World) -> Partner:
    """Another account, which asks for access to this one."""
    return Partner(akia)


@pytest.fixture(name="policy")
def _policy() -> Any:
    return policy


@pytest.fixture
def refused() -> Any:
    return refusal
