"""Actions, resources and policy variables."""

from __future__ import annotations

from typing import Any

import pytest
from tests.policy.cases import OBJECT, allow, applies, ask, deny, identity, made_of

from akia.policy import Conflicting, Kind, Value

USER = "arn:aws:iam::111122223333:user/ann"


@pytest.mark.parametrize("pattern", ["s3:GetObject", "S3:getobject", "s3:Get*", "s3:?etObject", "*", "s3:*", "*:*", "s*:*ect", "S*:GET*"])
def test_nt_77_actions_ignore_case_and_take_wildcards(pattern: str) -> None:
    assert applies(allow(pattern))
    assert applies(deny(pattern))
    assert not applies({**allow(action=None), "NotAction": pattern})


@pytest.mark.parametrize(
    "pattern", ["s3:PutObject", "s3:GetObjects", "s3:GetObjec", "iam:*", "s3:", "s3:Get Object", "s3:Get*,s3", "?:GetObject"]
)
def test_nt_77_other_actions_do_not_match(pattern: str) -> None:
    assert not applies(allow(pattern))
    assert applies({**deny(action=None), "NotAction": pattern})


def test_nt_77_resources_keep_their_letter_case() -> None:
    assert not applies(allow(resource="arn:aws:s3:::Bucket/key"))
    assert not applies(deny(resource="arn:aws:S3:::bucket/key"))


@pytest.mark.covers("I2.policy.not_elements")
def test_nt_51_not_action_and_not_resource_in_allow_and_in_deny() -> None:
    for effect in (allow, deny):
        assert applies(effect(action=None, NotAction=["iam:*", "sts:*"]))
        assert not applies(effect(action=None, NotAction=["iam:*", "s3:Get*"]))
        assert applies(effect(resource=None, NotResource="arn:aws:s3:::other/*"))
        assert not applies(effect(resource=None, NotResource=["arn:aws:s3:::other/*", "arn:aws:s3:::bucket/*"]))
    assert not ask(identity=identity(deny(resource=None, NotResource="arn:aws:s3:::bucket/*"))).allowed
    assert not applies(allow(action=None, NotAction="iam:*", resource="arn:aws:s3:::other"))


RESOURCES: list[tuple[str, str, bool]] = [
    ("*", OBJECT, True),
    ("*", "*", True),
    ("**", "*", True),
    ("arn:*:*:*:*:*", "*", False),
    ("?", "*", False),
    ("arn:aws:s3:::b*", "arn:aws:s3:::bucket/key/x", True),
    ("arn:aws:s3:::bucket", OBJECT, False),
    ("arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/", True),
    ("arn:aws:s3:::bucket/?ey", OBJECT, True),
    ("arn:aws:s3:::*/key:with:colons", "arn:aws:s3:::a/b/key:with:colons", True),
    ("arn:aws:iam::*:user/ann", USER, True),
    ("arn:aws:iam::????????????:user/ann", USER, True),
    ("arn:aws:iam:*:user/ann", USER, False),
    ("arn:aws:iam::1111*", USER, True),
    ("arn:aws:iam::1111*:user/ann", USER, True),
    ("arn:aws:*:user/ann", USER, False),
    ("arn:aws:s3:*", OBJECT, True),
    ("arn:aws", OBJECT, True),
    ("arn:aws:iam", OBJECT, False),
    ("arn:aws:s3:::bucket/key", "arn:aws:s3", False),
    ("arn:aws:s3:::[b]ucket/key", OBJECT, False),
]


@pytest.mark.parametrize("pattern, resource, matched", RESOURCES)
def test_p2_2_1_resources_are_compared_part_by_part(pattern: str, resource: str, matched: bool) -> None:
    assert applies(allow(resource=pattern), on=resource) is matched
    assert applies(deny(resource=None, NotResource=pattern), on=resource) is not matched


SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod-1"


@pytest.mark.parametrize(
    "pattern", ["arn:aws:secretsmanager:*:secret:p*", "arn:*:eu-west-1:111122223333:secret:p*", "arn:aws:se*:1111*:secret:p*"]
)
def test_p2_2_1_where_more_is_safer_a_run_may_cross_colons(pattern: str) -> None:
    assert applies(deny(resource=pattern), on=SECRET)
    assert not applies(allow(resource=None, NotResource=pattern), on=SECRET)
    assert not applies(allow(resource=pattern), on=SECRET)
    assert applies(deny(resource=None, NotResource=pattern), on=SECRET)
    assert not applies(deny(resource=pattern.replace("secret:p", "secret:q")), on=SECRET)


def test_p2_2_1_a_run_inside_a_part_crosses_no_colon_in_either_reading() -> None:
    assert not applies(deny(resource="arn:a*s:::user/ann:x"), on="arn:aws:s3::s:::user/ann:x")


@pytest.mark.parametrize(
    "kind, pattern, padded",
    [
        (Kind.IDENTITY_INLINE, "arn:aws:s3", True),
        (Kind.BOUNDARY, "arn:aws:s3", True),
        (Kind.SESSION, "arn:aws:s3", True),
        (Kind.SCP, "arn:aws:s3", False),
        (Kind.SCP, "arn:aws:s3:*", True),
        (Kind.SCP, "arn:*:s3", False),
        (Kind.RESOURCE, "arn:aws:s3", False),
        (Kind.RESOURCE, "arn:*:s3", True),
        (Kind.ENDPOINT, "arn:aws:s?", True),
        (Kind.RCP, "arn:aws:s3:*", False),
    ],
)
def test_p2_2_4_short_arns_are_padded_by_the_kind_of_policy(kind: Kind, pattern: str, padded: bool) -> None:
    principals = {"Principal": "*"} if kind.names_principals else {}
    assert ask(identity=made_of(kind, allow(resource=pattern, **principals))).allowed is padded


