"""Documents are compiled once and indexed by action."""

from __future__ import annotations

import pytest
from tests.policy.cases import allow, ask, deny, identity, text

from akia import policy
from akia.policy import Kind, PolicySet
from akia.policy.compiled import REMEMBERED_ACTIONS

MIXED = identity(
    allow("s3:GetObject"),
    deny(["iam:*", "S3:Get*"]),
    allow("*"),
    allow(action=None, NotAction="s3:*"),
    allow("s*:Put*"),
    allow(["ec2:RunInstances", "s3:get*", "s3:GetObject"]),
)


@pytest.mark.covers("I2.policy.compiled")
def test_candidates_are_the_statements_whose_action_matches() -> None:
    def positions(action: str) -> tuple[list[int], list[int]]:
        candidates = MIXED.candidates(action)
        return [each.ref.position for each in candidates.denies], [each.ref.position for each in candidates.allows]

    assert positions("s3:getobject") == ([1], [0, 2, 5])
    assert positions("s3:putobject") == ([], [2, 4])
    assert positions("iam:getuser") == ([1], [2, 3])
    assert positions("ec2:runinstances") == ([], [2, 3, 5])


@pytest.mark.covers("I2.policy.compiled")
def test_statements_of_other_actions_are_never_asked() -> None:
    class Unwanted:
        """A context that may not be looked into."""

        def get(self, key: str, /) -> str:
            raise AssertionError(key)

    looking = {"StringEquals": {"aws:username": "ann"}}
    many = [allow(f"svc{number}:Get*", Condition=looking) for number in range(1_000)]
    policies = PolicySet(
        policy.compile(text(*many[start : start + 10]), Kind.IDENTITY_MANAGED, policy=f"p{start}") for start in range(0, 1_000, 10)
    )
    assert not ask(context=Unwanted(), identity=policies).allowed
    with pytest.raises(AssertionError, match="aws:username"):
        ask(action="svc7:GetThing", context=Unwanted(), identity=policies)


@pytest.mark.covers("I2.policy.compiled")
def test_candidates_are_found_once_and_remembered_within_bounds() -> None:
    policies = identity(allow("s3:*"))
    assert policies.candidates("s3:a") is policies.candidates("s3:a")
    for number in range(3 * REMEMBERED_ACTIONS):
        policies.candidates(f"s3:{number}")
    assert len(policies._remembered) <= REMEMBERED_ACTIONS
    assert len(policies.candidates("s3:a").allows) == 1


def test_the_context_is_asked_only_for_keys_that_matter() -> None:
    asked: list[str] = []

    class Lazy:
        """A context without any key."""

        def get(self, key: str, /) -> None:
            asked.append(key)

    condition = {"StringEquals": {"aws:Username": "ann", "x:never": "b"}}
    ask(context=Lazy(), identity=identity(allow("s3:*", Condition=condition), allow("iam:*", Condition=condition)))
    assert asked == ["aws:username"]
