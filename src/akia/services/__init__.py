"""The AWS services that this authority speaks for: one package a service, one module a resource, one function an operation."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from akia.operation import Operations

if TYPE_CHECKING:
    from collections.abc import Mapping

_RESOURCES: Mapping[str, tuple[str, ...]] = {
    "iam": (
        "access_keys",
        "account",
        "attached_policies",
        "boundaries",
        "groups",
        "inline_policies",
        "managed_policies",
        "memberships",
        "policy_entities",
        "policy_versions",
        "role_tags",
        "roles",
        "trust_policies",
        "user_tags",
        "users",
    ),
    "sts": ("assume_role", "caller_identity", "session_token"),
    "cloudtrail": ("event_history",),
}
"""Each service's modules. Importing one registers its operations."""


def every_service() -> Mapping[str, Operations]:
    """The operations that are implemented, by the name of the service's model."""
    return {service: _operations_of(service, resources) for service, resources in _RESOURCES.items()}


def _operations_of(service: str, resources: tuple[str, ...]) -> Operations:
    for resource in resources:
        import_module(f"akia.services.{service}.{resource}")
    operations = getattr(import_module(f"akia.services.{service}._{service}"), service)
    assert isinstance(operations, Operations)
    return operations
