"""What the proofs find: new access, listed access, public access."""

from __future__ import annotations

import json
from typing import Any

import pytest

from akia import policy
from akia.policy import Kind
from akia.policy.access import TooComplex, granted, new_access, public

ACCOUNT = "111122223333"
ORG = {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
NOT_ORG = {"StringNotEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
HUB = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"


def _document(statements: Any, kind: Kind = Kind.IDENTITY_INLINE) -> policy.Document:
    listed = statements if isinstance(statements, list) else [statements]
    base = {"Effect": "Allow", "Action": "s3:GetObject"} | ({} if kind is Kind.TRUST else {"Resource": "arn:aws:s3:::b/*"})
    whole = [{name: value for name, value in {**base, **statement}.items() if value is not None} for statement in listed]
    return policy.parse(json.dumps({"Version": "2012-10-17", "Statement": whole}), kind)


def _adds(new: Any, old: Any, kind: Kind = Kind.IDENTITY_INLINE) -> list[int]:
    return [reason.position for reason in new_access(_document(new, kind), _document(old, kind))]


DENY = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ({"Action": "s3:GetObject"}, {"Action": "s3:Get*"}),
        ({"Action": "s3:*"}, {"Action": ["s3:*t*", "s3:*"]}),
        ({"Action": ["s3:GetObject", "s3:PutObject"]}, [{"Action": "s3:GetObject"}, {"Action": "s3:P*"}]),
        ({"Resource": "arn:aws:s3:::b/a/*"}, {}),
        ({"Resource": "arn:aws:s3:::b/${aws:username}/*"}, {}),
        ({"Resource": "arn:aws:s3:::b/${aws:username}/x"}, {"Resource": "arn:aws:s3:::b/${aws:UserName}/*"}),
        ({"Resource": "arn:aws:s3:::b/*"}, {"Resource": ["arn:aws:s3:::a*", "arn:aws:s3:::b*"]}),
        ({"Condition": {"StringEquals": {"aws:username": "a"}}}, {}),
        ({"Condition": {"StringEquals": {"aws:username": "a"}}}, {"Condition": {"StringLike": {"aws:UserName": ["a*", "b"]}}}),
        ({"Condition": {"IpAddress": {"aws:SourceIp": "10.1.0.0/16"}}}, {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}),
        ({"Condition": {"StringNotEquals": {"a:k": ["x", "y"]}}}, {"Condition": {"StringNotEquals": {"a:k": "x"}}}),
        ([{"Action": "s3:*"}, {"Effect": "Deny", "Action": "s3:Put*"}], {"Action": None, "NotAction": ["s3:Put*", "iam:*"]}),
        ([{"Action": "s3:*"}, DENY], {"Action": "iam:GetUser"}),
        ([{"Condition": ORG}], [{}, {**DENY, "Condition": NOT_ORG}]),
        ([{}, {**DENY, "Condition": NOT_ORG}], [{}, {**DENY, "Condition": NOT_ORG}]),
        ({"Action": None, "NotAction": "s3:*"}, {"Action": None, "NotAction": "s3:Get*"}),
    ],
)
def test_a_change_that_adds_nothing_passes(new: Any, old: Any) -> None:
    assert _adds(new, old) == []


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ({"Action": "s3:*"}, {"Action": "s3:Get*"}),
        ({"Action": "s3:*"}, {"Action": ["s3:G*", "s3:P*"]}),
        ({"Resource": "*"}, {"Resource": "arn:aws:s3:::*"}),
        ({"Resource": "arn:aws:s3:::b/bob/*"}, {"Resource": "arn:aws:s3:::b/${aws:username}/*"}),
        ({"Resource": "arn:aws:s3:::b/${aws:username}/*"}, {"Resource": "arn:aws:s3:::b/?/*"}),
        ({"Resource": "arn:aws:s3:::b/${aws:username}"}, [{}, {**DENY, "Resource": "arn:aws:s3:::b/bob"}]),
        ({}, {"Condition": {"StringEquals": {"aws:username": "a"}}}),
        ({"Condition": {"StringEqualsIfExists": {"a:k": "x"}}}, {"Condition": {"StringEquals": {"a:k": "x"}}}),
        ({"Condition": {"StringNotEquals": {"a:k": "x"}}}, {"Condition": {"StringNotEquals": {"a:k": ["x", "y"]}}}),
        ({"Condition": {"StringLike": {"a:k": "x*"}}}, {"Condition": {"StringEquals": {"a:k": "x*"}}}),
        ({}, [{}, DENY]),
        ([{}, {**DENY, "Condition": ORG}], [{}, {**DENY, "Condition": {"StringLike": {"aws:PrincipalOrgID": "o-*"}}}]),
        ({"Resource": None, "NotResource": "arn:aws:s3:::b"}, {"Resource": "arn:aws:s3:::*"}),
    ],
)
def test_a_change_that_may_add_something_fails(new: Any, old: Any) -> None:
    assert _adds(new, old) == [0]


