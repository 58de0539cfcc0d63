"""Whatever botocore sends we parse to the same dictionary; whatever we write botocore reads back. Every operation, generated values.

What a request cannot carry is not made: see `Values`. The normalisation of results, complete:
- IAM's policy documents arrive percent-encoded, as boto3 then decodes them (W6.6);
- `ResponseMetadata` is taken off what botocore reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from akia.wire import Models, Routed, route
from akia.wire.directory import SERVED

if TYPE_CHECKING:
    from collections.abc import Callable

    from akia.wire import Operation
    from akia.wire.schema import Shape

pytestmark = pytest.mark.covers("I2.wire.round_trip")

SERVICES = [entry.name for entry in SERVED]
FULLNESSES = (0.0, 1.0, 0.2, 0.4, 0.6, 0.8)
"""Shares of the optional members that are there."""


def all_operations(models: Models, service: str) -> list[Operation]:
    return [models.service(service).operation(name) for name in models.service(service).operation_names]


def decoded(value: Any, shape: Shape) -> Any:
    """Policy documents as boto3 hands them on, short of parsing their JSON."""
    if shape.type == "structure" and not shape.document:
        return {name: decoded(child, shape.members[name]) for name, child in value.items()}
    if shape.type == "list":
        return [decoded(child, shape.element) for child in value]
    return unquote(value) if shape.name == "policyDocumentType" else value


@pytest.mark.parametrize("service", SERVICES)
def test_what_botocore_sends_is_parsed_to_the_same_members(
    service: str, models: Models, client: Callable[[str], Any], values: Callable[..., Any]
) -> None:
    sender = client(service)
    for operation in all_operations(models, service):
        for fullness in FULLNESSES:
            shape = operation.interface.input
            source = values(f"{service} {operation.name} {fullness}", sendable=True)
            members = source.structure(shape, fullness, 0) if shape else {}
            scope = operation.signing_name if operation.authentication == "sigv4" else None
            routed = route(models, sender.request(operation.name, members), scope)
            assert isinstance(routed, Routed), (operation, routed)
            assert routed.operation is operation
            assert routed.parse() == members, operation


@pytest.mark.parametrize("service", SERVICES)
def test_what_we_answer_is_read_by_botocore_as_the_same_result(
    service: str, models: Models, client: Callable[[str], Any], values: Callable[..., Any]
) -> None:
    receiver = client(service)
    for operation in all_operations(models, service):
        for fullness in FULLNESSES:
            shape = operation.interface.output
            result = values(f"{service} {operation.name} {fullness}").structure(shape, fullness, 0) if shape else {}
            read = receiver.read(operation.name, operation.success(result, "id-1"))
            metadata = read.pop("ResponseMetadata")
            assert metadata["RequestId"] == "id-1", operation
            assert metadata["HTTPStatusCode"] == operation.interface.status
            assert (decoded(read, shape) if shape else read) == result, operation
