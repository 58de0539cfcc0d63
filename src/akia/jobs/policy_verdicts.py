"""What the policy engine says of a change of permissions: docs/access-checks.md tells how it is proven.

A proof about a large document takes up to seconds. Hence it is never made where requests are served: what has not been proven yet is
Unjudged, a thread proves it, and the step is taken anew.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akia import policy
from akia.alerts import PolicyKind
from akia.aws.errors import MalformedPolicyDocument
from akia.policy import Kind
from akia.policy.access import TooComplex, granted, new_access, public

if TYPE_CHECKING:
    from akia.policy import Document

log = logging.getLogger("akia.jobs")

_KINDS = {PolicyKind.IDENTITY: Kind.IDENTITY_MANAGED, PolicyKind.TRUST: Kind.TRUST}
DANGEROUS = (
    "iam:AttachGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:CreatePolicyVersion",
    "iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary", "iam:PutGroupPolicy", "iam:PutRolePolicy",
    "iam:PutUserPolicy", "iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy",
)  # fmt: skip
"""Whoever may do one of these on somebody can give everything else."""
_MOST = 256


@dataclass(frozen=True, slots=True)
class Question:
    """Whether `new` may allow what `former` does not; without `former`: whether it is dangerous."""

    kind: PolicyKind
    new: str = field(repr=False)
    former: str | None = field(default=None, repr=False)

    def answer(self) -> bool:
        """The worst, if it cannot be proven. Takes its time."""
        try:
            document = self._document(self.new)
            if self.former is not None:
                return bool(new_access(document, self._document(self.former)))
            return bool(public(document, "sts") if self.kind is PolicyKind.TRUST else granted(document, DANGEROUS, ["*"]))
        except (TooComplex, MalformedPolicyDocument):
            return True
        except Exception as error:  # it would be asked again for ever, and no event looked at any more
            log.error("a change of permissions cannot be judged: %s", type(error).__name__)
            return True

    def _document(self, text: str) -> Document:
        return policy.parse(text, _KINDS[self.kind], limit=len(text))


class Unjudged(Exception):
    """Raised for a question that is not answered yet: `judge` answers it, in any thread, and never raises."""

    def __init__(self, question: Question, verdicts: PolicyVerdicts) -> None:
        super().__init__("not judged yet")
        self._question = question
        self._verdicts = verdicts

    def judge(self) -> None:
        self._verdicts.learn(self._question, self._question.answer())


class PolicyVerdicts:
    """A Judge that knows the answers that it has learnt: the same managed policies are attached again and again."""

    def __init__(self) -> None:
        self._known: OrderedDict[Question, bool] = OrderedDict()

    def widens(self, kind: PolicyKind, new: str, former: str) -> bool:
        """Raises Unjudged."""
        return self._of(Question(kind, new, former))

    def is_dangerous(self, kind: PolicyKind, new: str) -> bool:
        """Raises Unjudged."""
        return self._of(Question(kind, new))

    def denies(self, text: str) -> bool:
        try:
            return any(statement.is_deny for statement in policy.parse(text, Kind.IDENTITY_MANAGED, limit=len(text)).statements)
        except MalformedPolicyDocument:
            return True

    def learn(self, question: Question, answer: bool) -> None:
        self._known[question] = answer
        while len(self._known) > _MOST:
            self._known.popitem(last=False)

    def _of(self, question: Question) -> bool:
        if question not in self._known:
            raise Unjudged(question, self)
        return self._known[question]
