"""Conditions on the tags of resources, with services whose requests do not show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.policy.findings.actions import expanded
from akia.policy.findings.condition_keys import known, supports
from akia.policy.findings.finding import Found, found
from akia.policy.findings.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.policy.findings.draft import Condition, Draft, Statement, Text

rules = Rules()
SUPPORT_COST = 1_000
_PREFIX = "aws:resourcetag/"


@rules.condition(
    "ALLOW_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
    "ALLOW_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
    "DENY_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
    "DENY_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE",
)
def unsupported(statement: Statement, condition: Condition) -> Iterator[Found]:
    """Operators that fail when the key is missing: the statement then says nothing about such actions."""
    if not condition.key.lower().startswith(_PREFIX) or statement.effect not in {"Allow", "Deny"} or not _needs_key(condition):
        return
    effect = statement.effect.upper()
    if "NotAction" in statement.members:
        code = f"{effect}_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE"
        yield found(code, statement.name_of("NotAction"), condition.place, key=condition.key)
        return
    without = [text for text in statement.texts("Action") if not _shows_tags(statement.draft, text, condition.key)]
    if without:
        services = ", ".join(dict.fromkeys(text.text.partition(":")[0] for text in without))
        code = f"{effect}_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE"
        yield found(code, condition.place, *(text.place for text in without), key=condition.key, services=services)


def _needs_key(condition: Condition) -> bool:
    name = condition.name
    return name is not None and name.operator is not None and not name.if_exists and not name.operator.negated


def _shows_tags(draft: Draft, text: Text, key: str) -> bool:
    """Whether any of the actions meant can have the key; an action that nobody knows is not judged here."""
    documented, meant = known(key), expanded(text.text) if draft.affords(SUPPORT_COST) else ()
    return documented is None or not meant or any(supports(str(action), documented) for action in meant)
