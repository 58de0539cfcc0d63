"""Short words for the tests: statements, documents, callers, and what the engine says of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from akia import policy
from akia.policy import Context, Decision, Kind, Outcome, Policies, PolicySet, PolicyType, Principal, Request, Value, principal

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCOUNT, OTHER_ACCOUNT = "111122223333", "444455556666"
USER_ARN, USER_ID = f"arn:aws:iam::{ACCOUNT}:user/team/ann", "AIDAANNANNANNANNANNA1"
ROLE_ARN, ROLE_ID = f"arn:aws:iam::{ACCOUNT}:role/app/builder", "AROABUILDERBUILDERBU1"
SESSION_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/builder/monday"
FEDERATED_ARN = f"arn:aws:sts::{ACCOUNT}:federated-user/guest"
SAML_ARN = f"arn:aws:iam::{ACCOUNT}:saml-provider/idp"

USER = principal.user(USER_ARN, USER_ID, ACCOUNT)
ROLE_SESSION = principal.role_session(SESSION_ARN, ROLE_ARN, ROLE_ID, ACCOUNT)
FEDERATED = principal.federated_user(FEDERATED_ARN, ACCOUNT, USER_ARN, USER_ID)
ROOT = principal.root(ACCOUNT)
SERVICE = principal.service("cloudtrail.amazonaws.com")
WEB_IDENTITY = principal.web_identity("accounts.google.com")
SAML = principal.saml(SAML_ARN)
ANONYMOUS = principal.anonymous()

OBJECT = "arn:aws:s3:::bucket/key"
Statement = dict[str, Any]


def allow(action: Any = "*", resource: Any = "*", **more: Any) -> Statement:
    """An Allow; `resource=None` leaves the element out."""
    return _statement("Allow", action, resource, more)


def deny(action: Any = "*", resource: Any = "*", **more: Any) -> Statement:
    return _statement("Deny", action, resource, more)


def _statement(effect: str, action: Any, resource: Any, more: Mapping[str, Any]) -> Statement:
    elements = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return {name: value for name, value in elements.items() if value is not None}


def text(*statements: Statement, version: str | None = "2012-10-17") -> str:
    return json.dumps(({"Version": version} if version else {}) | {"Statement": list(statements)})


def made_of(kind: Kind, *statements: Statement, version: str | None = "2012-10-17", name: str = "test") -> PolicySet:
    """A layer of one document."""
    return PolicySet([policy.compile(text(*statements, version=version), kind, policy=name)])


def identity(*statements: Statement, version: str | None = "2012-10-17") -> PolicySet:
    return made_of(Kind.IDENTITY_MANAGED, *statements, version=version)


def resource(*statements: Statement) -> PolicySet:
    return made_of(Kind.RESOURCE, *statements)


def trust(*statements: Statement) -> PolicySet:
    return made_of(Kind.TRUST, *statements)


EVERYTHING, NOTHING = identity(allow()), PolicySet()


def ask(
    caller: Principal = USER,
    action: str = "s3:GetObject",
    on: str = OBJECT,
    context: Context | None = None,
    *,
    owner: str | None = ACCOUNT,
    management: str | None = None,
    every: bool = False,
    **layers: Any,
) -> Decision:
    """The decision about one request under the given layers."""
    return policy.decide(
        Request(caller, action, on, {} if context is None else context, owner, management), Policies(**layers), every=every
    )


Verdict = tuple[str, str, PolicyType | None]
"""Outcome, rule, and the blamed type of policy."""


def outcome(decision: Decision) -> Verdict:
    return decision.outcome, decision.rule, decision.blamed


def implicit(rule: str, blamed: PolicyType) -> Verdict:
    return Outcome.IMPLICIT_DENY, rule, blamed


def applies(statement: Statement, context: Mapping[str, Value] | None = None, on: str = OBJECT, version: str | None = "2012-10-17") -> bool:
    """Whether a statement in an identity policy applies, be it an Allow or a Deny."""
    asked = ask(on=on, context=context, identity=identity(statement, version=version))
    return asked.facts[0].denied_by != () or asked.facts[0].allowed_by != ()


def holds(operator: str, values: Any, present: Value | None, *, effect: str = "Allow", version: str | None = "2012-10-17") -> bool:
    """Whether a condition on one key is met, in an Allow or in a Deny."""
    condition = {operator: {"x:Key": values}}
    statement = allow(Condition=condition) if effect == "Allow" else deny(Condition=condition)
    return applies(statement, {} if present is None else {"x:key": present}, version=version)
