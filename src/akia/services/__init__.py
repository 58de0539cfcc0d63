"""The AWS services that this authority speaks for: one package a service, one module a resource, one function an operation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from akia.operation import Operations

if TYPE_CHECKING:
    from collections.abc import Iterator

_RESOURCES: Mapping[str, tuple[str, ...]] = {
    "iam": (
        "access_keys",
        "account",
        "account_properties",
        "account_summary",
        "attached_policies",
        "authorization_details",
        "boundaries",
        "context_keys",
        "credential_reports",
        "delegation_decisions",
        "delegation_requests",
        "entity_tags",
        "groups",
        "human_readable_summary",
        "inline_policies",
        "instance_profiles",
        "login_profiles",
        "managed_policies",
        "memberships",
        "mfa_devices",
        "openid_provider_settings",
        "openid_providers",
        "organizations_access_report",
        "organizations_features",
        "outbound_federation",
        "own_password",
        "password_policy",
        "policy_entities",
        "policy_versions",
        "roles",
        "saml_providers",
        "server_certificates",
        "service_access",
        "service_last_accessed",
        "service_linked_roles",
        "service_specific_credentials",
        "signing_certificates",
        "simulation",
        "ssh_public_keys",
        "trust_policies",
        "users",
        "virtual_mfa_devices",
    ),
    "iam-toolbox": ("authorization_details",),
    "sts": (
        "assume_role",
        "assume_role_with_saml",
        "assume_root",
        "authorization_messages",
        "caller_identity",
        "delegated_access",
        "federation_token",
        "session_token",
        "web_identity",
        "web_identity_token",
    ),
    "cloudtrail": (
        "channels",
        "dashboards",
        "event_configuration",
        "event_data_store_states",
        "event_data_stores",
        "event_history",
        "event_selectors",
        "delegated_administrators",
        "imports",
        "insight_selectors",
        "insights",
        "public_keys",
        "resource_policies",
        "queries",
        "query_answers",
        "sample_queries",
        "trail_logging",
        "trail_tags",
        "trails",
    ),
    "cloudtrail-data": ("audit_events",),
    "accessanalyzer": ("analyzer_tags", "analyzers", "custom_checks", "policy_generation", "policy_validation", "unused_findings"),
    "akia": (
        "access_keys",
        "alerts",
        "compromise_reports",
        "delegation_tokens",
        "key_lifetimes",
        "key_naming_rules",
        "key_restrictions",
        "key_rotations",
        "key_tags",
        "key_timelines",
        "key_usage",
        "limits",
        "replays",
        "rotation_policies",
        "security_keys",
        "sessions",
        "shadow_findings",
        "shadow_policies",
    ),
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


class _Services(Mapping[str, Operations]):
    """A service's modules are imported when the service is first asked for."""

    def __getitem__(self, service: str) -> Operations:
        return _operations_of(service, _RESOURCES[service])

    def __iter__(self) -> Iterator[str]:
        return iter(_RESOURCES)

    def __len__(self) -> int:
        return len(_RESOURCES)


def every_service() -> Mapping[str, Operations]:
    """The operations that are implemented, by the name of the service's model."""
    return _Services()


def modules() -> Iterator[str]:
    """The names of all modules that hold operations."""
    return (_module(service, resource) for service, resources in _RESOURCES.items() for resource in resources)


@cache
def _operations_of(service: str, resources: tuple[str, ...]) -> Operations:
    for resource in resources:
        import_module(_module(service, resource))
    name = service.replace("-", "_")
    operations = getattr(import_module(_module(service, f"_{name}")), name)
    assert isinstance(operations, Operations)
    return operations


def _module(service: str, name: str) -> str:
    return f"akia.services.{service.replace('-', '_')}.{name}"
