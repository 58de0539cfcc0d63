"""What the policies of a user say about keys: whether they make an administrator, and whether they bind to addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.cli.account_keys.inventory import HeldPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_ADMINISTRATORS = ("AdministratorAccess", "IAMFullAccess")
"""AWS's managed policies with which one can take every permission."""

_SOURCES = frozenset({"aws:sourceip", "aws:vpcsourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn"})
_BINDING = ("notipaddress", "ipaddress", "string", "arn", "foranyvalue:", "forallvalues:")
_EVERYTHING = frozenset({"*", "*:*"})


class Policies:
    """The answer of GetAccountAuthorizationDetails, for one question after the other."""

    def __init__(
        self, users: Sequence[Mapping[str, Any]], groups: Sequence[Mapping[str, Any]], policies: Sequence[Mapping[str, Any]]
    ) -> None:
        self.users = {user["UserName"]: user for user in users}
        self._groups = {group["GroupName"]: group for group in groups}
        self._documents = {policy["Arn"]: version.get("Document") for policy in policies for version in _default(policy)}

    def grants(self, user: str) -> tuple[HeldPolicy, ...]:
        """The policies that make `user` an administrator."""
        return tuple(grant for grant, document in self._held(user) if _makes_an_administrator(grant.policy, document))

    def binds_to_sources(self, user: str) -> bool:
        """Whether every Allow of `user`, or a Deny of everything, asks where the request comes from. AWS's managed policies never do."""
        boundary = self.users[user].get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        held = [document for _, document in self._held(user)]
        fences = [self._documents.get(boundary)] if boundary else []
        if any(_denies_elsewhere(statement) for document in [*held, *fences] for statement in _statements(document)):
            return True
        return any(documents and all(_allows_from_somewhere(document) for document in documents) for documents in (held, fences))

    def tags(self, user: str) -> dict[str, str]:
        """The user's tags."""
        return {tag["Key"]: tag["Value"] for tag in self.users[user].get("Tags", ())}

    def _held(self, user: str) -> Iterator[tuple[HeldPolicy, Any]]:
        detail = self.users[user]
        yield from self._of(detail, detail.get("UserPolicyList", ()), "")
        for name in detail.get("GroupList", ()):
            group = self._groups.get(name, {})
            yield from self._of(group, group.get("GroupPolicyList", ()), name)

    def _of(self, holder: Mapping[str, Any], inline: Sequence[Mapping[str, Any]], group: str) -> Iterator[tuple[HeldPolicy, Any]]:
        for policy in inline:
            yield HeldPolicy(policy["PolicyName"], group), policy.get("PolicyDocument")
        for attached in holder.get("AttachedManagedPolicies", ()):
            yield HeldPolicy(attached["PolicyArn"], group), self._documents.get(attached["PolicyArn"])


def _default(policy: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [version for version in policy.get("PolicyVersionList", ()) if version.get("IsDefaultVersion")]


def _makes_an_administrator(policy: str, document: Any) -> bool:
    if policy.split(":", 5)[4:5] == ["aws"]:
        return policy.rpartition("/")[2] in _ADMINISTRATORS
    return any(_allows_all(statement) for statement in _statements(document))


def _allows_all(statement: Mapping[str, Any]) -> bool:
    actions = {action.lower() for action in _list(statement.get("Action"))}
    whole = bool(actions & (_EVERYTHING | {"iam:*"})) and "*" in _list(statement.get("Resource"))
    return statement.get("Effect") == "Allow" and whole and not statement.get("Condition")


def _denies_elsewhere(statement: Mapping[str, Any]) -> bool:
    return statement.get("Effect") == "Deny" and bool(_EVERYTHING & set(_list(statement.get("Action")))) and _asks_for_source(statement)


def _allows_from_somewhere(document: Any) -> bool:
    allows = [statement for statement in _statements(document) if statement.get("Effect") == "Allow"]
    return bool(allows) and all(_asks_for_source(statement) for statement in allows)


def _asks_for_source(statement: Mapping[str, Any]) -> bool:
    conditions = statement.get("Condition")
    if not isinstance(conditions, dict):
        return False
    return any(
        operator.lower().startswith(_BINDING) and isinstance(asked, dict) and any(key.lower() in _SOURCES for key in asked)
        for operator, asked in conditions.items()
    )


def _statements(document: Any) -> list[Mapping[str, Any]]:
    found = document.get("Statement", ()) if isinstance(document, dict) else ()
    return [statement for statement in _list(found) if isinstance(statement, dict)]


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
