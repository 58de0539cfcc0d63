"""Temporary credentials that are ended before their time: by key, by user, by role."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests import organization

from akia.store.founding import KeyPair

pytestmark = pytest.mark.covers("I6.sessions", "C10", "X8")

DEAD = "InvalidClientTokenId"


@pytest.fixture
def own(akia: Any) -> Any:
    return akia.client("akia")


@pytest.fixture
def bob(akia: Any) -> Any:
    """Somebody with a role to take."""
    trust = {"Effect": "Allow", "Principal": {"AWS": akia.account}, "Action": "sts:AssumeRole"}
    akia.client("iam").create_role(RoleName="ops", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}))
    return akia.person("bob", {"Action": "*"})


def calls(akia: Any, taken: Any) -> Any:
    made = taken["Credentials"]
    pair = KeyPair(made["AccessKeyId"], made["SecretAccessKey"])
    return akia.client("sts", pair, token=made["SessionToken"]).get_caller_identity


def ops(akia: Any, person: Any) -> Any:
    return person.client("sts").assume_role(RoleArn=f"arn:aws:iam::{akia.account}:role/ops", RoleSessionName="ops")


def test_all_of_a_user_end_and_its_key_goes_on(akia: Any, own: Any, bob: Any, refused: Any) -> None:
    eve = akia.person("eve", {"Action": "*"})
    mine = [calls(akia, taken) for taken in (bob.client("sts").get_session_token(), ops(akia, bob))]
    others = calls(akia, ops(akia, eve))
    until = own.revoke_sessions(UserName="bob")["IssuedBefore"]
    assert abs(until - datetime.now(UTC)) < timedelta(minutes=5)
    for call in mine:
        assert refused(call)[0] == DEAD
    others()
    bob.client("sts").get_caller_identity()


def test_what_was_revoked_is_forgotten_when_nobody_can_ask_for_it_any_more(akia: Any, own: Any, bob: Any) -> None:
    """An approval of a delegation may be traded in a fortnight after it was given, so it is not as soon as sessions have ended."""
    store, now = akia.akia.store, int(datetime.now(UTC).timestamp())
    store.connection.begin_immediate()
    for days in (29, 31):
        store.sessions.revoke_all(f"after {days} days", now - days * 86_400)
    store.connection.commit()
    own.revoke_sessions(UserName="bob")
    left = {row[0] for row in store.connection.execute("SELECT subject FROM revoked_lineages")}
    assert "after 29 days" in left and "after 31 days" not in left


def test_all_of_a_role_end_whoever_took_them(akia: Any, own: Any, bob: Any, refused: Any) -> None:
    role, user = calls(akia, ops(akia, bob)), calls(akia, bob.client("sts").get_session_token())
    own.revoke_sessions(RoleName="ops")
    assert refused(role)[0] == DEAD
    user()


def test_all_of_a_key_end_and_those_of_the_users_other_key_do_not(akia: Any, own: Any, bob: Any, refused: Any) -> None:
    second = akia.client("iam").create_access_key(UserName="bob")["AccessKey"]
    other = calls(akia, akia.client("sts", KeyPair(second["AccessKeyId"], second["SecretAccessKey"])).get_session_token())
    mine = calls(akia, bob.client("sts").get_session_token())
    own.revoke_sessions(AccessKeyId=bob.key.access_key_id)
    assert refused(mine)[0] == DEAD
    other()


def test_only_those_that_are_older_end_when_a_time_is_given(akia: Any, own: Any, bob: Any, refused: Any) -> None:
    call = calls(akia, bob.client("sts").get_session_token())
    hour_ago = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    assert own.revoke_sessions(UserName="bob", IssuedBefore=hour_ago)["IssuedBefore"] == hour_ago
    call()
    own.revoke_sessions(UserName="bob")
    assert refused(call)[0] == DEAD
    own.revoke_sessions(UserName="bob", IssuedBefore=hour_ago)  # takes nothing back
    assert refused(call)[0] == DEAD


@pytest.mark.parametrize("asked", [{}, {"UserName": "bob", "RoleName": "ops"}], ids=["nobody", "two"])
def test_one_must_be_named(own: Any, bob: Any, refused: Any, asked: dict[str, str]) -> None:
    assert refused(own.revoke_sessions, **asked)[0] == "ValidationException"


def test_what_does_not_exist_and_times_to_come_are_refused(own: Any, bob: Any, refused: Any) -> None:
    for name in ({"AccessKeyId": "AKIA" + "Q" * 16}, {"UserName": "nobody"}, {"RoleName": "nobody"}):
        assert refused(own.revoke_sessions, **name)[0] == "ResourceNotFoundException", name
    later = datetime.now(UTC) + timedelta(hours=1)
    assert refused(own.revoke_sessions, UserName="bob", IssuedBefore=later)[0] == "ValidationException"


def test_policies_can_say_whose_sessions_somebody_may_end(akia: Any, bob: Any, refused: Any) -> None:
    akia.person("eve")
    role = f"arn:aws:iam::{akia.account}:role/ops"
    warden = akia.person("warden", {"Action": "akia:RevokeSessions", "Resource": [bob.arn, role]}).client("akia")
    warden.revoke_sessions(UserName="bob")
    warden.revoke_sessions(RoleName="ops")
    for other in ({"UserName": "eve"}, {"UserName": "nobody"}, {"RoleName": "nobody"}, {"AccessKeyId": bob.key.access_key_id}, {}):
        assert refused(warden.revoke_sessions, **other)[0] == "AccessDeniedException", other


def test_policies_can_say_so_by_tags_and_owners(akia: Any, bob: Any, refused: Any) -> None:
    eve, iam = akia.person("eve"), akia.client("iam")
    iam.tag_user(UserName="bob", Tags=[{"Key": "team", "Value": "blue"}])
    iam.tag_role(RoleName="ops", Tags=[{"Key": "team", "Value": "blue"}])
    blue = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
    owned = {"StringEquals": {"akia:KeyOwner": "bob"}}
    statements = [{"Action": "akia:RevokeSessions", "Condition": condition} for condition in (blue, owned)]
    warden = akia.person("warden", *statements).client("akia")
    for mine in ({"UserName": "bob"}, {"RoleName": "ops"}, {"AccessKeyId": bob.key.access_key_id}):
        warden.revoke_sessions(**mine)
    for other in ({"UserName": "eve"}, {"AccessKeyId": eve.key.access_key_id}):
        assert refused(warden.revoke_sessions, **other)[0] == "AccessDeniedException"


def test_attack_another_accounts_people_are_out_of_reach(akia: Any, own: Any, bob: Any, refused: Any) -> None:
    call = calls(akia, bob.client("sts").get_session_token())
    member = organization.World(akia).account().client("akia")
    for name in ({"UserName": "bob"}, {"RoleName": "ops"}, {"AccessKeyId": bob.key.access_key_id}):
        assert refused(member.revoke_sessions, **name)[0] == "ResourceNotFoundException"
    call()
