"""The `Resource` and `NotResource` elements (P2.2).

A pattern is read part by part: five parts that end at a colon each, and the rest. A run of the first five never swallows a colon; one of
the rest swallows colons and slashes. Letter case counts everywhere (contested: `arn_case_sensitive`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile

from akia.policy.kind import Kind
from akia.policy.values import Context
from akia.policy.variables import Template, parse, plain_text
from akia.policy.wildcard import (
    COMPARISON_COST,
    GLOB_COST,
    PREFIX_COST,
    TEMPLATE_COST,
    Budget,
    Globs,
    Pattern,
    Token,
    Wild,
    glob,
    joined,
    pattern,
)

Heads = tuple[Pattern, ...]
Matcher = Callable[[str, Budget], bool]
TemplateMatcher = Callable[[str, Context, Budget], bool | None]
"""None: a variable has no value."""


class Resources:
    """The resources that a statement names, compiled.

    A newer reading lets a run that *ends* one of the first five parts swallow colons. Where matching more is the safer error, in
    Deny + Resource and in Allow + NotResource, either reading counts; elsewhere only the narrow one (P2.2-1, contested:
    `segment_final_star_fails_closed`).
    """

    __slots__ = ("_everything", "_globs", "_lenient", "_matchers", "_negated", "_templates")

    def __init__(self, texts: Sequence[str], *, negated: bool, deny: bool, kind: Kind, variables: bool) -> None:
        self._negated = negated
        self._lenient = deny
        self._everything = any(_only_runs(text) for text in texts)
        reading = _wide if negated is not deny else _narrow
        named = [split(text, kind) for text in texts if not _only_runs(text)]
        parsed = [(heads, parse(tail, variables=variables, wildcards=True)) for heads, tail in filter(None, named)]
        fixed = [(heads, tail) for heads, tail in parsed if not isinstance(tail, Template)]
        self._globs = Globs(_whole(heads, tail) for heads, tail in fixed if _is_plain(heads))
        self._matchers = [reading(heads, tail) for heads, tail in fixed if not _is_plain(heads)]
        self._templates = [_templated(heads, tail, reading) for heads, tail in parsed if isinstance(tail, Template)]

    def match(self, resource: str, context: Context, budget: Budget) -> bool:
        """Whether the element matches `resource`: an ARN, or `*`, which only a pattern of nothing but stars matches (P2.2-5).

        Raises TooMuchWork.
        """
        if self._everything:
            return not self._negated
        if self._negated:
            return self._excludes(resource, context, budget)
        return self._names(resource, budget) or (bool(self._templates) and self._names_by_variables(resource, context, budget))

    def _names(self, resource: str, budget: Budget) -> bool:
        if self._globs.match(resource, budget):
            return True
        if not self._matchers:
            return False
        budget.spend(GLOB_COST * len(self._matchers))
        return any(matcher(resource, budget) for matcher in self._matchers)

    def _names_by_variables(self, resource: str, context: Context, budget: Budget) -> bool:
        budget.spend(PREFIX_COST * len(self._templates))
        near = [matches for lead, matches in self._templates if resource.startswith(lead)]
        budget.spend(TEMPLATE_COST * len(near))
        return any(matches(resource, context, budget) for matches in near)

    def _excludes(self, resource: str, context: Context, budget: Budget) -> bool:
        """`NotResource`. With an unresolved variable a Deny applies to everything else, an Allow not at all (P2.2-8)."""
        budget.spend(TEMPLATE_COST * len(self._templates))
        matches = [each(resource, context, budget) for _, each in self._templates]
        if None in matches and not self._lenient:
            return False  # contested: not_resource_unresolved_variable
        return not any(matches) and not self._names(resource, budget)


def _only_runs(text: str) -> bool:
    return text != "" and not text.strip("*")


def split(text: str, kind: Kind) -> tuple[Heads, str] | None:
    """The five first parts and the rest of a pattern, short ones padded with `*`; None for one that matches nothing (P2.2-4)."""
    parts = text.split(":", 5)
    if len(parts) < 6:
        if not _is_padded(text, kind):
            return None
        parts += ["*"] * (6 - len(parts))
    return tuple(map(pattern, parts[:5])), parts[5]


def _is_padded(text: str, kind: Kind) -> bool:
    """Contested: `short_arns_padded`."""
    match kind:
        case Kind.IDENTITY_MANAGED | Kind.IDENTITY_INLINE | Kind.BOUNDARY | Kind.SESSION | Kind.CEILING:
            return True
        case Kind.SCP:
            return text.endswith("*")
        case Kind.RESOURCE | Kind.ENDPOINT:
            return "*" in text or "?" in text
        case Kind.RCP | Kind.TRUST:
            return False


def _is_plain(heads: Heads) -> bool:
    return all(not head or (len(head) == 1 and isinstance(head[0], str)) for head in heads)


def _whole(heads: Heads, tail: Pattern) -> Pattern:
    return sum(((*head, ":") for head in heads), ()) + tail


def arn_pattern(tokens: Pattern) -> Matcher | None:
    """The matcher of an ARN pattern, read part by part; None if it has fewer than six parts (C3.3-9, C3.3-17)."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if isinstance(token, Wild):
            parts[-1].append(token)
            continue
        first, *others = token.split(":", 6 - len(parts))
        parts[-1].append(first)
        parts += [[text] for text in others]
    if len(parts) < 6:
        return None
    *heads, tail = (joined(part) for part in parts)
    return _narrow(tuple(heads), tail)


