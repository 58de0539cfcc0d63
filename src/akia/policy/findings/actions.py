"""`Action` and `NotAction` against what AWS documents (P2.1)."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from akia.aws import catalogue
from akia.policy.findings.finding import Found, found
from akia.policy.findings.rules import Rules
from akia.policy.wildcard import Budget, glob, pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from akia.policy.findings.draft import Draft, Statement, Text

rules = Rules()
HINT_COST = 10
"""Steps that go into comparing a misspelt name with a right one."""


def is_wild(text: str) -> bool:
    """Whether `text` has a wildcard in it."""
    return "*" in text or "?" in text


def covers(wide: str, narrow: str) -> bool:
    """Whether the action pattern `wide` matches whatever `narrow` matches. Sound for all patterns: a star of `narrow` is taken as text
    that only a star can match."""
    return glob(pattern(wide.lower())).matches(narrow.lower().replace("?", "\0"), Budget()) and not ("?" in wide and "*" in narrow)


@lru_cache(maxsize=4096)
def expanded(text: str) -> tuple[catalogue.ActionFacts, ...]:
    """The documented actions that an action pattern matches; of a service whose prefix has no wildcard."""
    prefix, _, name = text.partition(":")
    facts = catalogue.service(prefix)
    if facts is None:
        return ()
    matcher = glob(pattern(name.lower()))
    return tuple(action for key, action in facts.actions.items() if matcher.matches(key, Budget()))


@rules.statement("INVALID_ACTION", "INVALID_SERVICE_IN_ACTION", "WILDCARD_IN_SERVICE_NAME")
def exist(statement: Statement) -> Iterator[Found]:
    """P2.1-1: `service:Name`, known to AWS; wildcards match something."""
    for action in statement.texts("Action", "NotAction"):
        if "${" not in action.text and action.text.strip("*"):
            yield from _exists(statement.draft, action)


def _exists(draft: Draft, action: Text) -> Iterator[Found]:
    prefix, colon, name = action.text.partition(":")
    if not colon or not name:
        yield found("INVALID_ACTION", action.place, action=action.text, hint="")
    elif is_wild(prefix):
        yield found("WILDCARD_IN_SERVICE_NAME", action.place)
    elif not catalogue.is_service_prefix(prefix):
        yield found("INVALID_SERVICE_IN_ACTION", action.place, service=prefix, hint=_hint(draft, prefix, _services()))
    elif not _matches_something(draft, prefix, name):
        facts = catalogue.service(prefix)
        known = {f"{prefix}:{each.name}".lower(): str(each) for each in facts.actions.values()} if facts else {}
        yield found("INVALID_ACTION", action.place, action=action.text, hint=_hint(draft, action.text, known))


def _matches_something(draft: Draft, prefix: str, name: str) -> bool:
    facts = catalogue.service(prefix)
    if not is_wild(name) or facts is None:
        return facts is not None and name.lower() in facts.actions
    return not draft.affords(len(facts.actions)) or bool(expanded(f"{prefix}:{name}"))


def _hint(draft: Draft, text: str, known: Mapping[str, str]) -> str:
    if not draft.affords(HINT_COST * len(known)):
        return ""
    near = get_close_matches(text.lower(), known, n=1, cutoff=0.8)
    return f" Did you mean {known[near[0]]}?" if near else ""


@cache
def _services() -> Mapping[str, str]:
    return {prefix: prefix for prefix in sorted(catalogue.prefixes())}


@rules.statement("REDUNDANT_ACTION")
def redundant(statement: Statement) -> Iterator[Found]:
    """Actions of a list that another of the same list covers whole."""
    for element in ("Action", "NotAction"):
        spare = redundant_texts(statement, element, covers)
        if spare:
            yield found("REDUNDANT_ACTION", *(text.place for text in spare), count=str(len(spare)), example=spare[0].text)


def redundant_texts(statement: Statement, element: str, covers: Callable[[str, str], bool]) -> list[Text]:
    """The texts of a list that another one covers. Of two that cover each other the later one is redundant."""
    texts = statement.texts(element)
    wide = [(place, text) for place, text in enumerate(texts) if is_wild(text.text)]
    first: dict[str, int] = {}
    for place, text in enumerate(texts):
        first.setdefault(text.text.lower() if element.endswith("Action") else text.text, place)
    firsts = set(first.values())
    if not statement.draft.affords(len(wide) * len(texts)):
        wide = []
    return [
        text
        for place, text in enumerate(texts)
        if place not in firsts
        or any(
            covers(other.text, text.text) and (before < place or not covers(text.text, other.text))
            for before, other in wide
            if before != place
        )
    ]
