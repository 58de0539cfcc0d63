"""What a token asks the session to carry: tags and a source identity (SI17.3)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from akia.federation.errors import Rejected

if TYPE_CHECKING:
    from collections.abc import Mapping

TAGS = "https://aws.amazon.com/tags"
SOURCE_IDENTITY = "https://aws.amazon.com/source_identity"

_PRINCIPAL_TAGS, _TRANSITIVE = "principal_tags", "transitive_tag_keys"
LONGEST_KEY, LONGEST_VALUE = 128, 256
_IDENTITY = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SessionClaims:
    """`transitive` are keys among those of `tags`, or not: whoever makes the session looks."""

    tags: Mapping[str, str] = field(default_factory=dict)
    transitive: tuple[str, ...] = ()
    source_identity: str | None = None


def session_claims(claims: Mapping[str, Any]) -> SessionClaims:
    """The claims for the session. Raises Rejected for any that has not the documented form: half of a wish is not granted."""
    return SessionClaims(_tags(claims), _transitive(claims), _source_identity(claims))


def _tags(claims: Mapping[str, Any]) -> Mapping[str, str]:
    """`{TAGS: {principal_tags: {key: [value]}}}`, or flat: `{TAGS/principal_tags/key: value}`."""
    flat = f"{TAGS}/{_PRINCIPAL_TAGS}/"
    listed = [*_nested(claims, _PRINCIPAL_TAGS, {}).items()]
    listed += [(name.removeprefix(flat), value) for name, value in claims.items() if name.startswith(flat)]
    tags = {key: _tag_value(value) for key, value in listed}
    if len(tags) != len(listed) or not all(_is_tag(key, value) for key, value in tags.items()):
        raise Rejected("the token's session tags are not valid")
    return tags


def _is_tag(key: str, value: str) -> bool:
    """P5.4-19."""
    return 0 < len(key) <= LONGEST_KEY and len(value) <= LONGEST_VALUE and all(map(_is_tag_character, key + value))


def _is_tag_character(character: str) -> bool:
    return character in "_.:/=+-@" or unicodedata.category(character)[0] in "LZN"


def _tag_value(value: object) -> str:
    """A tag has one value. The nested form writes it as a list of one."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str):
        raise Rejected("a session tag of the token has not one value")
    return value


def _transitive(claims: Mapping[str, Any]) -> tuple[str, ...]:
    keys = [*_nested(claims, _TRANSITIVE, []), *_list(claims.get(f"{TAGS}/{_TRANSITIVE}", []))]
    if not all(isinstance(key, str) for key in keys):
        raise Rejected("the token's transitive tag keys are not valid")
    return tuple(keys)


def _nested(claims: Mapping[str, Any], name: str, nothing: Any) -> Any:
    outer = claims.get(TAGS, {})
    if not isinstance(outer, dict):
        raise Rejected("the token's session tags are not valid")
    inner = outer.get(name, nothing)
    if not isinstance(inner, type(nothing)):
        raise Rejected("the token's session tags are not valid")
    return inner


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise Rejected("the token's transitive tag keys are not valid")
    return value


def _source_identity(claims: Mapping[str, Any]) -> str | None:
    value = claims.get(SOURCE_IDENTITY)
    if value is not None and not (isinstance(value, str) and _IDENTITY.fullmatch(value)):
        raise Rejected("the token's source identity is not valid")
    return value
