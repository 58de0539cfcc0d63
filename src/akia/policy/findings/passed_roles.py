"""Allows that hand out roles: `iam:PassRole` and `iam:CreateServiceLinkedRole` on too many resources (P2.1-6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.policy.findings.actions import covers, is_wild
from akia.policy.findings.finding import Found, Place, PolicyType, found
from akia.policy.findings.rules import Rules
from akia.policy.wildcard import Budget, glob, pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.policy.findings.draft import Statement

rules = Rules()
_COMBINATIONS = (
    "NOT_ACTION_AND_NOT_RESOURCE",
    "NOT_RESOURCE",
    "STAR_IN_ACTION_AND_NOT_RESOURCE",
    "STAR_IN_ACTION_AND_RESOURCE",
    "STAR_IN_RESOURCE",
    "STAR_IN_RESOURCE_AND_NOT_ACTION",
)
_ANY_ROLE, _ANY_SERVICE_LINKED_ROLE = "role/\0", "role/aws-service-role/\0"
"""Roles that nobody means by name: a resource that matches one matches every role of its account."""


@rules.statement(*(f"PASS_ROLE_WITH_{combination}" for combination in _COMBINATIONS))
def pass_role(statement: Statement) -> Iterator[Found]:
    """`iam:PassedToService` limits what can be done with a role, so it excuses stars in the resource (but not NotResource)."""
    yield from _found(statement, "iam:PassRole", "PASS_ROLE_WITH_", _ANY_ROLE, excuse="iam:passedtoservice")


@rules.statement(*(f"CREATE_SLR_WITH_{combination}" for combination in _COMBINATIONS))
def create_service_linked_role(statement: Statement) -> Iterator[Found]:
    """`iam:AWSServiceName` names the service that the role is for."""
    yield from _found(statement, "iam:CreateServiceLinkedRole", "CREATE_SLR_WITH_", _ANY_SERVICE_LINKED_ROLE, excuse="iam:awsservicename")


def _found(statement: Statement, action: str, code: str, any_role: str, *, excuse: str) -> Iterator[Found]:
    if not statement.allows or statement.draft.type is not PolicyType.IDENTITY:
        return
    names, action_place = _names_action(statement, action)
    if action_place is None:
        return
    if "NotResource" in statement.members:
        combination = {"": "NOT_RESOURCE", "STAR": "STAR_IN_ACTION_AND_NOT_RESOURCE", "NOT": "NOT_ACTION_AND_NOT_RESOURCE"}[names]
        yield found(code + combination, action_place, statement.name_of("NotResource"))
        return
    stars = [text.place for text in statement.texts("Resource") if _names(text.text, any_role)]
    if stars and excuse not in statement.condition_keys:
        combination = {"": "STAR_IN_RESOURCE", "STAR": "STAR_IN_ACTION_AND_RESOURCE", "NOT": "STAR_IN_RESOURCE_AND_NOT_ACTION"}[names]
        yield found(code + combination, action_place, *stars)


def _names(resource: str, role: str) -> bool:
    return glob(pattern(resource.split(":", 5)[-1])).matches(role, Budget())


def _names_action(statement: Statement, action: str) -> tuple[str, Place | None]:
    """How the statement names `action` (in full, by a `STAR`, or with `NOT`Action), and where; no place: not at all."""
    if "NotAction" in statement.members:
        excluded = any(covers(text.text, action) for text in statement.texts("NotAction"))
        return "NOT", None if excluded else statement.name_of("NotAction")
    for text in sorted(statement.texts("Action"), key=lambda text: is_wild(text.text)):
        if covers(text.text, action):
            return ("STAR" if is_wild(text.text) else ""), text.place
    return "", None
