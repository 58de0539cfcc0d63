"""The rules of tags on IAM's entities (P5.4-12, P5.4-19): what may be given, and how tags join those that are there.

Keys of users and roles differ by more than letter case and keep their case; those of policies and other resources may differ by case alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import InvalidInput, LimitExceeded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from akia.identity.quotas import Quotas
    from akia.wire.shapes import iam as shapes

RESERVED = "aws:"


def exactly(key: str) -> str:
    """Keys of policies: distinguished by case."""
    return key


def without_case(key: str) -> str:
    """Keys of users and roles: `Team` and `team` are one key."""
    return key.lower()


def given(tags: Sequence[shapes.Tag] | None, quotas: Quotas, same: Callable[[str], str] = without_case) -> dict[str, str]:
    """The tags of a request, a list of `Key`/`Value`, as a mapping. Raises InvalidInput (a key twice or reserved) and LimitExceeded."""
    found = {tag["Key"]: tag["Value"] for tag in tags or ()}
    if len({same(key) for key in found}) != len(tags or ()):
        raise InvalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    if any(key.lower().startswith(RESERVED) for key in found):
        raise InvalidInput("aws: prefixed tag key names are not allowed for external use.")
    _check_number(found, quotas)
    return found


def merged(old: Mapping[str, str], tags: Sequence[shapes.Tag], quotas: Quotas, same: Callable[[str], str] = without_case) -> dict[str, str]:
    """`old` with the tags of a request; a key that is there already is replaced, its case too. Raises as `given`, for the sum."""
    new = given(tags, quotas, same)
    result = without(old, new, same) | new
    _check_number(result, quotas)
    return result


def without(old: Mapping[str, str], keys: Iterable[str], same: Callable[[str], str] = without_case) -> dict[str, str]:
    """`old` without the tags called `keys`; keys that are not there do not matter."""
    gone = {same(key) for key in keys}
    return {key: value for key, value in old.items() if same(key) not in gone}


def to_wire(tags: Mapping[str, str]) -> list[shapes.Tag]:
    """The list of `Key`/`Value` of responses, in the order of keys."""
    return [{"Key": key, "Value": tags[key]} for key in sorted(tags)]


def _check_number(tags: Mapping[str, str], quotas: Quotas) -> None:
    if len(tags) > quotas.tags_per_entity:
        raise LimitExceeded(f"Cannot exceed quota for TagsPerEntity: {quotas.tags_per_entity}")
