"""Sessions descend from keys: what binds the key binds what its user takes with it, and all of it can be ended at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from akia.store.founding import KeyPair

pytestmark = pytest.mark.covers("I6.lineage", "E8", "X8")

FAR_AWAY = {"Networks": ["192.0.2.0/24"]}


@pytest.fixture
def bob(akia: Any) -> Any:
    person = akia.person("bob", {"Action": "*"})
    trust = {"Effect": "Allow", "Principal": {"AWS": akia.account}, "Action": "sts:AssumeRole"}
    iam = akia.client("iam")
    iam.create_role(RoleName="ops", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}))
    iam.attach_role_policy(RoleName="ops", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    return person


def client(akia: Any, service: str, taken: Any) -> Any:
    made = taken["Credentials"]
    return akia.client(service, KeyPair(made["AccessKeyId"], made["SecretAccessKey"]), token=made["SessionToken"])


def ops(akia: Any) -> dict[str, str]:
    return {"RoleArn": f"arn:aws:iam::{akia.account}:role/ops", "RoleSessionName": "ops"}


def kinds(akia: Any, sts: Any) -> dict[str, Any]:
    """A session of each kind that a user can take, and one that a session of a role has taken."""
    role = sts.assume_role(**ops(akia))
    return {
        "own": sts.get_session_token(),
        "lent": sts.get_federation_token(Name="guest", PolicyArns=[{"arn": "arn:aws:iam::aws:policy/AdministratorAccess"}]),
        "role": role,
        "chain": client(akia, "sts", role).assume_role(**ops(akia)),
    }


def revoke(akia: Any, subject: str, until: int) -> None:
    store = akia.akia.store
    store.connection.begin_immediate()
    store.sessions.revoke_all(subject, until)
    changed = store.changes.latest()
    store.connection.commit()
    akia.akia.authority.applied(list(store.changed), changed)


NOW = 4_000_000_000


def test_all_that_descends_from_a_key_ends_at_once(akia: Any, bob: Any, refused: Any) -> None:
    sessions = {kind: client(akia, "sts", taken) for kind, taken in kinds(akia, bob.client("sts")).items()}
    second = akia.client("iam").create_access_key(UserName="bob")["AccessKey"]
    other = client(akia, "sts", akia.client("sts", KeyPair(second["AccessKeyId"], second["SecretAccessKey"])).get_session_token())
    for sts in (*sessions.values(), other):
        sts.get_caller_identity()
    revoke(akia, bob.key.access_key_id, NOW)
    for kind, sts in sessions.items():
        assert refused(sts.get_caller_identity)[0] == "InvalidClientTokenId", kind
    other.get_caller_identity()
    bob.client("sts").get_caller_identity()


def test_sessions_that_are_made_later_are_not_meant(akia: Any, bob: Any) -> None:
    revoke(akia, bob.key.access_key_id, 1)
    client(akia, "sts", bob.client("sts").get_session_token()).get_caller_identity()


def test_all_sessions_of_a_role_end_whoever_took_them(akia: Any, bob: Any, refused: Any) -> None:
    taken = client(akia, "sts", bob.client("sts").assume_role(**ops(akia)))
    taken.get_caller_identity()
    revoke(akia, akia.client("iam").get_role(RoleName="ops")["Role"]["RoleId"], NOW)
    assert refused(taken.get_caller_identity)[0] == "InvalidClientTokenId"


def test_attack_a_session_is_no_way_around_the_restrictions_of_its_key(akia: Any, bob: Any, refused: Any) -> None:
    sessions = kinds(akia, bob.client("sts"))
    own = akia.client("akia")
    own.put_access_key_restrictions(AccessKeyId=bob.key.access_key_id, Restrictions=FAR_AWAY)
    for kind in ("own", "lent"):
        assert refused(client(akia, "sts", sessions[kind]).get_caller_identity)[0] == "AccessDenied", kind
    client(akia, "sts", sessions["role"]).get_caller_identity()  # somebody else: what a role may do, it may do from everywhere


def test_attack_deleting_a_restricted_key_does_not_free_its_sessions(akia: Any, bob: Any, refused: Any) -> None:
    akia.client("akia").put_access_key_restrictions(AccessKeyId=bob.key.access_key_id, Restrictions={"Networks": ["127.0.0.0/8"]})
    taken = client(akia, "sts", bob.client("sts").get_session_token())
    taken.get_caller_identity()
    akia.client("iam").delete_access_key(UserName="bob", AccessKeyId=bob.key.access_key_id)
    assert refused(taken.get_caller_identity)[0] == "InvalidClientTokenId"


def test_attack_nor_those_that_are_older_than_the_restrictions(akia: Any, bob: Any, refused: Any) -> None:
    taken = kinds(akia, bob.client("sts"))
    akia.client("akia").put_access_key_restrictions(AccessKeyId=bob.key.access_key_id, Restrictions=FAR_AWAY)
    assert refused(client(akia, "sts", taken["own"]).get_caller_identity)[0] == "AccessDenied"
    akia.client("iam").delete_access_key(UserName="bob", AccessKeyId=bob.key.access_key_id)
    for kind, session in taken.items():
        assert refused(client(akia, "sts", session).get_caller_identity)[0] == "InvalidClientTokenId", kind


def test_a_lifetime_that_only_warns_binds_no_session(akia: Any, bob: Any) -> None:
    akia.client("akia").put_key_lifetime(Target=bob.arn, Lifetime={"Mode": "WARN", "Days": 90})
    taken = client(akia, "sts", bob.client("sts").get_session_token())
    akia.client("iam").delete_access_key(UserName="bob", AccessKeyId=bob.key.access_key_id)
    taken.get_caller_identity()


def test_sessions_of_a_key_that_was_never_restricted_outlive_it_as_at_aws(akia: Any, bob: Any) -> None:
    taken = client(akia, "sts", bob.client("sts").get_session_token())
    akia.client("iam").delete_access_key(UserName="bob", AccessKeyId=bob.key.access_key_id)
    taken.get_caller_identity()


def test_attack_a_session_cannot_free_the_key_that_it_descends_from(akia: Any, bob: Any, refused: Any) -> None:
    akia.client("akia").put_access_key_restrictions(AccessKeyId=bob.key.access_key_id, Restrictions={"Networks": ["127.0.0.0/8"]})
    role = client(akia, "akia", bob.client("sts").assume_role(**ops(akia)))
    assert refused(role.delete_access_key_restrictions, AccessKeyId=bob.key.access_key_id)[0] == "ConflictException"
