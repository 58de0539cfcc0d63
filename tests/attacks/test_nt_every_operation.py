"""NT-01, NT-30, NT-41: no operation of any model forgets to ask who it is, or whether they may."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from tests.attacks.every_operation import SERVICES, operations, presigned_by_nobody
from tests.attacks.refusals import DENIED, NO_CREDENTIALS, NOT_BUILT, WRONG_SIGNATURE
from tests.attacks.signer import Signer, forged, with_header

from akia.aws.errors import Family
from akia.services import every_service
from akia.wire.directory import SERVED

if TYPE_CHECKING:
    from tests.attacks.refusals import Observer
    from tests.conftest import Person, World

    from akia.wire import HttpRequest, Operation

BUILT = {(service, operation.name) for service, operations in every_service().items() for operation in operations}
OPEN_PATHS = {entry.name for entry in SERVED if entry.open_paths}
EXEMPT = {("sts", "GetCallerIdentity"), ("sts", "GetSessionToken")}
"""What needs no permission (P1.7-11)."""
UNSIGNED = {
    "sts": {"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"},
    "sso": {"GetRoleCredentials", "ListAccountRoles", "ListAccounts", "Logout"},
    "sso-oidc": {"CreateToken", "RegisterClient", "StartDeviceAuthorization"},
    "signin": {"CreateOAuth2Token", "CreateOAuth2TokenWithTokenExchange"},
}
"""What the models leave unsigned (NT-30)."""
UNPROVEN = dict.fromkeys([("sts", "AssumeRoleWithSAML"), ("sts", "AssumeRoleWithWebIdentity")], ("InvalidIdentityToken", 400))
"""What those of them that are performed answer to parameters that prove nothing."""
STREAMING = [
    b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    b"STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    b"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
    b"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER",
    b"STREAMING-AWS4-HMAC-SHA256-EVENTS",
    b"UNSIGNED-PAYLOAD",
]


def without_proof(operation: Operation) -> tuple[str, int]:
    """The refusal of an operation that the model leaves unsigned, whatever signature comes along."""
    return UNPROVEN.get((operation.service.name, operation.name)) or NOT_BUILT[operation.family]


def forms(request: HttpRequest, signer: Signer, service: str) -> dict[str, HttpRequest]:
    """One call in each form in which a signature can be fabricated."""
    signed = signer.header(request, service)
    streams = {mode.decode(): with_hash(request, signer, service, mode) for mode in STREAMING}
    return {"header": forged(signed), "query": presigned_by_nobody(request, signer, service, time.time()), **streams}


def with_hash(request: HttpRequest, signer: Signer, service: str, mode: bytes) -> HttpRequest:
    """Rightly signed, but over `mode` in place of the body's hash: nothing says what the body must be."""
    return signer.header(with_header(request, b"x-amz-content-sha256", mode), service, payload=mode)


@pytest.mark.covers("A5")
@pytest.mark.parametrize("service", SERVICES)
def test_nt_01_every_operation_refuses_every_fabricated_form(service: str, observer: Observer, signer: Signer) -> None:
    observer.watch()
    for operation, request in operations(service):
        for name, fabricated in forms(request, signer, operation.signing_name).items():
            code, status = without_proof(operation) if operation.unsigned else WRONG_SIGNATURE[operation.family]
            refusal = observer.refused(fabricated, code, status, settle=False)
            assert refusal.message or operation.unsigned, (operation, name)
    assert {event.verified for event in observer.settle()} == {False}


@pytest.mark.parametrize("service", SERVICES)
def test_nt_12_every_operation_refuses_another_body(service: str, observer: Observer, signer: Signer) -> None:
    observer.watch()
    for operation, request in operations(service):
        signed = signer.header(request, operation.signing_name)
        expected = without_proof(operation) if operation.unsigned else WRONG_SIGNATURE[operation.family]
        more = b"&x=1" if operation.family is Family.QUERY else b" "
        observer.refused(signed._replace(body=signed.body + more), *expected, settle=False)
    observer.settle()


def family_told_by(operation: Operation, request: HttpRequest) -> Family:
    """The family that an unsigned request shows: most paths of REST services belong to nobody without a credential scope (W3.6)."""
    if operation.family is not Family.REST_JSON or operation.service.name in OPEN_PATHS:
        return operation.family
    return Family.JSON if b"json" in dict(request.headers).get(b"content-type", b"") else Family.QUERY


@pytest.mark.covers("A5")
@pytest.mark.parametrize("service", SERVICES)
def test_nt_01_every_operation_refuses_a_call_without_credentials(service: str, observer: Observer) -> None:
    observer.watch()
    for operation, request in operations(service):
        built = (service, operation.name) in UNPROVEN
        expected = NOT_BUILT if operation.unsigned else NO_CREDENTIALS
        told = UNPROVEN[service, operation.name] if built else expected[family_told_by(operation, request)]
        observer.refused(request, *told, settle=False)
        assert operation.unsigned == (operation.name in UNSIGNED.get(service, ())), operation
    observer.settle()


@pytest.mark.covers("A8", "I2.wire.errors")
@pytest.mark.parametrize("service", SERVICES)
def test_nt_41_without_policies_every_operation_is_denied(service: str, observer: Observer, nobody: Person) -> None:
    observer.watch()
    signer = Signer.of(nobody.key)
    for operation, request in operations(service):
        signed = signer.header(request, operation.signing_name)
        if operation.unsigned:
            observer.refused(signed, *without_proof(operation), settle=False)
        elif (service, operation.name) in EXEMPT:
            observer.accepted(signed)
        else:
            refusal = observer.refused(signed, *DENIED[operation.family], settle=False)
            assert refusal.message.startswith(f"User: {nobody.arn} is not authorized to perform: ")
            assert " because no " in refusal.message
    for event in observer.settle():
        assert event.verified is (event.name not in UNSIGNED.get(service, ()))
        assert '"outcome":"implicitDeny"' in event.decision or not event.verified


@pytest.mark.covers("I2.services.parity", "C2")
@pytest.mark.parametrize("service", SERVICES)
def test_operations_that_are_not_built_say_so_to_an_administrator(service: str, observer: Observer, shared: World) -> None:
    observer.watch()
    signer = Signer.of(shared.admin)
    for operation, request in operations(service):
        if (service, operation.name) not in BUILT:
            refusal = observer.refused(signer.header(request, operation.signing_name), *NOT_BUILT[operation.family], settle=False)
            assert operation.name in refusal.message
    observer.settle()
