"""Identity providers that all the world shares: whoever has an account there gets tokens, so a trust policy must say whose (NT-25).

AWS refuses roles that trust one of them without a condition on the claim that tells its tenants apart. Here that is asked of every Allow
that names one, and wildcards may not stand where the tenant does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from akia.aws.errors import MalformedPolicyDocument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.policy.grammar import Document, StatementText

TENANT_CLAIMS = {
    "token.actions.githubusercontent.com": "sub",
    "gitlab.com": "sub",
    "app.terraform.io": "sub",
    "agent.buildkite.com": "sub",
    "accounts.google.com": "aud",
    "cognito-identity.amazonaws.com": "aud",
    "graph.facebook.com": "app_id",
    "www.amazon.com": "app_id",
}
"""By host: the claim that tells tenants apart. Providers whose URL has the tenant in it (CircleCI, Bitbucket) need none."""

_LIMITING = re.compile(r"(?:ForAnyValue:)?String(?:Equals|Like|EqualsIgnoreCase)", re.IGNORECASE)
"""The operators that limit a text. Those that end in IfExists, and ForAllValues, let a token without the claim pass."""
_BEFORE_WILDCARD = re.compile(r"[^:*?]+:[^:/*?$]+[:/]")
"""`repo:acme/…`, `project_path:acme/…`, `organization:acme:…`: what a wildcard may follow."""


def require_tenant(document: Document) -> None:
    """Raises MalformedPolicyDocument if a statement lets every tenant of a shared provider in."""
    for statement in document.statements:
        if statement.is_deny:
            continue
        for provider, claim in _shared(statement):
            if not _is_limited(statement, f"{provider}:{claim}"):
                raise MalformedPolicyDocument(
                    f"The identity provider {provider} is shared by everybody who has an account there: "
                    f"limit {provider}:{claim} to your own, by a condition with StringEquals or StringLike."
                )


def _shared(statement: StatementText) -> Iterator[tuple[str, str]]:
    """The shared providers that the statement trusts, by host, with their claims."""
    for named in (statement.principal or {}).get("Federated", ()):
        host = named.partition(":oidc-provider/")[2] or named
        if host in TENANT_CLAIMS:
            yield host, TENANT_CLAIMS[host]


def _is_limited(statement: StatementText, key: str) -> bool:
    for operator, tests in statement.condition.items():
        if _LIMITING.fullmatch(operator):
            for name, values in tests.items():
                if name.lower() == key and values and all(_names_a_tenant(value) for value in values):
                    return True
    return False


def _names_a_tenant(value: str) -> bool:
    """Whether nothing that stands for other texts (a wildcard, a variable) comes before the tenant's end."""
    return not any(mark in value for mark in "*?$") or _BEFORE_WILDCARD.match(value) is not None