def _templated(heads: Heads, tail: Template, reading: Callable[[Heads, Pattern], Matcher]) -> tuple[str, TemplateMatcher]:
    """The plain text that a pattern with variables begins with, and its matcher. Variables stand in the last part only (P2.2-8)."""
    plain = list(takewhile(lambda head: _is_plain((head,)), heads))
    lead = plain_text(_whole(tuple(plain), ()))
    if len(plain) == len(heads):
        whole = tail.behind(lead)
        return whole.lead, whole.matches

    def match(value: str, context: Context, budget: Budget) -> bool | None:
        resolved = tail.resolved(context)
        return None if resolved is None else reading(heads, resolved)(value, budget)

    return lead, match


def _narrow(heads: Heads, tail: Pattern) -> Matcher:
    """Part against part. The pattern as one glob is asked first: it is quick, and wider."""
    whole = glob(_whole(heads, tail))
    if _is_plain(heads):
        return whole.matches
    tests = [(place, glob(head)) for place, head in enumerate(heads) if head != (Wild.RUN,)]
    last = glob(tail)

    def match(value: str, budget: Budget) -> bool:
        if not whole.matches(value, budget):
            return False
        parts = value.split(":", 5)
        return all(test.matches(parts[place], budget) for place, test in tests) and last.matches(parts[5], budget)

    return match


def _wide(heads: Heads, tail: Pattern) -> Matcher:
    """As `_narrow`, but a first part that ends in a run may take further parts with it."""
    if not any(head and head[-1] is Wild.RUN for head in heads):
        return _narrow(heads, tail)
    whole, last = glob(_whole(heads, tail)), glob(tail)
    tests = [(glob(head), bool(head) and head[-1] is Wild.RUN) for head in heads]

    def match(value: str, budget: Budget) -> bool:
        if not whole.matches(value, budget):
            return False
        parts = value.split(":")
        reached = {0}
        for test, takes_more in tests:
            budget.spend(COMPARISON_COST * len(reached))
            ends = {place + 1 for place in reached if place < len(parts) and test.matches(parts[place], budget)}
            reached = set(range(min(ends), len(parts))) if takes_more and ends else ends
        budget.spend(len(reached) * len(value))
        return any(last.matches(":".join(parts[place:]), budget) for place in reached if place < len(parts))

    return match
