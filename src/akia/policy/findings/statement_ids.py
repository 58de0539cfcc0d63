"""`Sid`, the names of statements (P5.1-3)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from akia.policy.findings.finding import Found, PolicyType, found
from akia.policy.findings.rules import Rules
from akia.policy.grammar import is_plain_sid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.policy.findings.draft import Draft, Statement
    from akia.policy.findings.finding import Place

rules = Rules()


def _is_strict(draft: Draft) -> bool:
    """Whether IAM or Organizations keeps the document; other services are freer."""
    return draft.is_trust or draft.type is not PolicyType.RESOURCE


@rules.document("UNIQUE_SIDS_REQUIRED", "UNIQUE_SIDS_RECOMMENDED")
def unique(draft: Draft) -> Iterator[Found]:
    """One report for each Sid that stands more than once, at all its places."""
    places: dict[str, list[Place]] = defaultdict(list)
    for statement in draft.statements:
        for sid in statement.texts("Sid"):
            places[sid.text].append(sid.place)
    for text, where in places.items():
        if text and len(where) > 1:
            yield found("UNIQUE_SIDS_REQUIRED" if _is_strict(draft) else "UNIQUE_SIDS_RECOMMENDED", *where)


@rules.statement("UNSUPPORTED_SID", "EMPTY_SID_VALUE")
def characters(statement: Statement) -> Iterator[Found]:
    """P5.1-3."""
    for sid in statement.texts("Sid"):
        if not sid.text:
            yield found("EMPTY_SID_VALUE", sid.place)
        elif _is_strict(statement.draft) and not is_plain_sid(sid.text):
            yield found("UNSUPPORTED_SID", sid.place)
