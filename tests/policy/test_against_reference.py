"""The engine and the reference evaluator, which share no code, decide the same: on at least fifty thousand different requests."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.policy.reference_evaluator import NAMES, evaluate
from tests.policy.worlds import Chooser, World, decide, engine_request, policies, request, world

from akia import policy

REQUESTS_IN_A_WORLD = 11
SIZE = 700
"""Enough bytes for a large world and the requests in it."""
REQUIRED = 50_000


@pytest.mark.covers("I2.policy.reference", "I3.policy.reference")
def test_the_engine_decides_as_the_reference_does() -> None:
    compared = set[int]()

    @settings(max_examples=5_500, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.binary(min_size=SIZE, max_size=SIZE))
    def compare(data: bytes) -> None:
        choose = Chooser(data)
        asked = world(choose)
        in_force = policies(asked)
        for _ in range(REQUESTS_IN_A_WORLD):
            assert_same(asked, in_force)
            compared.add(hash(repr(asked)))
            asked |= request(choose)

    compare()
    assert len(compared) >= REQUIRED


def assert_same(asked: World, in_force: policy.Policies) -> None:
    decision = policy.decide(engine_request(asked), in_force)
    expected = evaluate(asked)
    assert (str(decision.outcome), decision.blamed and str(decision.blamed)) == expected, f"{asked}\n{decision}"


def test_the_worlds_are_worth_the_comparison() -> None:
    """Every outcome, every row of the tables, every layer and every operator with each qualifier comes up among a few thousand worlds."""
    seen: Counter[str] = Counter()
    for seed in range(3_000):
        asked = world(Chooser(random.Random(seed).randbytes(SIZE)))
        decision = decide(asked)
        seen.update([decision.outcome, decision.rule, str(decision.blamed), asked["caller"]["kind"]])
    rows = {
        "P1.3-1",
        "P1.3-2",
        "P1.3-3",
        "P1.3-4",
        "P1.3-6",
        "P1.3-7",
        "P1.3-8",
        "P1.3-9",
        "P1.3-10",
        "P1.3-11",
        "P1.3-12",
        "P1.3-14",
        "O4",
    }
    across = {"P1.5-2", "P1.5-3", "P1.5-7a", "P1.5-7b", "P1.5-7c", "P1.5-7d"}
    assert {*rows, *across, *NAMES.values(), *policy.PrincipalKind} <= seen.keys()
    assert seen["allowed"] > 250
    assert seen["explicitDeny"] > 250
