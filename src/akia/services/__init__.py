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
        "context_keys",
        "groups",
        "inline_policies",
        "managed_policies",
        "memberships",
        "openid_provider_tags",
        "openid_providers",
        "outbound_federation",
        "policy_entities",
        "policy_versions",
        "role_tags",
        "roles",
        "service_access",
        "service_last_accessed",
        "simulation",
        "trust_policies",
        "user_tags",
        "users",
    ),
    "iam-toolbox": ("authorization_details",),
    "sts": ("assume_role", "authorization_messages", "caller_identity", "session_token", "web_identity", "web_identity_token"),
    "cloudtrail": ("event_history",),
    "accessanalyzer": ("analyzer_tags", "analyzers", "custom_checks", "policy_generation", "policy_validation", "unused_findings"),
    "akia": ("replays", "shadow_findings", "shadow_policies"),
    "organizations": (
        "account_creation",
        "accounts",
        "attachments",
        "delegated_administrators",
        "features",
        "handshakes",
        "hierarchy",
        "invitations",
        "membership",
        "organization",
        "organizational_units",
        "policies",
        "resource_policy",
        "roots",
        "service_access",
        "tags",
    ),
}
"""Each service's modules. Importing one registers its operations."""


def every_service() -> Mapping[str, Operations]:
    """The operations that are implemented, by the name of the service's model."""
    return {service: _operations_of(service, resources) for service, resources in _RESOURCES.items()}


def _operations_of(service: str, resources: tuple[str, ...]) -> Operations:
    name = service.replace("-", "_")
    for resource in resources:
        import_module(f"akia.services.{name}.{resource}")
    operations = getattr(import_module(f"akia.services.{name}._{name}"), name)
    assert isinstance(operations, Operations)
    return operations
