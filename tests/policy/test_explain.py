"""An explanation never says anything else than the decision (NT-96), and context keys are found wherever they stand (AC12.4)."""

from __future__ import annotations

import json

import pytest

from akia import policy
from akia.policy import Kind, Outcome, Policies, PolicySet, Request
from akia.policy.evaluation import collect
from akia.policy.validate import read
from akia.policy.wildcard import TooMuchWork

CALLER = policy.principal.user("arn:aws:iam::123456789012:user/a", "AIDAEXAMPLE000000000", "123456789012")


def compiled(*statements: dict[str, object], kind: Kind = Kind.IDENTITY_INLINE) -> PolicySet:
    text = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*"} | statement for statement in statements]}
    )
    return PolicySet([policy.compile(text, kind, policy="p")])


def test_all_statements_that_match_are_named() -> None:
    policies = Policies(identity=compiled({"Action": "a:*"}, {"Action": "*", "Effect": "Deny"}, {"Action": "a:B", "Effect": "Deny"}))
    request = Request(CALLER, "a:B", "*", {})
    assert len(policy.decide(request, policies).determining) == 1
    told = policy.decide(request, policies, every=True)
    assert told.outcome is Outcome.EXPLICIT_DENY
    assert [reference.position for reference in told.determining] == [1, 2]
    assert [reference.position for reference in told.facts[0].allowed_by] == [0]


def test_nt_96_an_explanation_that_costs_too_much_falls_back_on_the_decision() -> None:
    patterns = [f"arn:aws:s3:::*{number}*" for number in range(100)]
    costly: list[dict[str, object]] = [{"Action": "a:B", "Condition": {"ArnLike": {"k": patterns}}} for _ in range(20)]
    simple = compiled({"Action": "a:B"})
    policies = Policies(identity=PolicySet([*simple.documents, *(compiled(*costly).documents * 20)]))
    request = Request(CALLER, "a:B", "*", {"k": "arn:aws:s3:::" + "x" * 10_000})
    decision = policy.decide(request, policies)
    assert decision.rule == "P1.3-11"
    with pytest.raises(TooMuchWork):  # what makes this a test
        collect(request, policies, every=True)
    assert policy.decide(request, policies, every=True) == decision


def test_context_keys_of_conditions_and_variables() -> None:
    statement = {
        "Effect": "Allow",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::home/${aws:username}/${s3:prefix, 'x'}/${*}",
        "Condition": {"StringLike": {"aws:PrincipalTag/team": "${AWS:UserName}-${aws:userid}"}, "Null": {"AWS:PRINCIPALTAG/TEAM": "false"}},
    }
    document = read(json.dumps({"Version": "2012-10-17", "Statement": statement}), Kind.IDENTITY_INLINE)
    assert policy.context_keys(document) == ["aws:username", "s3:prefix", "aws:PrincipalTag/team", "aws:userid"]


def test_documents_of_the_old_version_have_no_variables() -> None:
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::${aws:username}"}
    document = read(json.dumps({"Version": "2008-10-17", "Statement": statement}), Kind.IDENTITY_INLINE)
    assert policy.context_keys(document) == []
