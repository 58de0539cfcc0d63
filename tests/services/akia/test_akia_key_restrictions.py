"""Restrictions of access keys: allowed, refused, changed while in use, and never wider than the owner's policies."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.signin import Clock

pytestmark = pytest.mark.covers("I6.restrictions", "O2", "O4", "X5", "X15")

NOW = datetime.now(UTC).replace(microsecond=0)
AN_HOUR = timedelta(hours=1)
CEILING = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:Get*", "Resource": "*"}})
DEAD, DENIED = "InvalidClientTokenId", "AccessDeniedException"


@pytest.fixture
def own(akia: Any) -> Any:
    """The service akia, for the account's root."""
    return akia.client("akia")


@pytest.fixture
def bob(akia: Any) -> Any:
    """Somebody who may do everything, but for the restrictions of the key."""
    return akia.person("bob", {"Action": "*"})


def restrict(own: Any, person: Any, **restrictions: Any) -> None:
    own.put_access_key_restrictions(AccessKeyId=person.key.access_key_id, Restrictions=restrictions)


def test_a_key_is_not_restricted_until_somebody_restricts_it(own: Any, bob: Any) -> None:
    told = own.get_access_key_restrictions(AccessKeyId=bob.key.access_key_id)
    assert (told["Restrictions"], told["Validity"]) == ({}, {"Expired": False})


def test_what_was_put_is_told_and_what_is_put_next_takes_its_place(own: Any, bob: Any) -> None:
    every = {
        "NotBefore": NOW - AN_HOUR,
        "ExpiresAt": NOW + AN_HOUR,
        "GraceUntil": NOW + 2 * AN_HOUR,
        "Regions": ["eu-west-1"],
        "GlobalServices": "EXEMPT",
        "Networks": ["127.0.0.0/8"],
        "Services": ["iam"],
        "Policy": CEILING,
    }
    restrict(own, bob, **every)
    told = own.get_access_key_restrictions(AccessKeyId=bob.key.access_key_id)
    assert told["Restrictions"] == every
    assert told["Validity"]["RefusedFrom"] == NOW + 2 * AN_HOUR
    restrict(own, bob, Services=["s3"])
    assert own.get_access_key_restrictions(AccessKeyId=bob.key.access_key_id)["Restrictions"] == {"Services": ["s3"]}


REFUSING = [
    ("Regions", {"Regions": ["eu-west-1"], "GlobalServices": "HOME_REGION"}, {"Regions": ["us-east-1"], "GlobalServices": "HOME_REGION"}),
    ("Networks", {"Networks": ["192.0.2.0/24"]}, {"Networks": ["192.0.2.0/24", "127.0.0.1"]}),
    ("Services", {"Services": ["s3"]}, {"Services": ["s3", "iam"]}),
]


@pytest.mark.parametrize(("name", "closed", "opened"), REFUSING, ids=[name for name, _, _ in REFUSING])
def test_a_restriction_refuses_by_name_and_counts_from_the_next_request_on(
    own: Any, bob: Any, refused: Any, name: str, closed: Any, opened: Any
) -> None:
    iam = bob.client("iam")
    iam.get_user()
    restrict(own, bob, **closed)
    code, status, message = refused(iam.get_user)
    assert (code, status) == ("AccessDenied", 403)
    assert message.endswith(f"with an explicit deny in an access key policy: access-key/{bob.key.access_key_id}/{name}")
    restrict(own, bob, **opened)
    iam.get_user()
    restrict(own, bob, **closed)
    refused(iam.get_user)
    own.delete_access_key_restrictions(AccessKeyId=bob.key.access_key_id)
    iam.get_user()


def test_a_region_bound_key_is_refused_in_another_region_and_not_by_global_services(akia: Any, own: Any, bob: Any, refused: Any) -> None:
    restrict(own, bob, Regions=["eu-west-1"])
    assert refused(bob.client("cloudtrail").lookup_events)[0] == "AccessDeniedException"
    bob.client("cloudtrail", region="eu-west-1").lookup_events()
    for region in ("us-east-1", "ap-south-1"):  # clients sign for IAM with whatever region is theirs
        bob.client("iam", region=region).get_user()


def test_a_ceiling_holds_back_and_never_widens(akia: Any, own: Any, bob: Any, policy: Any, refused: Any) -> None:
    restrict(own, bob, Policy=CEILING)
    bob.client("iam").get_user()
    message = refused(bob.client("iam").list_users)[2]
    assert message.endswith("because no access key policy allows the iam:ListUsers action")
    carol = akia.person("carol", {"Action": "iam:GetUser"})
    restrict(own, carol, Policy=policy({"Action": "*"}))
    carol.client("iam").get_user()
    assert "no identity-based policy allows" in refused(carol.client("iam").list_users)[2]


