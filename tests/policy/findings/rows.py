"""Rows for the tests of findings: a code, a document that has it, the parts it must point at, and a near document that has it not."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from akia.policy.findings import PolicyType

TRUST = "AWS::IAM::AssumeRolePolicyDocument"
BUCKET = "AWS::S3::Bucket"
RESOURCE: dict[str | None, dict[str, Any]] = {
    BUCKET: {"Principal": {"AWS": "111122223333"}},
    TRUST: {"Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole", "Resource": None},
    None: {"Principal": {"AWS": "111122223333"}},
}
Statement = dict[str, Any]


class Case(NamedTuple):
    """`parts`: the texts of the spans of all locations, in order."""

    code: str
    bad: str
    parts: list[str]
    good: str
    type: PolicyType
    resource_type: str | None


def identity(code: str, bad: Any, parts: list[str], good: Any = ()) -> Case:
    return _case(code, bad, parts, good, PolicyType.IDENTITY, None, {})


def scp(code: str, bad: Any, parts: list[str], good: Any = ()) -> Case:
    return _case(code, bad, parts, good, PolicyType.SCP, None, {})


def rcp(code: str, bad: Any, parts: list[str], good: Any = ()) -> Case:
    return _case(code, bad, parts, good, PolicyType.RCP, None, {"Effect": "Deny", "Principal": "*"})


def resource(code: str, bad: Any, parts: list[str], good: Any = (), *, of: str | None = BUCKET) -> Case:
    return _case(code, bad, parts, good, PolicyType.RESOURCE, of, RESOURCE[of])


def trust(code: str, bad: Any, parts: list[str], good: Any = ()) -> Case:
    return resource(code, bad, parts, good, of=TRUST)


def _case(code: str, bad: Any, parts: list[str], good: Any, kind: PolicyType, resource_type: str | None, base: Statement) -> Case:
    return Case(code, document(bad, base), parts, document(good or {}, base), kind, resource_type)


def document(given: Any, base: Statement) -> str:
    """`given`: a text, as it is; a statement or several, over a sound one (None takes an element away)."""
    if isinstance(given, str):
        return given
    statements = given if isinstance(given, list) else [given]
    return json.dumps({"Version": "2012-10-17", "Statement": [_statement(base, statement) for statement in statements]})


def _statement(base: Statement, given: Statement) -> Statement:
    sound = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/key"}
    return {name: value for name, value in {**sound, **base, **given}.items() if value is not None}


def condition(operator: str, key: str, values: Any) -> Statement:
    return {"Condition": {operator: {key: values}}}
