"""The rules of a theme: what each looks at, and which codes it may report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from akia.policy.findings.draft import Condition, Draft, Statement
from akia.policy.findings.finding import Found

OfDocument = Callable[[Draft], Iterator[Found]]
OfStatement = Callable[[Statement], Iterator[Found]]
OfCondition = Callable[[Statement, Condition], Iterator[Found]]
R = TypeVar("R", bound=Callable[..., Iterator[Found]])


class Rules:
    """Filled by decorating generators. `codes` are all that these rules report."""

    def __init__(self) -> None:
        self.codes: set[str] = set()
        self._of_document: list[OfDocument] = []
        self._of_statement: list[OfStatement] = []
        self._of_condition: list[OfCondition] = []

    def document(self, *codes: str) -> Callable[[OfDocument], OfDocument]:
        """The decorated rule looks at the whole document."""
        return self._register(self._of_document, codes)

    def statement(self, *codes: str) -> Callable[[OfStatement], OfStatement]:
        """The decorated rule looks at one statement."""
        return self._register(self._of_statement, codes)

    def condition(self, *codes: str) -> Callable[[OfCondition], OfCondition]:
        """The decorated rule looks at one condition key under its operator."""
        return self._register(self._of_condition, codes)

    def _register(self, rules: list[R], codes: tuple[str, ...]) -> Callable[[R], R]:
        def register(rule: R) -> R:
            self.codes.update(codes)
            rules.append(rule)
            return rule

        return register

    def apply(self, draft: Draft) -> Iterator[Found]:
        """What the rules find in `draft`."""
        for of_document in self._of_document:
            yield from of_document(draft)
        for statement in draft.statements:
            for of_statement in self._of_statement:
                yield from of_statement(statement)
            for condition in statement.conditions:
                for of_condition in self._of_condition:
                    yield from of_condition(statement, condition)