def test_a_ceiling_binds_the_root_user_too(akia: Any, refused: Any) -> None:
    akia.client("akia", akia.admin).put_access_key_restrictions(AccessKeyId=akia.root.access_key_id, Restrictions={"Policy": CEILING})
    akia.client("iam").get_user()
    assert refused(akia.client("iam").list_users)[0] == "AccessDenied"


def test_a_role_whose_policy_names_the_user_is_no_way_around_a_ceiling(akia: Any, own: Any, bob: Any, refused: Any) -> None:
    """P1.3-4: what a resource grants completely needs no identity policy, but the ceiling's word."""
    trust = {"Effect": "Allow", "Principal": {"AWS": bob.arn}, "Action": "sts:AssumeRole"}
    akia.client("iam").create_role(RoleName="ops", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}))
    taken = {"RoleArn": f"arn:aws:iam::{akia.account}:role/ops", "RoleSessionName": "ops"}
    bob.client("sts").assume_role(**taken)
    restrict(own, bob, Policy=CEILING)
    assert "no access key policy allows" in refused(bob.client("sts").assume_role, **taken)[2]


def test_what_needs_no_permission_is_not_free_of_restrictions(own: Any, bob: Any, refused: Any) -> None:
    restrict(own, bob, Networks=["192.0.2.0/24"])
    for call in (bob.client("sts").get_caller_identity, bob.client("sts").get_session_token):
        assert refused(call)[0] == "AccessDenied"


def test_other_keys_of_the_same_user_are_not_restricted(akia: Any, own: Any, bob: Any) -> None:
    made = akia.client("iam").create_access_key(UserName="bob")["AccessKey"]
    restrict(own, bob, Services=["s3"])
    second = type(bob.key)(made["AccessKeyId"], made["SecretAccessKey"])
    akia.client("iam", second).get_user()


@pytest.mark.covers("O1", "X14")
def test_an_expired_key_is_refused_as_a_dead_one_and_told_why(akia: Any, own: Any, bob: Any, refused: Any) -> None:
    restrict(own, bob, ExpiresAt=NOW - AN_HOUR)
    for service, call, code in (("iam", "get_user", DEAD), ("cloudtrail", "lookup_events", "UnrecognizedClientException")):
        found, _, message = refused(getattr(bob.client(service), call))
        assert found == code
        assert f"{bob.key.access_key_id} expired at {NOW - AN_HOUR:%Y-%m-%dT%H:%M:%SZ}" in message
    (listed,) = akia.client("iam").list_access_keys(UserName="bob")["AccessKeyMetadata"]
    assert listed["Status"] == "Inactive"
    described = own.describe_access_key(AccessKeyId=bob.key.access_key_id)["AccessKey"]
    assert (described["Status"], described["ExpiresAt"]) == ("Inactive", NOW - AN_HOUR)
    for status, found in (("Inactive", [bob.key.access_key_id]), ("Active", [])):
        keys = own.list_access_keys(UserName="bob", Status=status)["AccessKeys"]
        assert [key["AccessKeyId"] for key in keys] == found


def test_its_times_count_to_the_second(own: Any, bob: Any, monkeypatch: pytest.MonkeyPatch, refused: Any) -> None:
    clock = Clock.of(monkeypatch)
    begin, get_user = int(clock.time()), bob.client("iam").get_user
    not_before, expires, grace = (datetime.fromtimestamp(begin + seconds, UTC) for seconds in (10, 20, 30))
    restrict(own, bob, NotBefore=not_before, ExpiresAt=expires, GraceUntil=grace)
    for seconds in (9.999, 30.0):
        clock.now = begin + seconds
        assert refused(get_user)[0] == DEAD, seconds
    for seconds in (10.0, 20.0, 29.999):
        clock.now = begin + seconds
        get_user()


NETWORKS = [
    (["2001:db8::/32"], "2001:db8::1", "192.0.2.1"),
    (["192.0.2.0/24"], "192.0.2.255", "192.0.3.0"),
    (["0.0.0.0/0"], "192.0.2.1", "2001:db8::1"),
    (["::/0"], "2001:db8::1", "192.0.2.1"),
    (["2001:db8::1"], "2001:db8::1", "2001:db8::2"),
]


@pytest.mark.parametrize(("networks", "inside", "outside"), NETWORKS, ids=[networks[0] for networks, _, _ in NETWORKS])
def test_networks_of_either_kind_hold_their_own_addresses_and_none_of_the_other(
    akia: Any, own: Any, bob: Any, refused: Any, networks: list[str], inside: str, outside: str
) -> None:
    restrict(own, bob, Networks=networks)
    akia.source_ip = inside
    bob.client("iam").get_user()
    akia.source_ip = outside
    assert refused(bob.client("iam").get_user)[0] == "AccessDenied"


