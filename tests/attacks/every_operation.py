"""Every operation of every model, each with a request that is good but for its signature."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from tests.attacks.signer import FABRICATED, HOST, Signer, timestamp
from tests.wire.conftest import Client, Values

from akia.wire import Models
from akia.wire.directory import SERVED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.wire import HttpRequest, Operation

SERVICES = [entry.name for entry in SERVED]

_ROLE = {"RoleArn": "arn:aws:iam::123456789012:role/nobody-has-this"}
_ROOT: dict[str, Any] = {
    "TargetPrincipal": "111122223333",
    "TaskPolicyArn": {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"},
}
_MEANT: dict[tuple[str, str], dict[str, Any]] = {
    ("sts", "AssumeRole"): _ROLE,
    ("sts", "AssumeRoleWithWebIdentity"): _ROLE,
    ("sts", "AssumeRoot"): _ROOT,
}
"""What must be more than good by the model, since it is read before anything is authorized."""


@cache
def models() -> Models:
    return Models()


def operations(service: str, fullness: float = 0) -> Iterator[tuple[Operation, HttpRequest]]:
    """Each operation of `service` with an unsigned request that has all that the model requires, and of the rest the part `fullness`."""
    model = models().service(service)
    client = Client(service, model.protocol)
    for name in model.operation_names:
        operation = model.operation(name)
        shape = operation.interface.input
        members = Values(f"{service} {name}", sendable=True).structure(shape, fullness, 0) if shape else {}
        members |= _MEANT.get((service, name), {})
        request = client.request(name, members)
        yield operation, request._replace(headers=[HOST, *((key, value) for key, value in request.headers if key != b"host")])


def presigned_by_nobody(request: HttpRequest, signer: Signer, service: str, at: float) -> HttpRequest:
    """`request` with a signature in its query that is well-formed and wrong."""
    stamp = timestamp(at)
    signed = b"%3B".join(sorted({name for name, _ in request.headers if name == b"host" or name.startswith(b"x-amz-")}))
    credential = b"%b%%2F%b%%2Fus-east-1%%2F%b%%2Faws4_request" % (signer.key_id.encode(), stamp[:8], service.encode())
    claim = b"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=%b&X-Amz-Date=%b&X-Amz-SignedHeaders=%b&X-Amz-Signature=%b" % (
        credential,
        stamp,
        signed,
        FABRICATED,
    )
    return request._replace(query=request.query + b"&" * bool(request.query) + claim)
