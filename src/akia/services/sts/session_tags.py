"""Session tags: what a session is given, and what it inherits from the one that made it (P1.7-12)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akia.aws.errors import InvalidParameterValue, ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from akia.identity.principal import SessionFacts
    from akia.operation import Conditions
    from akia.wire.shapes import sts as shapes


@dataclass(frozen=True, slots=True)
class SessionTags:
    """The tags of a new session, and the keys of those that pass along."""

    tags: Mapping[str, str] = field(default_factory=dict)
    transitive: frozenset[str] = frozenset()


def session_tags(given: Iterable[shapes.Tag], transitive_keys: Iterable[str], parent: SessionFacts | None) -> SessionTags:
    """The given tags together with the parent's transitive ones. Raises InvalidParameterValue, ValidationError (P5.3-7, P5.3-8)."""
    tags = {tag["Key"]: tag["Value"] for tag in given}
    keys = [tag["Key"].lower() for tag in given]
    transitive = [key.lower() for key in transitive_keys]
    inherited = inherited_tags(parent)
    if len(set(keys)) < len(keys):
        raise InvalidParameterValue("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    if any(key.startswith("aws:") for key in keys):
        raise ValidationError("Tag keys beginning with aws: are reserved for system use.")
    if not set(transitive) <= set(keys):
        raise InvalidParameterValue("The specified transitive tag key must be included in the requested tags.")
    if {key.lower() for key in inherited} & set(keys):
        raise InvalidParameterValue(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session."
        )
    passing = {key for key in tags if key.lower() in transitive}
    return SessionTags(tags | inherited, frozenset(passing | set(inherited)))


def inherited_tags(parent: SessionFacts | None) -> dict[str, str]:
    """The tags that pass along from the session that asks."""
    return {key: value for key, value in parent.tags.items() if key in parent.transitive} if parent is not None else {}


def tag_conditions(given: Sequence[shapes.Tag], transitive_keys: Sequence[str]) -> Conditions:
    """`aws:RequestTag/…`, `aws:TagKeys` and `sts:TransitiveTagKeys` (P4.3-20, P4.3-25)."""
    conditions: dict[str, str | Sequence[str]] = {f"aws:requesttag/{tag['Key'].lower()}": tag["Value"] for tag in given}
    if given:
        conditions["aws:tagkeys"] = tuple(tag["Key"] for tag in given)
    if transitive_keys:
        conditions["sts:transitivetagkeys"] = tuple(transitive_keys)
    return conditions