CONTEXT: dict[str, Value] = {
    "aws:username": "ann",
    "aws:principaltag/team": "red",
    "x:star": "*",
    "x:mark": "?",
    "x:variable": "${aws:username}",
    "x:slash": "ann/key",
    "x:quote": '"',
    "x:list": ("ann",),
    "x:both": Conflicting(("ann", "bob")),
    "x:empty": "",
}
RESOLVED: list[tuple[str, str, bool]] = [
    ("${aws:username}", "ann", True),
    ("${AWS:UserName}/*", "ann/x", True),
    ("${aws:PrincipalTag/team}/${aws:username}", "red/ann", True),
    ("${x:star}", "anything", False),
    ("${x:star}", "*", True),
    ("${x:star}*", "*x", True),
    ("${x:star}*", "x", False),
    ("${x:mark}?", "?x", True),
    ("${x:mark}?", "xx", False),
    ("${x:variable}", "ann", False),
    ("${x:variable}", "${aws:username}", True),
    ("${x:slash}", "ann/key", True),
    ("${x:quote}", '"', True),
    ("${x:empty}a", "a", True),
    ("${x:missing}", "", False),
    ("${x:missing, 'ann'}", "ann", True),
    ("${x:missing, '*'}", "b", False),
    ("${x:missing, 'a }'}", "a }", True),
    ("${x:empty, 'ann'}", "", True),
    ("${x:list}", "ann", False),
    ("${x:list, 'bob'}", "bob", True),
    ("${x:both}", "ann", False),
    ("${*}", "*", True),
    ("${*}", "x", False),
    ("${?}${$}", "?$", True),
    ("a${*}b*", "a*bc", True),
    ("${$}{aws:username}", "${aws:username}", True),
]


@pytest.mark.covers("I2.policy.variables")
@pytest.mark.parametrize("written, value, matched", RESOLVED)
def test_nt_54_values_of_variables_are_text(written: str, value: str, matched: bool) -> None:
    context = CONTEXT | {"x:value": value}
    assert applies(allow(resource=f"arn:aws:s3:::{written}"), CONTEXT, on=f"arn:aws:s3:::{value}") is matched
    assert applies(allow(resource=f"arn:*:s3:::{written}"), CONTEXT, on=f"arn:aws:s3:::{value}") is matched
    assert applies(allow(Condition={"StringLike": {"x:value": written}}), context) is matched
    assert applies(deny(Condition={"StringNotLike": {"x:value": written}}), context) is not matched
    arn = {"ArnLike": {"x:value": f"arn:aws:s3:::{written}"}}
    assert applies(allow(Condition=arn), CONTEXT | {"x:value": f"arn:aws:s3:::{value}"}) is matched
    if "*" not in written.replace("${*}", "") and "?" not in written.replace("${?}", ""):
        assert applies(allow(Condition={"StringEquals": {"x:value": written}}), context) is matched
        assert applies(allow(Condition={"StringEqualsIgnoreCase": {"x:value": written}}), CONTEXT | {"x:value": value.upper()}) is matched


def test_nt_54_a_variable_may_hold_a_whole_arn_in_a_condition() -> None:
    condition = {"ArnEquals": {"aws:SourceArn": "${aws:PrincipalArn}"}}
    assert applies(allow(Condition=condition), {"aws:sourcearn": USER, "aws:principalarn": USER})
    assert not applies(allow(Condition=condition), {"aws:sourcearn": USER, "aws:principalarn": "arn:aws:iam::111122223333:user/*"})


def test_p4_1_5_an_unresolved_variable_matches_nothing() -> None:
    named: dict[str, Any] = {"x:value": ["${x:missing}", "b"]}
    assert not applies(allow(Condition={"StringEquals": named}), {"x:value": "a"})
    assert applies(allow(Condition={"StringEquals": named}), {"x:value": "b"})
    assert not applies(allow(Condition={"StringNotEquals": named}), {"x:value": "b"})


@pytest.mark.covers("I2.policy.versions")
@pytest.mark.parametrize("version", [None, "2008-10-17"])
def test_nt_56_in_old_documents_variables_are_text(version: str | None) -> None:
    assert not applies(allow(resource="arn:aws:s3:::${aws:username}"), CONTEXT, "arn:aws:s3:::ann", version)
    assert applies(allow(resource="arn:aws:s3:::${aws:username}"), CONTEXT, "arn:aws:s3:::${aws:username}", version)
    condition = {"StringEquals": {"x:v": "${aws:username}"}}
    assert not applies(allow(Condition=condition), CONTEXT | {"x:v": "ann"}, version=version)
    assert applies(allow(Condition=condition), CONTEXT | {"x:v": "${aws:username}"}, version=version)


@pytest.mark.covers("I2.policy.variables")
def test_p4_1_2_variables_are_no_variables_elsewhere() -> None:
    context: dict[str, Value] = {"action": "GetObject", "x:account": "111122223333"}
    assert not applies(allow("s3:${action}"), context)
    assert not applies(allow(resource="arn:aws:iam::${x:account}:user/ann"), context, USER)
    assert not applies(allow(Condition={"StringEquals": {"x:${x:action}": "a"}}), context | {"x:getobject": "a"})
    assert not applies(allow(Condition={"NumericEquals": {"x:account": "${x:account}"}}), context)
