"""Trust in OpenID Connect providers: which of a provider's tokens may assume the role (P2.3-7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.policy.findings.actions import is_wild
from akia.policy.findings.finding import Found, found
from akia.policy.findings.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.policy.findings.draft import Condition, Principal, Statement

rules = Rules()
GITHUB = "token.actions.githubusercontent.com"


def provider(principal: Principal) -> str | None:
    """The name before the colon in the provider's condition keys, or None if it is no OpenID Connect provider."""
    if principal.key != "Federated" or ":saml-provider/" in principal.text:
        return None
    return principal.text.rpartition(":oidc-provider/")[2].lower()


@rules.statement("MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL", "MISSING_GITHUB_REPO_CONDITION_KEY")
def restricted(statement: Statement) -> Iterator[Found]:
    """A provider has tokens for everybody who has an account there: GitHub's are told apart by `sub`, others by any of their claims."""
    for principal in statement.principals if statement.draft.is_trust and statement.allows else ():
        name = provider(principal)
        if name == GITHUB:
            if f"{GITHUB}:sub" not in statement.condition_keys:
                yield found("MISSING_GITHUB_REPO_CONDITION_KEY", principal.place)
        elif name is not None and not any(key.startswith(f"{name}:") for key in statement.condition_keys):
            yield found("MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL", principal.place)


@rules.condition("SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED")
def github_subject(statement: Statement, condition: Condition) -> Iterator[Found]:
    """`repo:owner/name:ref:…`: a star there lets other branches, repositories or owners in."""
    if condition.key.lower() == f"{GITHUB}:sub" and condition.base in {"StringLike", "StringNotLike"}:
        for value in condition.values:
            if is_wild(value.text):
                yield found("SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED", value.place)


@rules.condition("CONFIRM_AUDIENCE_CLAIM_TYPE")
def audience(statement: Statement, condition: Condition) -> Iterator[Found]:
    """`aud` holds one value with most providers; a qualifier is right for the others."""
    providers = {provider(principal) for principal in statement.principals}
    prefix, _, claim = condition.key.lower().rpartition(":")
    if claim == "aud" and prefix in providers and condition.name is not None and condition.name.over is not None:
        yield found("CONFIRM_AUDIENCE_CLAIM_TYPE", condition.place, key=condition.key)