def test_attack_deleting_a_key_does_not_free_the_sessions_that_are_older_than_its_restrictions(
    akia: Any, own: Any, bob: Any, refused: Any
) -> None:
    taken = bob.client("sts").get_session_token()["Credentials"]
    session = akia.client("cloudtrail", type(bob.key)(taken["AccessKeyId"], taken["SecretAccessKey"]), token=taken["SessionToken"])
    session.lookup_events()
    restrict(own, bob, Services=["s3"])
    assert refused(session.lookup_events)[0] == "AccessDeniedException"
    akia.client("iam").delete_access_key(UserName="bob", AccessKeyId=bob.key.access_key_id)
    assert refused(session.lookup_events)[0] == "UnrecognizedClientException"


def test_who_cannot_sign_is_not_told_that_the_key_has_expired(akia: Any, own: Any, bob: Any, refused: Any) -> None:
    restrict(own, bob, ExpiresAt=NOW - AN_HOUR)
    thief = akia.client("iam", type(bob.key)(bob.key.access_key_id, "guess" * 8))
    code, _, message = refused(thief.get_user)
    assert code == "SignatureDoesNotMatch" and "expired" not in message


def test_a_key_is_refused_before_its_time_and_works_during_its_grace(own: Any, bob: Any, refused: Any) -> None:
    restrict(own, bob, NotBefore=NOW + AN_HOUR)
    code, _, message = refused(bob.client("iam").get_user)
    assert code == DEAD and "not valid before" in message
    restrict(own, bob, ExpiresAt=NOW - AN_HOUR, GraceUntil=NOW + AN_HOUR)
    bob.client("iam").get_user()


@pytest.mark.covers("O12")
def test_answers_tell_of_a_near_end(own: Any, bob: Any) -> None:
    def told() -> Any:
        return bob.client("iam").get_user()["ResponseMetadata"]["HTTPHeaders"].get("x-akia-key-expires")

    restrict(own, bob, ExpiresAt=NOW + timedelta(days=20))
    assert told() is None
    restrict(own, bob, ExpiresAt=NOW + timedelta(days=3))
    assert told() == f"{NOW + timedelta(days=3):%Y-%m-%dT%H:%M:%SZ}"


def test_writes_tell_of_a_near_end_as_well(own: Any, bob: Any) -> None:
    restrict(own, bob, ExpiresAt=NOW + AN_HOUR)
    made = bob.client("iam").create_user(UserName="new")
    assert "x-akia-key-expires" in made["ResponseMetadata"]["HTTPHeaders"]


def test_refusals_tell_of_a_near_end_as_well_and_only_to_who_has_proven_to_hold_the_key(akia: Any, own: Any, bob: Any) -> None:
    restrict(own, bob, ExpiresAt=NOW + AN_HOUR, Services=["iam"])
    thief = type(bob.key)(bob.key.access_key_id, "guess" * 8)
    for client, told in ((bob.client("sts"), True), (akia.client("sts", thief), False)):
        with pytest.raises(client.exceptions.ClientError) as caught:
            client.get_caller_identity()
        assert ("x-akia-key-expires" in caught.value.response["ResponseMetadata"]["HTTPHeaders"]) is told


def test_attack_a_restricted_key_cannot_free_itself(akia: Any, bob: Any, own: Any, refused: Any) -> None:
    restrict(own, bob, Regions=["us-east-1"])
    mine = bob.client("akia")
    named = {"AccessKeyId": bob.key.access_key_id}
    attempts: list[tuple[Any, dict[str, Any]]] = [
        (mine.delete_access_key_restrictions, {}),
        (mine.put_access_key_restrictions, {"Restrictions": {}}),
    ]
    for call, more in attempts:
        assert refused(call, **named, **more)[0] == "ConflictException"


def test_restricting_a_key_takes_the_permission_to_update_it_too(akia: Any, bob: Any, refused: Any) -> None:
    eve = akia.person("eve", {"Action": "akia:*"})
    named = {"AccessKeyId": bob.key.access_key_id}
    message = refused(eve.client("akia").put_access_key_restrictions, **named, Restrictions={"Services": ["s3"]})[2]
    assert f"iam:UpdateAccessKey on resource: {bob.arn}" in message


