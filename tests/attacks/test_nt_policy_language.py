"""NT-51 to NT-57: policy documents through PutUserPolicy, and such as somebody wrote into the database behind our back."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.attacks.signer import Signer, form

if TYPE_CHECKING:
    from tests.attacks.refusals import Observer
    from tests.conftest import Person, World

ALLOW = '{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*"'


def document(statement: str) -> str:
    return '{"Version":"2012-10-17","Statement":[' + statement + "]}"


GOOD = document(ALLOW + "}")

UNKNOWN = {
    "misspelt element": document(ALLOW + ',"Conditon":{"Bool":{"aws:SecureTransport":"true"}}}'),
    "unknown element": document(ALLOW + ',"Until":"2030"}'),
    "unknown operator": document(ALLOW + ',"Condition":{"StringEqualz":{"aws:username":"x"}}}'),
    "operator in other case": document(ALLOW + ',"Condition":{"stringEqualsIfexists ":{"aws:username":"x"}}}'),
    "Action and NotAction": document(ALLOW + ',"NotAction":"s3:*"}'),
    "Resource and NotResource": document(ALLOW + ',"NotResource":"*"}'),
    "effect in other case": document(ALLOW.replace("Allow", "allow") + "}"),
    "no effect": document('{"Action":"*","Resource":"*"}'),
    "no action": document('{"Effect":"Allow","Resource":"*"}'),
    "principal in an identity policy": document(ALLOW + ',"Principal":"*"}'),
    "NotPrincipal in Allow": document(ALLOW + ',"NotPrincipal":{"AWS":"*"}}'),
}
NOT_JSON = {
    "duplicate Effect": document('{"Effect":"Deny",' + ALLOW[1:] + "}"),
    "duplicate operator block": document(
        ALLOW + ',"Condition":{"Bool":{"aws:SecureTransport":"false"},"Bool":{"aws:SecureTransport":"true"}}}'
    ),
    "duplicate Statement": GOOD[:-1] + ',"Statement":[]}',
    "byte-order mark": "\ufeff" + GOOD,
    "NaN": document(ALLOW + ',"Condition":{"NumericEquals":{"aws:EpochTime":NaN}}}'),
    "Infinity": document(ALLOW + ',"Condition":{"NumericEquals":{"aws:EpochTime":Infinity}}}'),
    "comment": GOOD[:-1] + "/* x */}",
    "trailing text": GOOD + "x",
    "two documents": GOOD + GOOD,
    "UTF-16": GOOD.encode("utf-16").decode("latin-1"),
    "single quotes": GOOD.replace('"', "'"),
    "trailing comma": GOOD[:-1] + ",}",
    "nested a thousand deep": document(ALLOW + ',"Condition":' + '{"Bool":' * 1_000 + "1" + "}" * 1_000 + "}"),
    "an integer of 5,000 digits": document(ALLOW + ',"Condition":{"NumericEquals":{"aws:EpochTime":' + "9" * 5_000 + "x}}}"),
    "half a surrogate pair": document(ALLOW + ',"Sid":"\\ud800"}'),
    "not an object": "[]",
    "null": "null",
    "empty": " ",
}


@pytest.fixture(scope="module")
def eve(shared: World) -> Person:
    return shared.person("eve")


def put(signer: Signer, text: str) -> Any:
    return signer.header(form("PutUserPolicy", UserName="eve", PolicyName="p", PolicyDocument=text))


@pytest.mark.covers("I2.policy.grammar")
@pytest.mark.parametrize("name", UNKNOWN)
def test_nt_51_what_a_document_may_not_say_is_refused_on_write(observer: Observer, signer: Signer, eve: Person, name: str) -> None:
    observer.refused(put(signer, UNKNOWN[name]), "MalformedPolicyDocument", 400)


@pytest.mark.covers("I2.policy.grammar")
@pytest.mark.parametrize("name", NOT_JSON)
def test_nt_55_what_is_no_strict_json_is_refused_on_write(observer: Observer, signer: Signer, eve: Person, name: str) -> None:
    answer = observer.send(put(signer, NOT_JSON[name]))
    assert answer.status in (400, 409)
    assert any(code in answer.body for code in (b"MalformedPolicyDocument", b"ValidationError", b"LimitExceeded"))


_ITS_STATEMENT_ONLY = {"NotPrincipal in Allow", "principal in an identity policy", "unknown operator", "operator in other case"}
STORED = {name: text for name, text in {**UNKNOWN, **NOT_JSON}.items() if name not in _ITS_STATEMENT_ONLY}


@pytest.mark.parametrize("name", STORED)
def test_nt_51_the_same_found_in_the_store_denies_everything(observer: Observer, shared: World, eve: Person, name: str) -> None:
    """Beside a policy that allows the call: what cannot be read could have been a Deny."""
    shared.client("iam").put_user_policy(UserName="eve", PolicyName="good", PolicyDocument=GOOD)
    write_behind(shared, "eve", "")
    observer.accepted(Signer.of(eve.key).header(form("ListUsers")))
    write_behind(shared, "eve", STORED[name])
    refusal = observer.refused(Signer.of(eve.key).header(form("ListUsers")), "AccessDenied", 403)
    assert "explicit deny" in refusal.message
    write_behind(shared, "eve", "")


@pytest.mark.parametrize("name", sorted(_ITS_STATEMENT_ONLY))
def test_nt_51_a_stored_statement_with_an_unknown_condition_or_a_principal_never_allows(
    observer: Observer, shared: World, eve: Person, name: str
) -> None:
    """C3.1-5: and as a Deny it denies."""
    shared.client("iam").put_user_policy(UserName="eve", PolicyName="good", PolicyDocument=GOOD.replace("ListUsers", "ListRoles"))
    write_behind(shared, "eve", UNKNOWN[name])
    observer.refused(Signer.of(eve.key).header(form("ListUsers")), "AccessDenied", 403)
    shared.client("iam").put_user_policy(UserName="eve", PolicyName="good", PolicyDocument=GOOD)
    write_behind(shared, "eve", UNKNOWN[name].replace("Allow", "Deny"))
    observer.refused(Signer.of(eve.key).header(form("ListUsers")), "AccessDenied", 403)
    write_behind(shared, "eve", "")


def write_behind(shared: World, user: str, text: str) -> None:
    """Put an inline policy straight into the database, or take it away: nobody has checked it."""
    batch = shared.akia.writer.open()
    with batch.operation() as store:
        found = store.users.named(shared.account, user)
        assert found is not None
        if text:
            store.inline_policies.put(found.id, "behind", text.encode("utf-8", "replace").decode(), int(time.time()))
        else:
            store.inline_policies.delete(found.id, "behind")
    batch.commit()
    shared.akia.committed(batch)


def decided(observer: Observer, shared: World, person: Person, statement: dict[str, Any], action: str = "ListUsers", **fields: str) -> int:
    """The status of a call under just this statement. `Version` may be among its members."""
    version = {"Version": statement.pop("Version", "2012-10-17")}
    text = json.dumps(version | {"Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"} | statement]})
    shared.client("iam").put_user_policy(UserName=person.name, PolicyName="only", PolicyDocument=text)
    return observer.send(Signer.of(person.key).header(form(action, **fields))).status


@pytest.fixture(scope="module")
def zoe(shared: World) -> Person:
    """Somebody whose tag holds what looks like policy text; tags that IAM sets cannot, but session tags and claims may."""
    person = shared.person("zoe")
    batch = shared.akia.writer.open()
    with batch.operation() as store:
        found = store.users.named(shared.account, "zoe")
        assert found is not None
        store.users.replace(replace(found, tags={"star": "*"}))
    batch.commit()
    shared.akia.committed(batch)
    return person


def test_nt_52_special_characters_are_ordinary(observer: Observer, shared: World, zoe: Person) -> None:
    arn = f"arn:aws:iam::{shared.account}:user/"
    shared.client("iam").create_user(UserName="a.b+c")
    for pattern, status in (("a.b+c", 200), ("a?b?c", 200), ("a*c", 200), ("a.b.c", 403), ("[a].b+c", 403), ("a.b+", 403), ("A.B+C", 403)):
        assert decided(observer, shared, zoe, {"Resource": arn + pattern}, "GetUser", UserName="a.b+c") == status, pattern


def test_nt_53_thirty_stars_do_not_hold_up_a_request(observer: Observer, shared: World, zoe: Person) -> None:
    stars = f"arn:aws:iam::{shared.account}:user/" + "*a" * 30 + "*b"
    assert decided(observer, shared, zoe, {"Resource": stars}, "GetUser", UserName="a" * 64) == 403
    assert decided(observer, shared, zoe, {"Condition": {"StringLike": {"aws:UserAgent": "*a" * 30 + "*b"}}}) == 403


def test_nt_54_values_of_variables_stay_text(observer: Observer, shared: World, zoe: Person) -> None:
    arn = f"arn:aws:iam::{shared.account}:user/"
    cases = {
        "${aws:PrincipalTag/star}": 403,
        "${aws:username}": 200,
        "${aws:PrincipalTag/none}": 403,
        "${aws:PrincipalTag/none, 'zoe'}": 200,
        "${*}": 403,
    }
    for pattern, status in cases.items():
        assert decided(observer, shared, zoe, {"Resource": arn + pattern}, "GetUser", UserName="zoe") == status, pattern


def test_nt_56_without_the_new_version_variables_are_text(observer: Observer, shared: World, zoe: Person) -> None:
    statement = {"Resource": f"arn:aws:iam::{shared.account}:user/${{aws:username}}"}
    assert decided(observer, shared, zoe, statement | {"Version": "2012-10-17"}, "GetUser", UserName="zoe") == 200
    assert decided(observer, shared, zoe, statement | {"Version": "2008-10-17"}, "GetUser", UserName="zoe") == 403


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ({"NumericLessThan": {"aws:EpochTime": "1e30"}}, 403),
        ({"NumericLessThan": {"aws:EpochTime": "0xffffffffff"}}, 403),
        ({"NumericLessThan": {"aws:EpochTime": "9_999_999_999"}}, 403),
        ({"NumericLessThan": {"aws:EpochTime": "\uff19\uff19\uff19\uff19\uff19\uff19\uff19\uff19\uff19\uff19\uff19"}}, 403),
        ({"NumericLessThan": {"aws:EpochTime": "99999999999"}}, 200),
        ({"Bool": {"aws:SecureTransport": "FALSE"}}, 200),
        ({"Bool": {"aws:SecureTransport": "0"}}, 403),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, 200),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8 "}}, 403),
        ({"IpAddress": {"aws:SourceIp": "010.0.0.0/8"}}, 403),
        ({"ArnLike": {"aws:PrincipalArn": "*"}}, 403),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/zoe"}}, 200),
        ({"ArnLike": {"aws:PrincipalArn": "arn:*"}}, 403),
        ({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}, 200),
    ],
)
def test_nt_57_odd_values(observer: Observer, shared: World, zoe: Person, condition: dict[str, Any], status: int) -> None:
    answered = decided(observer, shared, zoe, {"Condition": condition})
    assert answered == status
