"""The proofs against the engine: whatever is proven holds for every request that is tried."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from akia import policy
from akia.policy import Kind, Policies, PolicySet, Request, principal
from akia.policy.access import granted, new_access
from akia.policy.validate import read

ACCOUNT = "111122223333"
USER = principal.user(f"arn:aws:iam::{ACCOUNT}:user/ann", "AIDAANNANNANNANNANNA1", ACCOUNT)
ACTIONS = ["s3:GetObject", "s3:GetBucket", "s3:PutObject", "iam:GetUser", "iam:PassRole"]
RESOURCES = ["arn:aws:s3:::b/ann/x", "arn:aws:s3:::b/bob/x", "arn:aws:s3:::c", "arn:aws:s3:eu:1:b:x", "*"]
CONTEXTS: list[dict[str, Any]] = [
    {},
    {"aws:username": "ann", "a:k": "x"},
    {"aws:username": "bob", "a:k": "y", "a:n": "5"},
    {"aws:username": "ann", "a:k": "xy", "a:n": "50", "a:m": ("p", "q")},
    {"a:m": (), "a:k": "", "aws:sourceip": "10.1.2.3"},
    {"a:m": ("p",), "a:k": policy.Conflicting(("x", "y")), "aws:sourceip": "203.0.113.9"},
]
ACTION_PATTERNS = ["*", "s3:*", "s3:Get*", "S3:getobject", "s3:?etObject", "*:Get*", "iam:*", "s*:*t", "s3:Put*"]
RESOURCE_PATTERNS = [
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:s3:::b/ann/?",
    "arn:aws:s3:::*",
    "arn:*:s3:*",
    "arn:aws:s3:*:*:b*",
    "arn:aws:s*::*",
    "arn:aws:s3:::b/${aws:username, 'bob'}/x",
]
CONDITIONS: list[tuple[str, str, Any]] = [
    ("StringEquals", "a:k", "x"),
    ("StringEquals", "A:K", ["x", "y"]),
    ("StringLike", "a:k", "x*"),
    ("StringNotEquals", "a:k", ["x", "y"]),
    ("StringNotEquals", "a:k", "x"),
    ("StringEqualsIfExists", "a:k", "x"),
    ("StringNotEqualsIfExists", "a:k", "x"),
    ("StringEquals", "a:k", "${aws:username}"),
    ("StringEquals", "a:k", []),
    ("Null", "a:k", "false"),
    ("Null", "a:k", "true"),
    ("ForAllValues:StringEquals", "a:m", ["p", "q"]),
    ("ForAllValues:StringEquals", "a:m", "p"),
    ("ForAnyValue:StringEquals", "a:m", "p"),
    ("ForAnyValue:StringNotEquals", "a:m", "p"),
    ("NumericLessThan", "a:n", 10),
    ("NumericLessThanEquals", "a:n", [10, 100]),
    ("NumericNotEquals", "a:n", ["5", "bad"]),
    ("IpAddress", "aws:SourceIp", "10.0.0.0/8"),
    ("IpAddress", "aws:SourceIp", ["10.1.0.0/16", "203.0.113.0/24"]),
    ("NotIpAddress", "aws:SourceIp", "10.0.0.0/8"),
]


def _some(items: list[Any], most: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(items), min_size=1, max_size=most)


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    block: dict[str, dict[str, Any]] = {}
    for operator, key, values in draw(st.lists(st.sampled_from(CONDITIONS), max_size=2)):
        block.setdefault(operator, {})[key] = values
    return {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        draw(st.sampled_from(["Action", "Action", "Action", "NotAction"])): draw(_some(ACTION_PATTERNS, 2)),
        draw(st.sampled_from(["Resource", "Resource", "Resource", "NotResource"])): draw(_some(RESOURCE_PATTERNS, 2)),
        **({"Condition": block} if block else {}),
    }


VERSIONS = st.sampled_from(["2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17"])


@st.composite
def documents(draw: st.DrawFn) -> str:
    return json.dumps({"Version": draw(VERSIONS), "Statement": draw(st.lists(statements(), min_size=1, max_size=3))})


@st.composite
def pairs(draw: st.DrawFn) -> tuple[str, str]:
    """Two documents that often have something in common: most statements of the first stand in the second too."""
    old = draw(documents())
    kept = [statement for statement in json.loads(old)["Statement"] if draw(st.integers(0, 3))]
    added = draw(st.lists(statements(), max_size=1))
    return json.dumps({"Version": draw(VERSIONS), "Statement": kept + added or [draw(statements())]}), old


def _allowed(text: str) -> set[tuple[str, str, int]]:
    """All requests of this little world that the document allows."""
    policies = Policies(identity=PolicySet([policy.compile(text, Kind.IDENTITY_INLINE, policy="p")]))
    return {
        (action, resource, number)
        for action in ACTIONS
        for resource in RESOURCES
        for number, context in enumerate(CONTEXTS)
        if policy.decide(Request(USER, action, resource, context), policies).allowed
    }


def _read(text: str) -> policy.Document:
    return read(text, Kind.IDENTITY_INLINE)


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


ALL: dict[str, Any] = {"Effect": "Allow", "Action": "*"}
UNRESOLVED = ALL | {"NotResource": "arn:aws:s3:::b/${aws:username}/*"}
"""Whoever has no `aws:username` is allowed nothing by it."""


@settings(max_examples=600, deadline=None)
@given(pairs())
@example((_document(ALL | {"Resource": "*"}), _document(ALL | {"Resource": "arn:aws:s3:::b/*"}, UNRESOLVED)))
def test_a_document_that_is_proven_to_add_nothing_allows_no_request_that_the_other_does_not(pair: tuple[str, str]) -> None:
    new, old = pair
    if not new_access(_read(new), _read(old)):
        assert _allowed(new) <= _allowed(old)


@settings(max_examples=300, deadline=None)
@given(documents(), _some([*ACTION_PATTERNS, *ACTIONS], 2), _some(["arn:aws:s3:::b/*", "arn:aws:s3:::c", "arn:*:s3:*:*:*x", "*"], 2))
def test_access_that_is_proven_absent_is_never_given(text: str, actions: list[str], resources: list[str]) -> None:
    if granted(_read(text), actions, resources):
        return
    asked = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": actions, "Resource": resources}})
    assert _allowed(text).isdisjoint(_allowed(asked))


@settings(max_examples=150, deadline=None)
@given(documents())
def test_a_document_adds_nothing_to_itself(text: str) -> None:
    document = _read(text)
    assert new_access(document, document) == []
