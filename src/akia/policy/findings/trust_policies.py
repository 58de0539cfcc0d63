"""Role trust policies (P1.7)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from akia.policy.findings.actions import covers
from akia.policy.findings.finding import Found, found
from akia.policy.findings.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.policy.findings.draft import Condition, Principal, Statement

rules = Rules()
ROLES_ANYWHERE = "rolesanywhere.amazonaws.com"
_SESSION = re.compile(r"arn:(aws[a-z-]*):(?:sts|iam)::([0-9]{12}):assumed-role/([^/]+)/.+", re.ASCII)
_SETTING = {
    "sts:sourceidentity": "sts:SetSourceIdentity",
    "sts:transitivetagkeys": "sts:TagSession",
    "aws:tagkeys": "sts:TagSession",
    "aws:requesttag/": "sts:TagSession",
}
"""Keys of a role's session, and the action without which no session has them (P1.7-4)."""


@rules.statement(
    "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL",
    "ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE",
    "ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
)
def elements(statement: Statement) -> Iterator[Found]:
    """P1.9-1, P1.7-1; contested: `trust_policy_wildcard_principal_accepted`."""
    if not statement.draft.is_trust:
        return
    if "NotPrincipal" in statement.members:
        yield found("ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL", statement.name_of("NotPrincipal"))
    for name in ("Resource", "NotResource"):
        if name in statement.members:
            yield found("ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", statement.name_of(name))
    if statement.members.get("Principal") == "*":
        yield found("ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", statement.at("Principal"))


def allowed(statement: Statement, action: str) -> bool:
    """Whether the statement's `Action` names `action`, wildcards included."""
    return any(covers(text.text, action) for text in statement.texts("Action"))


@rules.statement("MISMATCHED_ACTION_FOR_PRINCIPAL")
def mismatched(statement: Statement) -> Iterator[Found]:
    """P2.3-7: each way of assuming a role has its kind of principal. Wildcards in actions are not judged."""
    if not statement.draft.is_trust or "*" in [principal.text for principal in statement.principals]:
        return
    for action in statement.texts("Action"):
        suits = _SUITS.get(action.text.lower())
        wrong = [principal for principal in statement.principals if suits and _kind(principal) not in suits]
        if wrong:
            names = ", ".join(principal.text for principal in wrong)
            places = (principal.place for principal in wrong)
            yield found("MISMATCHED_ACTION_FOR_PRINCIPAL", action.place, *places, action=action.text, principals=names)


_SUITS = {
    "sts:assumerole": {"AWS", "Service", "CanonicalUser"},
    "sts:assumerolewithsaml": {"saml"},
    "sts:assumerolewithwebidentity": {"oidc"},
}


def _kind(principal: Principal) -> str:
    if principal.key != "Federated":
        return principal.key
    return "saml" if ":saml-provider/" in principal.text else "oidc"


@rules.statement("MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY")
def roles_anywhere(statement: Statement) -> Iterator[Found]:
    """All three actions, in the statement that names the service or in others of the document."""
    names = [principal for principal in statement.principals if principal.text == ROLES_ANYWHERE]
    if not (statement.draft.is_trust and statement.allows and names):
        return
    peers = [each for each in statement.draft.statements if each.allows and ROLES_ANYWHERE in [name.text for name in each.principals]]
    for action in ("sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"):
        if not any(allowed(peer, action) for peer in peers):
            yield found("MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY", names[0].place)
            return


@rules.condition("MISSING_ACTION_FOR_CONDITION_KEY")
def missing_action(statement: Statement, condition: Condition) -> Iterator[Found]:
    """P1.7-4: tags and the source identity reach a session only through their own action."""
    if not (statement.draft.is_trust and statement.allows and "Action" in statement.members):
        return
    key = condition.key.lower()
    needed = next((action for start, action in _SETTING.items() if key == start or (start.endswith("/") and key.startswith(start))), None)
    if needed and not allowed(statement, needed):
        yield found("MISSING_ACTION_FOR_CONDITION_KEY", condition.place, action=needed, key=condition.key)


@rules.statement("REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY")
def redundant(statement: Statement) -> Iterator[Found]:
    """A session of a role that is named itself (P2.3-3)."""
    roles = {principal.text for principal in statement.principals if principal.key == "AWS"}
    for principal in statement.principals if statement.draft.is_trust else ():
        session = _SESSION.fullmatch(principal.text)
        role = f"arn:{session[1]}:iam::{session[2]}:role/{session[3]}" if session else None
        if role in roles:
            yield found("REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY", principal.place, session=principal.text, role=str(role))