def test_an_account_is_worth_less_than_its_users_and_everybody_more() -> None:
    user, account, everybody = ({"Principal": {"AWS": name}} for name in (f"arn:aws:iam::{ACCOUNT}:user/a", ACCOUNT, "*"))
    root = {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
    assert _adds(user, account, Kind.RESOURCE) == [0]
    assert _adds(user, everybody, Kind.RESOURCE) == _adds(root, account, Kind.RESOURCE) == []
    assert _adds(everybody, account, Kind.RESOURCE) == [0]


def test_a_deny_for_the_account_may_hit_its_users() -> None:
    user = {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/a"}}
    assert _adds(user, [user, {**DENY, "Principal": {"AWS": ACCOUNT}}], Kind.RESOURCE) == [0]
    assert _adds(user, [user, {**DENY, "Principal": {"AWS": "444455556666"}}], Kind.RESOURCE) == []


def test_reasons_name_each_statement_that_adds_something() -> None:
    new = _document([{}, {"Sid": "Wide", "Action": "iam:*"}])
    assert [(reason.position, reason.sid) for reason in new_access(new, _document({}))] == [(1, "Wide")]


@pytest.mark.parametrize(
    ("statements", "actions", "resources", "blamed"),
    [
        ({"Action": "s3:Get*"}, ["s3:GetObject"], [], [0]),
        ({"Action": "s3:Get*"}, ["s3:PutObject", "iam:*"], [], []),
        ({}, [], ["arn:aws:s3:::b/k"], [0]),
        ({}, [], ["arn:aws:s3:::c/*"], []),
        ({}, ["s3:PutObject"], ["arn:aws:s3:::b/k"], []),
        ({"Resource": "arn:aws:s3:::b/${aws:username}"}, [], ["arn:aws:s3:::b/bob"], [0]),
        ([{"Action": "s3:*"}, {**DENY, "Action": "s3:Put*"}], ["s3:PutObject"], [], []),
        ([{"Action": "s3:*"}, {**DENY, "Condition": ORG}], ["s3:PutObject"], [], [0]),
        ([{"Condition": ORG}, {**DENY, "Condition": ORG}], ["s3:GetObject"], [], []),
        ({"Action": None, "NotAction": "s3:*"}, ["iam:PassRole"], [], [0]),
        ({"Condition": {"StringEquals": {"a:k": "x"}}}, ["s3:GetObject"], [], [0]),
    ],
)
def test_listed_access_is_found(statements: Any, actions: list[str], resources: list[str], blamed: list[int]) -> None:
    assert [reason.position for reason in granted(_document(statements), actions, resources)] == blamed


EVERYBODY = {"Principal": "*"}


@pytest.mark.parametrize(
    ("statements", "is_public"),
    [
        (EVERYBODY, True),
        ({"Principal": {"AWS": ACCOUNT}}, False),
        ({"Principal": {"Service": "sns.amazonaws.com"}}, False),
        ({**EVERYBODY, "Condition": ORG}, False),
        ({**EVERYBODY, "Condition": {"StringEqualsIfExists": ORG["StringEquals"]}}, True),
        ({**EVERYBODY, "Condition": {"StringLike": {"aws:PrincipalOrgID": "o-*"}}}, True),
        ({**EVERYBODY, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "${aws:PrincipalOrgID}"}}}, True),
        ({**EVERYBODY, "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}, False),
        ({**EVERYBODY, "Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}}, True),
        ({**EVERYBODY, "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:*:{ACCOUNT}:*"}}}, False),
        ({**EVERYBODY, "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:topic"}}}, True),
        ({**EVERYBODY, "Condition": {"StringEquals": {"aws:UserAgent": "me"}}}, True),
        ({**EVERYBODY, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, True),
        ({**EVERYBODY, "Action": "kms:Decrypt"}, False),
        ([EVERYBODY, {**DENY, **EVERYBODY}], False),
        ([EVERYBODY, {**DENY, **EVERYBODY, "Condition": NOT_ORG}], False),
        ([EVERYBODY, {**DENY, **EVERYBODY, "Resource": "arn:aws:s3:::b/a*", "Condition": NOT_ORG}], True),
        ([EVERYBODY, {**DENY, **EVERYBODY, "Condition": {**NOT_ORG, "Bool": {"aws:SecureTransport": "false"}}}], True),
        ([EVERYBODY, {**DENY, "Principal": {"AWS": ACCOUNT}}], True),
    ],
)
def test_public_access_is_found(statements: Any, is_public: bool) -> None:
    assert bool(public(_document(statements, Kind.RESOURCE), "s3")) is is_public


@pytest.mark.parametrize(
    ("block", "is_public"),
    [
        ({"StringEquals": {"token.actions.githubusercontent.com:sub": "repo:a/b:ref:refs/heads/main"}}, False),
        ({"StringLike": {"token.actions.githubusercontent.com:sub": "*"}}, True),
        ({"StringNotEquals": {"token.actions.githubusercontent.com:sub": "repo:a/b"}}, True),
        ({}, True),
    ],
)
def test_a_role_that_trusts_all_tokens_of_a_provider_is_public(block: Any, is_public: bool) -> None:
    statement = {"Principal": {"Federated": HUB}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": block}
    assert bool(public(_document(statement, Kind.TRUST), "sts")) is is_public


def test_nt_53_a_document_of_many_crossing_stars_is_given_up_in_time() -> None:
    stars = [f"s3:*{first}*{second}*" for first in "abcdefghij" for second in "abcdefghij"]
    with pytest.raises(TooComplex):
        new_access(_document({"Action": "s3:*"}), _document({"Action": stars}))
