"""StartKeyRotation, ConfirmKeyDistribution, GetKeyRotation, ListKeyRotations, AdvanceKeyRotation, RollBackKeyRotation."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.config import Config
from tests.conftest import policy
from tests.rotation.rotating import QUIET, Rotating, pair

from akia.rotation_targets import Targets

pytestmark = pytest.mark.covers("I6.rotation.service")

NOBODY = "00000000-0000-0000-0000-000000000000"
KEYS = ["iam:CreateAccessKey", "iam:UpdateAccessKey", "iam:DeleteAccessKey"]


@pytest.fixture
def world(akia: Any, monkeypatch: pytest.MonkeyPatch) -> Rotating:
    return Rotating(akia, monkeypatch)


def identify(started: Any) -> dict[str, str]:
    return {"RotationId": started["Rotation"]["RotationId"]}


def test_without_a_target_the_answer_is_the_only_one_that_holds_the_secret(world: Rotating) -> None:
    started = world.start()
    told, made = started["Rotation"], started["NewAccessKey"]
    assert (told["State"], told["UserName"], told["WaitsFor"]) == ("OPEN", "ci", "ConfirmKeyDistribution")
    assert (told["OldAccessKeyId"], told["NewAccessKeyId"]) == (world.old.access_key_id, made["AccessKeyId"])
    assert told["StartedBy"] == f"arn:aws:iam::{world.akia.account}:user/administrator"
    assert (made["UserName"], made["Status"]) == ("ci", "Active")
    assert world.works(pair(made))
    attribute = {"AttributeKey": "EventName", "AttributeValue": "StartKeyRotation"}
    [event] = world.akia.client("cloudtrail").lookup_events(LookupAttributes=[attribute])["Events"]
    assert made["SecretAccessKey"] not in event["CloudTrailEvent"]
    assert {each["ResourceName"] for each in event["Resources"]} == {world.old.access_key_id, made["AccessKeyId"], "ci"}
    assert made["SecretAccessKey"] not in json.dumps([world.told(started), world.own.list_key_rotations()], default=str)


def test_times_to_wait_are_a_day_and_three_unless_they_are_given(world: Rotating) -> None:
    started = world.own.start_key_rotation(AccessKeyId=world.old.access_key_id)
    assert (started["Rotation"]["QuietHours"], started["Rotation"]["InactiveHours"]) == (24.0, 72.0)


@pytest.mark.covers("X11", "O15")
def test_o15_a_third_key_is_there_while_a_rotation_is_open_and_no_fourth(world: Rotating, refused: Any) -> None:
    world.iam.create_access_key(UserName="ci")
    assert refused(world.iam.create_access_key, UserName="ci")[0] == "LimitExceeded"
    started = world.start()
    assert len(world.keys()) == 3
    assert refused(world.iam.create_access_key, UserName="ci")[0] == "LimitExceeded"
    pages = world.iam.get_paginator("list_access_keys").paginate(UserName="ci", PaginationConfig={"PageSize": 1})
    assert [len(page["AccessKeyMetadata"]) for page in pages] == [1, 1, 1]
    world.own.roll_back_key_rotation(**identify(started))
    assert len(world.keys()) == 2
    assert refused(world.iam.create_access_key, UserName="ci")[0] == "LimitExceeded"


def test_the_new_key_says_of_itself_what_the_old_one_says(world: Rotating) -> None:
    world.own.update_access_key_attributes(AccessKeyId=world.old.access_key_id, Attributes={"Owner": "build", "Ticket": "OPS-7"})
    world.own.tag_access_key(AccessKeyId=world.old.access_key_id, Tags=[{"Key": "team", "Value": "blue"}])
    world.own.put_key_naming_rule(RequiredAttributes=["Purpose"])  # which no key that is there keeps
    made = world.start()["NewAccessKey"]["AccessKeyId"]
    told = world.own.describe_access_key(AccessKeyId=made)["AccessKey"]
    assert told["Attributes"] == {"Owner": "build", "Ticket": "OPS-7"}
    assert told["Tags"] == [{"Key": "team", "Value": "blue"}]


def test_a_policy_can_ask_for_the_key_s_tags(world: Rotating, refused: Any) -> None:
    blue = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
    person = world.akia.person("helper", {"Action": KEYS}, {"Action": "akia:StartKeyRotation", "Condition": blue})
    start = person.client("akia").start_key_rotation
    assert refused(start, AccessKeyId=world.old.access_key_id)[0] == "AccessDeniedException"
    world.own.tag_access_key(AccessKeyId=world.old.access_key_id, Tags=[{"Key": "team", "Value": "blue"}])
    assert start(AccessKeyId=world.old.access_key_id)["Rotation"]["UserName"] == "ci"


def test_the_credential_report_shows_the_two_newest_keys(world: Rotating) -> None:
    world.clock.move(2)
    second = world.iam.create_access_key(UserName="ci")["AccessKey"]
    world.clock.move(2)
    third = world.start()["NewAccessKey"]
    world.iam.update_access_key(UserName="ci", AccessKeyId=second["AccessKeyId"], Status="Inactive")
    world.iam.generate_credential_report()
    lines = world.iam.get_credential_report()["Content"].decode().splitlines()
    row = dict(zip(lines[0].split(","), next(line for line in lines if line.startswith("ci,")).split(","), strict=True))
    assert (row["access_key_1_active"], row["access_key_2_active"]) == ("false", "true")
    assert row["access_key_1_last_rotated"] == second["CreateDate"].isoformat()
    assert row["access_key_2_last_rotated"] == third["CreateDate"].isoformat()


def test_start_refuses_what_it_cannot_rotate(world: Rotating, refused: Any) -> None:
    start = world.own.start_key_rotation
    assert refused(start, AccessKeyId="AKIANOBODYHASTHISKEY")[0] == "ResourceNotFoundException"
    assert refused(start, AccessKeyId=world.akia.root.access_key_id)[0] == "ResourceNotFoundException"
    assert refused(start, AccessKeyId=world.old.access_key_id, Targets=["none"])[0] == "ResourceNotFoundException"
    careless = world.akia.client("akia", config=Config(parameter_validation=False)).start_key_rotation
    for parameters in ({"AccessKeyId": "short"}, {"AccessKeyId": world.old.access_key_id, "QuietHours": 9000}, {}):
        assert refused(careless, **parameters)[0] == "ValidationException"
    world.start()
    assert refused(start, AccessKeyId=world.old.access_key_id)[0] == "ConflictException"
    world.iam.create_user(UserName="idle")
    idle = world.iam.create_access_key(UserName="idle")["AccessKey"]["AccessKeyId"]
    world.iam.update_access_key(UserName="idle", AccessKeyId=idle, Status="Inactive")
    assert refused(start, AccessKeyId=idle)[0] == "ConflictException"


def test_start_has_one_slot_and_no_more(world: Rotating, refused: Any) -> None:
    for _ in range(2):  # somebody has lowered the quota since
        key = world.store.access_keys.get(world.old.access_key_id)
        assert key is not None
        world.store.access_keys.add(type(key)(key.account, f"AKIA{_}AAAAAAAAAAAAAAA", key.owner, key.created), "x" * 40)
    assert refused(world.start)[0] == "ServiceQuotaExceededException"
    assert world.own.list_key_rotations()["Rotations"] == []


def test_confirm_is_for_who_distributes_by_hand(world: Rotating, refused: Any) -> None:
    started = world.start()
    told = world.own.confirm_key_distribution(**identify(started))["Rotation"]
    assert told["State"] == "DISTRIBUTED"
    assert refused(world.own.confirm_key_distribution, **identify(started))[0] == "ConflictException"
    world.own.roll_back_key_rotation(**identify(started))
    world.own.advance_key_rotation(**identify(started), QuietHours=0, InactiveHours=0)
    assert world.state(started) == "ROLLED_BACK"
    world.shelf()
    assert refused(world.own.confirm_key_distribution, **identify(world.start(Targets=["shelf"])))[0] == "ConflictException"


def test_advance_takes_every_step_that_is_due_and_waits_as_it_is_told(world: Rotating, refused: Any) -> None:
    started = world.start()
    new = pair(started["NewAccessKey"])
    assert world.own.advance_key_rotation(**identify(started))["Rotation"]["State"] == "OPEN"
    world.own.confirm_key_distribution(**identify(started))
    told = world.own.advance_key_rotation(**identify(started))["Rotation"]
    assert told["State"] == "OBSERVING"
    assert told["WaitsUntil"].timestamp() == pytest.approx(world.clock.time() + QUIET, abs=2)
    assert world.works(world.old)
    world.clock.move(30)
    told = world.own.advance_key_rotation(**identify(started), QuietHours=40 / 3600)["Rotation"]
    assert told["State"] == "OBSERVING", "the call was there, though nothing had indexed it"
    assert told["OldKeyLastCalledAt"].timestamp() == pytest.approx(world.clock.time() - 30, abs=1)
    world.clock.move(11)
    assert world.own.advance_key_rotation(**identify(started))["Rotation"]["State"] == "OLD_INACTIVE"
    assert not world.works(world.old) and world.works(new)
    told = world.own.advance_key_rotation(**identify(started), InactiveHours=0)["Rotation"]
    assert told["State"] == "OLD_INACTIVE", "somebody has called it: the job brings it back, with an alert"
    world.work(1)
    assert world.state(started) == "OBSERVING" and len(world.alerts()) == 1
    told = world.own.advance_key_rotation(**identify(started), QuietHours=0)["Rotation"]
    assert told["State"] == "DELETED" and world.keys() == {new.access_key_id: "Active"}
    assert refused(world.own.advance_key_rotation, **identify(started))[0] == "ConflictException"
    assert refused(world.own.roll_back_key_rotation, **identify(started))[0] == "ConflictException"


def test_the_history_is_the_evidence_and_outlives_keys_and_user(world: Rotating) -> None:
    started = world.start()
    assert world.works(world.old)
    world.own.confirm_key_distribution(**identify(started))
    world.own.advance_key_rotation(**identify(started), QuietHours=0, InactiveHours=0)
    world.iam.delete_access_key(UserName="ci", AccessKeyId=started["NewAccessKey"]["AccessKeyId"])
    world.iam.delete_user(UserName="ci")
    told = world.told(started)
    administrator = f"arn:aws:iam::{world.akia.account}:user/administrator"
    assert [(step.get("From"), step["To"], step["Reason"], step["By"]) for step in told["History"]] == [
        (None, "OPEN", "STARTED", administrator),
        ("OPEN", "DISTRIBUTED", "CONFIRMED", administrator),
        ("DISTRIBUTED", "OBSERVING", "WATCHED", administrator),
        ("OBSERVING", "QUIET", "NOT_CALLED", administrator),
        ("QUIET", "OLD_INACTIVE", "MADE_INACTIVE", administrator),
        ("OLD_INACTIVE", "DELETED", "NOT_CALLED", administrator),
    ]
    last = told["History"][-1]
    assert (last["OldKeyStatus"], last["NewKeyStatus"]) == ("Inactive", "Active")
    assert last["OldKeyLastCalledAt"] == told["Rotation"]["OldKeyLastCalledAt"]
    assert told["Callers"] == [] and told["Rotation"]["EndedAt"]
    assert world.own.list_key_rotations(UserName="ci")["Rotations"] == [told["Rotation"]]


def test_w6_8_pages_put_together_are_all_rotations_youngest_first(world: Rotating, refused: Any) -> None:
    ids = []
    for _ in range(5):
        started = world.start()
        ids.append(identify(started)["RotationId"])
        world.own.roll_back_key_rotation(**identify(started))
    pages = world.own.get_paginator("list_key_rotations").paginate(PaginationConfig={"PageSize": 2})
    assert [[each["RotationId"] for each in page["Rotations"]] for page in pages] == [ids[:2:-1], ids[2:0:-1], ids[:1]]
    assert len(world.own.list_key_rotations(State="ROLLED_BACK")["Rotations"]) == 5
    assert world.own.list_key_rotations(State="OPEN")["Rotations"] == world.own.list_key_rotations(UserName="x")["Rotations"] == []
    token = world.own.list_key_rotations(MaxResults=2)["NextToken"]
    assert refused(world.own.list_key_rotations, MaxResults=2, UserName="ci", NextToken=token)[0] == "ValidationException"


def test_there_is_no_way_back_to_an_old_key_that_has_expired(world: Rotating, refused: Any) -> None:
    """Targets would get a key that is refused, and the new one would go."""
    world.own.put_access_key_restrictions(
        AccessKeyId=world.old.access_key_id, Restrictions={"ExpiresAt": datetime.fromtimestamp(world.clock.time() + 60, UTC)}
    )
    world.clock.move(30)
    started = world.start()
    world.own.confirm_key_distribution(**identify(started))
    world.clock.move(31)
    code, _, message = refused(world.own.roll_back_key_rotation, **identify(started))
    assert (code, message) == ("ConflictException", "The old key has expired: there is no way back.")
    assert world.works(pair(started["NewAccessKey"]))


def test_back_a_new_key_that_was_called_a_moment_ago_is_not_deleted_at_once(world: Rotating) -> None:
    """Nothing has indexed the call yet."""
    started = world.start()
    new = pair(started["NewAccessKey"])
    assert world.works(new)
    assert world.own.roll_back_key_rotation(**identify(started))["Rotation"]["State"] == "ROLLING_BACK"
    assert world.works(new)


def test_times_that_are_no_number_are_refused(world: Rotating, refused: Any) -> None:
    started = world.start()
    for hours in (float("nan"), float("inf")):
        for call, more in (
            (world.own.advance_key_rotation, identify(started)),
            (world.own.put_rotation_policy, {"Mode": "REMIND", "EveryDays": 90}),
        ):
            assert refused(call, **more, QuietHours=hours)[:2] == ("ValidationException", 400)


# Who may


def test_nt_36_a_namesake_of_a_user_who_was_renamed_is_not_the_owner_of_his_rotations(world: Rotating, refused: Any) -> None:
    mine = {"StringEquals": {"akia:KeyOwner": "${aws:username}"}}
    started = world.start()
    world.iam.update_user(UserName="ci", NewUserName="ci-2")
    namesake = world.akia.person("ci", {"Action": "akia:*", "Condition": mine})
    for name in ("get_key_rotation", "confirm_key_distribution"):
        assert refused(getattr(namesake.client("akia"), name), **identify(started))[0] == "AccessDeniedException"
    world.iam.put_user_policy(UserName="ci-2", PolicyName="p", PolicyDocument=policy({"Action": "akia:*", "Condition": mine}))
    assert world.akia.client("akia", world.old).get_key_rotation(**identify(started))["Rotation"]["State"] == "OPEN"


@pytest.mark.parametrize("missing", KEYS)
def test_akia_widens_nothing_start_needs_what_the_rotation_will_do(world: Rotating, refused: Any, missing: str) -> None:
    held = ["akia:StartKeyRotation", *(action for action in KEYS if action != missing)]
    person = world.akia.person("helper", {"Action": held})
    code, _, message = refused(person.client("akia").start_key_rotation, AccessKeyId=world.old.access_key_id)
    assert code == "AccessDeniedException"
    assert f"is not authorized to perform: {missing} on resource: arn:aws:iam::{world.akia.account}:user/ci" in message
    assert len(world.keys()) == 1


@pytest.mark.parametrize("operation", ["advance_key_rotation", "roll_back_key_rotation"])
@pytest.mark.parametrize("missing", KEYS[1:])
def test_akia_widens_nothing_later_steps_need_it_too(world: Rotating, refused: Any, operation: str, missing: str) -> None:
    started = world.start()
    held = ["akia:AdvanceKeyRotation", "akia:RollBackKeyRotation", *(action for action in KEYS if action != missing)]
    person = world.akia.person("helper", {"Action": held})
    code, _, message = refused(getattr(person.client("akia"), operation), **identify(started))
    assert code == "AccessDeniedException" and f"perform: {missing} " in message


def test_a_denial_by_the_user_s_tags_holds(world: Rotating, refused: Any) -> None:
    world.iam.tag_user(UserName="ci", Tags=[{"Key": "team", "Value": "prod"}])
    condition = {"StringEquals": {"aws:ResourceTag/team": "prod"}}
    deny = {"Effect": "Deny", "Action": "iam:CreateAccessKey", "Condition": condition}
    person = world.akia.person("helper", {"Action": ["akia:*", "iam:*"]}, deny)
    assert refused(person.client("akia").start_key_rotation, AccessKeyId=world.old.access_key_id)[0] == "AccessDeniedException"


def test_a_policy_can_name_keys_their_owners_rotations_and_targets(world: Rotating, refused: Any) -> None:
    account, shelf = world.akia.account, world.shelf()
    world.shelf("other")
    keys = {"Action": KEYS}
    key = f"arn:aws:akia::{account}:access-key/{world.old.access_key_id}"
    target = f"arn:aws:akia::{account}:rotation-target/shelf"
    named = world.akia.person("named", keys, {"Action": "akia:StartKeyRotation", "Resource": [key, target]})
    parameters = {"AccessKeyId": world.old.access_key_id}
    assert refused(named.client("akia").start_key_rotation, **parameters, Targets=["other"])[0] == "AccessDeniedException"
    started = named.client("akia").start_key_rotation(**parameters, Targets=["shelf"])
    assert started["Rotation"]["Targets"] == ["shelf"] and shelf.got == []
    mine = {"StringEquals": {"akia:KeyOwner": "${aws:username}"}}
    own = world.akia.person("own", keys, {"Action": "akia:*", "Condition": mine})
    assert refused(own.client("akia").get_key_rotation, **identify(started))[0] == "AccessDeniedException"
    told = own.client("akia").start_key_rotation(AccessKeyId=own.key.access_key_id)
    assert own.client("akia").get_key_rotation(**identify(told))["Rotation"]["UserName"] == "own"


def test_another_account_s_rotations_and_keys_do_not_exist(world: Rotating, refused: Any) -> None:
    started = world.start()
    world.store.connection.execute("UPDATE rotations SET account = '999999999999'")
    assert world.own.list_key_rotations()["Rotations"] == []
    for name in ("get_key_rotation", "confirm_key_distribution", "advance_key_rotation", "roll_back_key_rotation"):
        assert refused(getattr(world.own, name), **identify(started))[0] == "ResourceNotFoundException"
        assert refused(getattr(world.own, name), RotationId=NOBODY)[0] == "ResourceNotFoundException"


# Attacks on targets


@pytest.mark.covers("I6.rotation.targets.attack")
@pytest.mark.parametrize("name", ["../../etc/passwd", "profile:ci", "command:/bin/sh", "shelf@/tmp/x", "/srv/credentials", "shelf\n"])
def test_an_api_caller_can_name_a_target_and_never_define_one(world: Rotating, refused: Any, name: str) -> None:
    world.shelf()
    assert refused(world.start, Targets=[name])[0] == "ValidationException"
    assert len(world.keys()) == 1


@pytest.mark.covers("I6.rotation.targets.attack")
def test_one_user_s_key_does_not_get_into_another_s_target(world: Rotating, refused: Any) -> None:
    """Whoever uses the target would be somebody else from then on."""
    world.target("prod", world.shelf(), user="prod")
    assert refused(world.start, Targets=["prod"])[0] == "ResourceNotFoundException"
    assert len(world.keys()) == 1


@pytest.mark.covers("I6.rotation.targets.attack")
def test_another_account_s_target_is_not_told_from_one_that_does_not_exist(world: Rotating, refused: Any) -> None:
    world.shelf()
    known = world.akia.akia.authority.rotation_targets.by_name["shelf"]
    theirs = type(known)("theirs", "999999999999", ("ci",), known.target)
    world.akia.akia.authority.rotation_targets = Targets({"theirs": theirs})
    assert refused(world.start, Targets=["theirs"]) == ("ResourceNotFoundException", 400, "There is no target theirs for keys of ci.")
    assert refused(world.start, Targets=["nobody"]) == ("ResourceNotFoundException", 400, "There is no target nobody for keys of ci.")
    assert world.own.list_rotation_targets()["Targets"] == []
