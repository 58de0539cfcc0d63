from __future__ import annotations

import pytest
from bench.decisions import ACCOUNT, ACTIONS, CALLER, all_layers, among, drawn, requested

from akia import policy
from akia.policy import Kind, PolicySet, PolicyType
from bench import worst

SCP, IDENTITY, BOUNDARY, SESSION = PolicyType.SCP, PolicyType.IDENTITY, PolicyType.BOUNDARY, PolicyType.SESSION
SHAPES = worst.documents(worst.INLINE)


@pytest.mark.covers("I3.bench.decisions")
def test_all_layers_are_there_and_every_request_passes_them() -> None:
    layers = all_layers()
    assert [len(document.statements) for document in layers.identity.documents] == [10] * 10
    for action in ACTIONS:
        decision = policy.decide(requested(action), layers)
        assert [finding.type for finding in decision.facts] == [SCP, SCP, IDENTITY, BOUNDARY, SESSION]
        assert decision.allowed


def test_no_request_is_drawn_twice() -> None:
    requests = drawn(200)
    assert len({request.resource for request in requests}) == len({str(request.context) for request in requests}) == 200


@pytest.mark.covers("I3.bench.decisions")
def test_unrelated_statements_are_as_many_as_asked_for() -> None:
    policies = among(200)
    assert sum(len(document.statements) for document in policies.identity.documents) == 200
    assert all(policy.decide(requested(action), policies).allowed for action in ACTIONS)
    assert not any(document.unreadable for document in policies.identity.documents)


@pytest.mark.covers("I3.bench.decisions")
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [worst.INLINE, worst.MANAGED])
def test_the_slowest_policies_pass_the_quotas_and_fill_them(shape: str, size: int) -> None:
    text = worst.documents(size)[shape]
    policy.parse(text, Kind.IDENTITY_INLINE)
    assert policy.counted_size(text) <= size
    assert max(policy.counted_size(text), len(text) / worst.TEXT * size * 2) > 0.9 * size


@pytest.mark.parametrize("shape", SHAPES)
def test_the_slowest_policies_decide_nothing_of_themselves(shape: str) -> None:
    """So that every comparison is made: the Allow behind them is reached, or the evaluation is given up as too costly."""
    texts = [SHAPES[shape], '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}']
    identity = PolicySet(policy.compile(text, Kind.IDENTITY_INLINE, policy=text[:9]) for text in texts)
    request = policy.Request(CALLER, "s3:GetObject", worst.RESOURCE, worst.CONTEXT, ACCOUNT)
    decision = policy.decide(request, policy.Policies(identity=identity))
    assert decision.allowed or decision.rule == "NT-53"
