"""Every operation that is implemented, each with input that its model allows, in two sizes: as little as possible, and everything."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore import xform_name
from botocore.exceptions import ClientError
from tests.wire.conftest import Values

from akia.aws import catalogue, own_models
from akia.services import every_service
from akia.testing.in_process import ACCOUNT
from akia.wire import Models

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.conftest import Person

    from akia.operation import Operation
    from akia.wire.schema import Shape

_IAM = f"arn:aws:iam::{ACCOUNT}"
ROLE = f"{_IAM}:role/sweep"
_ANALYZER = f"arn:aws:access-analyzer:us-east-1:{ACCOUNT}:analyzer/a"
_TRAILS = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}"
_ARNS = {
    "S3BucketAccessRoleArn": ROLE,
    "ResourceArn": f"{_TRAILS}:eventdatastore/00000000-0000-4000-8000-000000000000",
    "channelArn": f"{_TRAILS}:channel/00000000-0000-4000-8000-000000000000",
    "PolicyArn": f"{_IAM}:policy/p",
    "PermissionsBoundary": f"{_IAM}:policy/p",
    "RoleArn": ROLE,
    "SAMLProviderArn": f"{_IAM}:saml-provider/p",
    "accessRole": ROLE,
    "TargetPrincipal": f"{_IAM}:root",
    "TaskPolicyArn": {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"},
    "OpenIDConnectProviderArn": f"{_IAM}:oidc-provider/idp.example.com",
    "resourceArn": _ANALYZER,
    "EntityArn": f"{_IAM}:delegation-request/dr-0000000000000000",
    "PolicyTemplateArn": f"{_IAM}:policy/p",
    "analyzerArn": _ANALYZER,
    **dict.fromkeys(["Arn", "PolicySourceArn", "CallerArn", "PrincipalArn", "principalArn", "TargetArn"], f"{_IAM}:user/u"),
}
"""What the models take for any text, but must be the ARN of something for a resource to be asked about."""
_CLAIMED_MFA = ("SerialNumber", "TokenCode")
"""Left out: whoever claims a second factor that is not there gets AccessDenied for that (STS)."""


class _Sensible(Values):
    """Values whose ARNs are ARNs, and whose lists have an element wherever they may."""

    def structure(self, shape: Shape, fullness: float, depth: int) -> dict[str, Any]:
        members = super().structure(shape, fullness, depth)
        return {name: _ARNS.get(name, value) for name, value in members.items() if name in shape.required or name not in _CLAIMED_MFA}

    def _length(self, shape: Shape, depth: int) -> int:
        return min(max(1, super()._length(shape, depth)), int(shape.traits.get("max", 10**6)))


@dataclass(frozen=True)
class Told:
    """What a caller is answered, and the decisions that akia has recorded for it."""

    code: str
    message: str
    decisions: list[Mapping[str, Any]]

    @property
    def denied(self) -> bool:
        return self.code in ("AccessDenied", "AccessDeniedException")

    @property
    def asked(self) -> list[tuple[str, str]]:
        """Every action that was asked about, with its resource."""
        return [(decision["action"], resource) for decision in self.decisions for resource in decision["resources"]]


@dataclass(frozen=True)
class Implemented:
    """One operation. `action` is what AWS documents for it: the catalogue's word, not that of our code."""

    operation: Operation
    action: str

    def __str__(self) -> str:
        return f"{self.operation.service}.{self.operation.name}"

    @property
    def key(self) -> tuple[str, str]:
        return self.operation.service, self.operation.name

    def input(self, fullness: float) -> dict[str, Any]:
        """Members that are good by the model: what it requires, and of the rest the part `fullness`."""
        shape = _models().service(self.operation.service).operation(self.operation.name).interface.input
        return _Sensible(f"{self} total", sendable=True).structure(shape, fullness, 0) if shape else {}

    def told(self, person: Person, fullness: float = 0) -> Told:
        """The answer to `person`, through an unmodified client."""
        call = getattr(person.client(self.operation.service), xform_name(self.operation.name))
        try:
            response: Any = call(**self.input(fullness))
        except ClientError as refused:
            response = refused.response
        person.akia.akia.authority.drain()
        request_id = response["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]
        [event] = person.akia.akia.store.events.by_request_id(request_id)
        error = response.get("Error", {})
        return Told(error.get("Code", ""), error.get("Message", ""), json.loads(event.decision))


@cache
def _models() -> Models:
    return Models(extra=(own_models.DIRECTORY,))


def implemented() -> list[Implemented]:
    """All of them. An operation without an action in the catalogue has the action "": nobody can be allowed it."""
    operations = [operation for service in every_service().values() for operation in service]
    return [Implemented(operation, catalogue.action_of(operation.service, operation.name) or "") for operation in operations]
