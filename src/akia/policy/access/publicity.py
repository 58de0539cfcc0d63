"""Does a resource policy let in the whole world? (CheckNoPublicAccess)

A statement is public if it allows everybody, or every bearer of an identity provider's token, and nothing narrows that down to callers
or networks that the policy names: a condition of its own, or a Deny for all who do not meet one.
"""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

from akia.policy.access.conditions import opposite
from akia.policy.access.exposure import parts
from akia.policy.access.patterns import EVERYTHING, Fuel, action_letters
from akia.policy.access.principals import EVERYBODY, Name
from akia.policy.access.statements import statements
from akia.policy.conditions.values import network

if TYPE_CHECKING:
    from akia.policy.access.conditions import Condition
    from akia.policy.access.statements import Reason, SymbolicStatement
    from akia.policy.grammar import Document

_EXACT = frozenset(
    {
        "aws:principalaccount", "aws:principalorgid", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceowner", "aws:sourcevpc",
        "aws:sourcevpce", "aws:vpceaccount", "aws:vpceorgid", "kms:calleraccount", "lambda:functionurlauthtype",
        "s3:dataaccesspointaccount", "elasticfilesystem:accesspointarn",
    }
)  # fmt: skip
"""Keys whose single values name an account, an organization or a network."""
_PATHS = frozenset({"aws:principalorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths"})
"""`o-…/r-…/ou-…/*`: the organization comes first."""
_ARNS = frozenset({"aws:principalarn", "aws:sourcearn", "aws:sourcevpcarn", "s3:dataaccesspointarn"})
_SMALLEST_PREFIX = {4: 8, 6: 32}
"""Wider blocks of addresses are as good as the internet."""


def public(document: Document, prefix: str) -> list[Reason]:
    """The statements of a resource's policy that may be public. `prefix`: of the actions on such resources; statements that have none
    of them say nothing about the resource. Raises TooComplex."""
    fuel, known = Fuel(), statements(document)
    denies = tuple(statement for statement in known if statement.deny)
    actions = [action_letters(f"{prefix}:*")]
    return [
        statement.reason
        for statement in known
        if not statement.deny
        and _opens(statement)
        and any(not _is_guarded(left) for left in parts(statement, denies, actions, [EVERYTHING], fuel))
    ]


def _is_guarded(denies: tuple[SymbolicStatement, ...]) -> bool:
    """Whether some Deny, which matches the actions and resources, keeps the world out."""
    return any((deny.principals is None or deny.principals.surely(EVERYBODY)) and _narrows_by_deny(deny) for deny in denies)


def _opens(statement: SymbolicStatement) -> bool:
    names = statement.principals
    if names is None or names.negated:
        return True
    narrowed = any(_narrows(condition) for condition in statement.conditions)
    return any(
        (name == EVERYBODY and not narrowed) or (name.kind == "Federated" and _lets_all_in(name, statement)) for name in names.listed
    )


def _lets_all_in(name: Name, statement: SymbolicStatement) -> bool:
    """OpenID Connect providers have tokens for everybody; those of SAML providers are an organization's own (P2.3-7)."""
    if ":saml-provider/" in name.text:
        return False
    provider = name.text.rpartition(":oidc-provider/")[2].lower()
    claims = (condition for condition in statement.conditions if condition.key.startswith(f"{provider}:"))
    return not any(_is_plain(claim) and _are_specific(claim) for claim in claims)


def _are_specific(condition: Condition) -> bool:
    """Texts that begin with something; a claim `*` says nothing."""
    return bool(condition.values) and all(len(value.text.partition("*")[0]) > 1 and not value.template for value in condition.values)


def _is_plain(condition: Condition) -> bool:
    """A positive comparison that fails when the key is missing."""
    return condition.operator != "Null" and not condition.negated and not condition.if_exists and condition.over != "forallvalues"


def _narrows(condition: Condition) -> bool:
    """Whether the condition lets in only whom the policy names."""
    if not _is_plain(condition) or not condition.values or any(value.template for value in condition.values):
        return False
    return all(_is_specific(condition.key, condition.operator, value.text) for value in condition.values)


def _is_specific(key: str, operator: str, text: str) -> bool:
    if key == "aws:sourceip" or key == "aws:vpcsourceip":
        return operator == "IpAddress" and _is_small(text)
    if not operator.startswith(("String", "Arn")):
        return False
    wild = "*" in text or "?" in text
    if key in _EXACT:
        return not wild
    if key in _PATHS:
        return "/" in text and not {"*", "?"} & set(text.partition("/")[0])
    if key == "aws:userid":
        return bool(text.partition(":")[0]) and not {"*", "?"} & set(text.partition(":")[0])
    return key in _ARNS and _has_account(text)


def _has_account(text: str) -> bool:
    parts = text.split(":", 5)
    if len(parts) < 6:
        return False
    bucket = parts[2] == "s3" and parts[5] and not parts[4]  # names of buckets are unique in the world
    owner = parts[5] if bucket else parts[4]
    return bool(owner) and "*" not in owner and "?" not in owner


def _is_small(text: str) -> bool:
    if network(text) is None:
        return False
    block = ip_network(text, strict=False)
    return block.prefixlen >= _SMALLEST_PREFIX[block.version]


def _narrows_by_deny(guard: SymbolicStatement) -> bool:
    """Whether a Deny for everybody spares only whom it names: each of its conditions must, for one that fails spares its caller."""
    spared = [opposite(condition) for condition in guard.conditions]
    return all(condition is not None and _narrows(condition) for condition in spared)
