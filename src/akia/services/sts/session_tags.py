"""Session tags: what a session is given, and what it inherits from the one that made it (P1.7-12)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from akia.aws.errors import InvalidParameterValue, ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from akia.identity.session import SessionFacts
    from akia.operation import Conditions
    from akia.wire.shapes import sts as shapes

MOST_TAGS = 50


@dataclass(frozen=True, slots=True)
class SessionTags:
    """The tags of a new session, and the keys of those that pass along."""

    tags: Mapping[str, str]
    transitive: frozenset[str]


def session_tags(given: Sequence[shapes.Tag], transitive_keys: Sequence[str], parent: SessionFacts | None) -> SessionTags:
    """The given tags together with the parent's transitive ones. Raises InvalidParameterValue (P5.3-7, P5.3-8), ValidationError."""
    inherited, passing = inherited_tags(parent), _folded(transitive_keys)
    _require_apart(given, passing, inherited)
    if len(given) + len(inherited) > MOST_TAGS:
        raise ValidationError(f"A session cannot have more than {MOST_TAGS} tags, inherited ones included.")
    tags = {tag["Key"]: tag["Value"] for tag in given}
    return SessionTags({**tags, **inherited}, frozenset(inherited).union(key for key in tags if key.lower() in passing))


def inherited_tags(parent: SessionFacts | None) -> Mapping[str, str]:
    """The tags that pass along from the session that asks, if it is one."""
    return {key: value for key, value in parent.tags.items() if key in parent.transitive} if parent is not None else {}


def tag_conditions(given: Sequence[shapes.Tag], transitive_keys: Sequence[str]) -> Conditions:
    """`aws:RequestTag/…`, `aws:TagKeys` and `sts:TransitiveTagKeys` (P4.3-20, P4.3-25).

    Inherited tags are not among them: they are `aws:PrincipalTag/…` of the session that asks.
    """
    conditions: dict[str, str | Sequence[str]] = {f"aws:requesttag/{tag['Key'].lower()}": tag["Value"] for tag in given}
    if given:
        conditions["aws:tagkeys"] = tuple(tag["Key"] for tag in given)
    if transitive_keys:
        conditions["sts:transitivetagkeys"] = tuple(transitive_keys)
    return conditions


def _require_apart(given: Sequence[shapes.Tag], transitive: frozenset[str], inherited: Mapping[str, str]) -> None:
    """Keys are told apart without regard to case, are not AWS's own, and do not override what is inherited."""
    keys = _folded(tag["Key"] for tag in given)
    if len(keys) < len(given):
        raise InvalidParameterValue("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    if any(key.startswith("aws:") for key in keys):
        raise ValidationError("Tag keys beginning with aws: are reserved for system use.")
    if not transitive <= keys:
        raise InvalidParameterValue("The specified transitive tag key must be included in the requested tags.")
    if not keys.isdisjoint(_folded(inherited)):
        raise InvalidParameterValue(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session."
        )


def _folded(keys: Iterable[str]) -> frozenset[str]:
    return frozenset(key.lower() for key in keys)
