"""PutRotationPolicy, GetRotationPolicy, DeleteRotationPolicy, ListRotationTargets; and what a policy leads to."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config
from tests.rotation.rotating import Rotating, pair

pytestmark = pytest.mark.covers("I6.rotation.policy", "G6")

DAY = 86_400
KEYS = ["iam:CreateAccessKey", "iam:UpdateAccessKey", "iam:DeleteAccessKey"]


@pytest.fixture
def world(akia: Any, monkeypatch: pytest.MonkeyPatch) -> Rotating:
    return Rotating(akia, monkeypatch)


def aged(world: Rotating, days: float, key: str | None = None) -> None:
    """The key of `ci` was made so many days ago."""
    made = int(world.clock.time() - days * DAY)
    world.store.connection.execute("UPDATE access_keys SET created = :made WHERE id = :key", made=made, key=key or world.old.access_key_id)


def told(world: Rotating) -> list[str]:
    """What was told of the key of `ci`: days."""
    alerts = [alert for alert in world.alerts() if alert.subject == world.old.access_key_id]
    assert {alert.rule for alert in alerts} <= {"key-due-for-rotation"}
    return [alert.detail for alert in alerts]


def test_a_policy_is_put_told_replaced_and_deleted(world: Rotating, refused: Any) -> None:
    assert refused(world.own.get_rotation_policy)[0] == "ResourceNotFoundException"
    put = world.own.put_rotation_policy(Mode="REMIND", EveryDays=90)["Policy"]
    assert put == {"Mode": "REMIND", "EveryDays": 90, "QuietHours": 24.0, "InactiveHours": 72.0}
    assert world.own.get_rotation_policy()["Policy"] == put
    world.own.put_rotation_policy(Mode="ROTATE", EveryDays=30, QuietHours=0.5, InactiveHours=1)
    assert world.own.get_rotation_policy()["Policy"] == {"Mode": "ROTATE", "EveryDays": 30, "QuietHours": 0.5, "InactiveHours": 1.0}
    world.own.delete_rotation_policy()
    for call in (world.own.get_rotation_policy, world.own.delete_rotation_policy):
        assert refused(call)[0] == "ResourceNotFoundException"
    careless = world.akia.client("akia", config=Config(parameter_validation=False))
    for parameters in ({"Mode": "REMIND", "EveryDays": 0}, {"Mode": "SOON", "EveryDays": 1}, {"Mode": "REMIND"}):
        assert refused(careless.put_rotation_policy, **parameters)[0] == "ValidationException"


@pytest.mark.parametrize("missing", KEYS)
def test_who_lets_keys_be_rotated_must_be_allowed_to_rotate_them(world: Rotating, refused: Any, missing: str) -> None:
    person = world.akia.person("helper", {"Action": ["akia:PutRotationPolicy", *(action for action in KEYS if action != missing)]})
    own = person.client("akia")
    assert refused(own.put_rotation_policy, Mode="ROTATE", EveryDays=90)[0] == "AccessDeniedException"
    assert own.put_rotation_policy(Mode="REMIND", EveryDays=90)["Policy"]["Mode"] == "REMIND"


def test_g6_reminders_come_30_14_7_and_1_days_before_and_when_it_is_due_each_once(world: Rotating) -> None:
    world.own.put_rotation_policy(Mode="REMIND", EveryDays=90)
    found = []
    for days in (50, 59.5, 60.5, 61, 75, 76.5, 82, 83.5, 89.5, 90.5, 100):
        aged(world, days)
        for job in (world.another_job(), world.another_job()):  # each has yet to look at all keys
            world.work(job=job)
        found.append(len(told(world)))
    assert found == [0, 0, 1, 1, 1, 2, 2, 3, 4, 5, 5]
    assert sorted(told(world), key=int) == ["0", "1", "7", "14", "30"]
    assert world.keys() == {world.old.access_key_id: "Active"}, "nobody has rotated anything"


def test_a_policy_that_is_new_tells_of_the_nearest_day_only(world: Rotating) -> None:
    aged(world, 200)
    world.own.put_rotation_policy(Mode="REMIND", EveryDays=90)
    world.work(61)
    assert told(world) == ["0"]
    assert "is older than 90 days" in world.alerts()[0].summary


def test_inactive_keys_and_those_of_the_root_user_are_nobody_s_reminder(world: Rotating) -> None:
    for key in (world.old.access_key_id, world.akia.root.access_key_id):
        aged(world, 200, key)
    world.iam.update_access_key(UserName="ci", AccessKeyId=world.old.access_key_id, Status="Inactive")
    world.own.put_rotation_policy(Mode="REMIND", EveryDays=90)
    world.work(61)
    assert [alert for alert in world.alerts() if alert.rule == "key-due-for-rotation"] == []


def test_a_key_that_is_due_is_rotated_by_itself_where_a_target_takes_it(world: Rotating) -> None:
    shelf = world.shelf()
    world.own.put_rotation_policy(Mode="ROTATE", EveryDays=90, QuietHours=1 / 60, InactiveHours=1 / 60)
    aged(world, 89)
    world.work(61)
    assert shelf.got == [] and told(world) == []
    aged(world, 91)
    jobs = [world.another_job(), world.another_job()]
    for job in jobs:
        world.work(61, job)
    [rotation] = world.own.list_key_rotations()["Rotations"]
    assert (rotation["StartedBy"], rotation["Targets"], rotation["UserName"]) == ("akia rotation policy", ["shelf"], "ci")
    for _ in range(4):
        world.work(61)
    assert world.keys() == {shelf.pair.access_key_id: "Active"} and len(shelf.got) == 1
    attribute = {"AttributeKey": "EventName", "AttributeValue": "CreateAccessKey"}
    made = world.akia.client("cloudtrail").lookup_events(LookupAttributes=[attribute])["Events"]
    assert [event["Username"] for event in made if shelf.pair.access_key_id in event["CloudTrailEvent"]] == ["akia rotation policy"]


def test_where_it_cannot_be_rotated_by_itself_somebody_is_reminded(world: Rotating) -> None:
    world.own.put_rotation_policy(Mode="ROTATE", EveryDays=90)
    aged(world, 91)
    world.work(61)
    assert told(world) == ["0"] and len(world.keys()) == 1


def test_with_two_active_keys_nobody_knows_which_one_a_target_holds(world: Rotating) -> None:
    world.shelf()
    world.iam.create_access_key(UserName="ci")
    world.own.put_rotation_policy(Mode="ROTATE", EveryDays=90)
    aged(world, 91)
    world.work(61)
    assert told(world) == ["0"] and world.own.list_key_rotations()["Rotations"] == []


def test_where_there_is_no_room_for_another_key_somebody_is_reminded(world: Rotating, caplog: Any) -> None:
    """Two inactive ones are kept beside it."""
    world.shelf()
    for _ in range(2):
        key = world.own.report_compromised_key(AccessKeyId=world.old.access_key_id, OpenReplacement=True)["Replacement"]
        world.old = pair(key)
    assert sorted(world.keys().values()) == ["Active", "Inactive", "Inactive"]
    world.own.put_rotation_policy(Mode="ROTATE", EveryDays=90)
    aged(world, 91)
    world.work(61)
    assert told(world) == ["0"] and world.own.list_key_rotations()["Rotations"] == []
    assert "is due and not rotated" not in caplog.text


def test_nobody_is_reminded_of_the_keys_of_a_closed_account(world: Rotating) -> None:
    world.own.put_rotation_policy(Mode="REMIND", EveryDays=90)
    aged(world, 91)
    world.store.connection.execute("UPDATE accounts SET closed = 1")
    world.work(61)
    assert told(world) == []


def test_what_somebody_has_rolled_back_is_not_begun_again_by_itself(world: Rotating) -> None:
    world.shelf()
    world.own.put_rotation_policy(Mode="ROTATE", EveryDays=90)
    rotation = world.start()["Rotation"]
    world.own.roll_back_key_rotation(RotationId=rotation["RotationId"])
    aged(world, 91)
    world.work(61)
    assert len(world.own.list_key_rotations()["Rotations"]) == 1 and told(world) == ["0"]


def test_targets_are_listed_by_name_without_where_they_are(world: Rotating, refused: Any) -> None:
    for name in ("c", "a", "b"):
        world.shelf(name)
    pages = world.own.get_paginator("list_rotation_targets").paginate(PaginationConfig={"PageSize": 2})
    found = [page["Targets"] for page in pages]
    assert found == [[{"Name": name, "Kind": "shelf", "UserNames": ["ci"]} for name in names] for names in ("ab", "c")]
    assert refused(world.own.list_rotation_targets, NextToken="x")[0] == "ValidationException"