def test_a_denial_in_iam_by_the_owner_s_tags_holds_here_too(akia: Any, bob: Any, own: Any, refused: Any) -> None:
    """IAM's own UpdateAccessKey would be refused; so what it could do is not had by restricting the key to nothing."""
    akia.client("iam").tag_user(UserName="bob", Tags=[{"Key": "team", "Value": "prod"}])
    named = {"AccessKeyId": bob.key.access_key_id}
    for number, condition in enumerate(("aws:ResourceTag/team", "iam:ResourceTag/team")):
        deny = {"Effect": "Deny", "Action": "iam:UpdateAccessKey", "Condition": {"StringEquals": {condition: "prod"}}}
        eve = akia.person(f"eve{number}", {"Action": ["akia:*", "iam:*"]}, deny)
        assert refused(eve.client("iam").update_access_key, UserName="bob", Status="Inactive", **named)[0] == "AccessDenied"
        assert refused(eve.client("akia").put_access_key_restrictions, **named, Restrictions={"Services": ["s3"]})[0] == DENIED
        assert refused(eve.client("akia").delete_access_key_restrictions, **named)[0] == DENIED


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"Regions": ["eu-west-9"]}, "There is no region eu-west-9."),
    ({"Networks": ["10.0.0.1/8"]}, "10.0.0.1/8 is no CIDR block"),
    ({"Networks": ["::1/129"]}, "::1/129 is no CIDR block"),
    ({"Services": ["nobody"]}, "There is no service whose actions begin with nobody:."),
    ({"NotBefore": NOW, "ExpiresAt": NOW}, "ExpiresAt must be later than NotBefore."),
    ({"GraceUntil": NOW}, "GraceUntil must not be earlier than ExpiresAt"),
    ({"ExpiresAt": datetime(1, 1, 1, tzinfo=UTC)}, "ExpiresAt must not be earlier than 1970."),
    ({"GlobalServices": "SOME"}, "restrictions.globalServices"),
]


@pytest.mark.parametrize(("restrictions", "text"), WRONG, ids=[text[:30] for _, text in WRONG])
def test_what_makes_no_sense_is_refused(own: Any, bob: Any, refused: Any, restrictions: Any, text: str) -> None:
    code, _, message = refused(own.put_access_key_restrictions, AccessKeyId=bob.key.access_key_id, Restrictions=restrictions)
    assert code == "ValidationException" and text in message


def test_a_ceiling_that_is_no_policy_is_refused(own: Any, bob: Any, policy: Any, refused: Any) -> None:
    named = {"AccessKeyId": bob.key.access_key_id}
    for document in ("{}", policy({"Action": "iam:*", "Principal": "*"})):
        code = refused(own.put_access_key_restrictions, **named, Restrictions={"Policy": document})[0]
        assert code == "MalformedPolicyDocument"
    long = policy({"Action": [f"iam:Get{number:05}" for number in range(1_000)]})
    assert refused(own.put_access_key_restrictions, **named, Restrictions={"Policy": long})[0] == "ServiceQuotaExceededException"


def test_restrictions_go_with_the_key_and_are_not_told_to_other_accounts(akia: Any, own: Any, bob: Any, refused: Any) -> None:
    restrict(own, bob, Services=["s3"])
    akia.client("iam").delete_access_key(UserName="bob", AccessKeyId=bob.key.access_key_id)
    named = {"AccessKeyId": bob.key.access_key_id}
    assert refused(own.get_access_key_restrictions, **named)[0] == "ResourceNotFoundException"
    assert akia.akia.store.restricted_keys.get(bob.key.access_key_id) is None


def test_attack_a_successor_is_no_way_around_what_binds_a_key(akia: Any, own: Any, bob: Any) -> None:
    old = bob.key.access_key_id
    restrict(own, bob, Services=["iam"], ExpiresAt=NOW + AN_HOUR)
    own.put_key_lifetime(Target=old, Lifetime={"Mode": "ENFORCE", "Days": 30})
    own.put_limit(Scope="KEY", Subject=old, DailyBudget=100)
    new = own.report_compromised_key(AccessKeyId=old, OpenReplacement=True)["Replacement"]["AccessKeyId"]
    told = own.get_access_key_restrictions(AccessKeyId=new)["Restrictions"]
    assert told["Services"] == ["iam"] and NOW + AN_HOUR <= told["ExpiresAt"] < NOW + 2 * AN_HOUR
    assert own.get_key_lifetime(Target=new)["Lifetime"]["Days"] == 30
    assert {limit["Subject"] for limit in own.list_limits()["Limits"] if limit["Scope"] == "KEY"} == {old, new}


def test_a_successor_of_a_key_that_ends_with_the_calendar_ends_there_too(akia: Any, own: Any, bob: Any) -> None:
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    restrict(own, bob, ExpiresAt=last, GraceUntil=last)
    akia.akia.store.connection.execute("UPDATE access_keys SET created = created - 100 * 86400 WHERE id = :id", id=bob.key.access_key_id)
    new = own.report_compromised_key(AccessKeyId=bob.key.access_key_id, OpenReplacement=True)["Replacement"]["AccessKeyId"]
    assert own.get_access_key_restrictions(AccessKeyId=new)["Restrictions"] == {"ExpiresAt": last, "GraceUntil": last}
    assert new in {key["AccessKeyId"] for key in own.list_access_keys()["AccessKeys"]}
