"""Rotations from their first step to their last, in an akia whose clock is moved."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING, Any

import pytest
from tests.conftest import policy
from tests.rotation.rotating import INACTIVE, QUIET, Rotating, Shelf, pair

from akia.authority import rotating
from akia.jobs import rotate_keys
from akia.rotation_targets import NotDelivered, Targets
from akia.store.founding import KeyPair
from akia.store.rotations.called_keys import CalledKeys

if TYPE_CHECKING:
    from pathlib import Path

    from akia.rotation_targets import DeliveredKey

pytestmark = pytest.mark.covers("I6.rotation.job", "X4")


def distributed(world: Rotating) -> tuple[Any, KeyPair]:
    """A rotation whose new key somebody has distributed."""
    started = world.start()
    world.own.confirm_key_distribution(RotationId=started["Rotation"]["RotationId"])
    return started, pair(started["NewAccessKey"])


def events(world: Rotating, name: str) -> list[Any]:
    attribute = {"AttributeKey": "EventName", "AttributeValue": name}
    found: list[Any] = world.akia.client("cloudtrail").lookup_events(LookupAttributes=[attribute])["Events"]
    return found


def test_a_rotation_from_its_start_to_its_end(world: Rotating) -> None:
    shelf = world.shelf()
    started = world.start(Targets=["shelf"])
    assert "NewAccessKey" not in started, "the secret goes to the target and to nobody else"
    old, new = world.old.access_key_id, started["Rotation"]["NewAccessKeyId"]
    world.work()
    assert world.state(started) == "OBSERVING"
    [got] = shelf.got
    assert (got.access_key_id, got.user_name, got.replaces) == (new, "ci", old)
    assert world.works(shelf.pair) and world.works(world.old)
    world.work(QUIET - 1)
    assert world.keys() == {old: "Active", new: "Active"}
    world.work(2)
    assert (world.state(started), world.keys()) == ("OLD_INACTIVE", {old: "Inactive", new: "Active"})
    world.work(INACTIVE - 1)
    assert world.state(started) == "OLD_INACTIVE"
    world.work(2)
    assert (world.state(started), world.keys()) == ("DELETED", {new: "Active"})
    assert [step["To"] for step in world.told(started)["History"]] == [
        "OPEN", "DISTRIBUTED", "OBSERVING", "QUIET", "OLD_INACTIVE", "DELETED",
    ]  # fmt: skip
    assert world.alerts() == []


@pytest.mark.covers("X3")
def test_who_still_calls_the_old_key_keeps_it_alive_and_is_named(world: Rotating) -> None:
    started, _ = distributed(world)
    world.work(1)
    world.akia.source_ip = "203.0.113.7"
    for _ in range(3):
        world.work(QUIET - 5)
        assert world.works(world.old)
    told = world.told(started)
    assert told["Rotation"]["State"] == "OBSERVING"
    [caller] = told["Callers"]
    assert (caller["SourceIPAddress"], caller["Action"], caller["Count"]) == ("203.0.113.7", "sts:GetCallerIdentity", 3)
    assert "Boto3" in caller["UserAgent"]
    assert caller["LastSeen"] == told["Rotation"]["OldKeyLastCalledAt"]


def test_a_call_that_waits_in_a_journal_counts(world: Rotating) -> None:
    """Nothing has indexed it when the quiet time ends."""
    started, _ = distributed(world)
    world.work(1)
    world.clock.move(QUIET - 1)
    assert world.works(world.old)
    world.work(2)
    assert world.store.rotations.get(started["Rotation"]["RotationId"]).state == "OBSERVING"  # type: ignore[union-attr]  # it is there


@pytest.mark.covers("I6.rotation.called_again")
def test_an_old_key_that_is_called_again_is_reactivated_with_an_alert(world: Rotating) -> None:
    started, new = distributed(world)
    world.work(1)
    world.work(QUIET + 1)
    assert not world.works(world.old), "inactive means inactive"
    world.akia.akia.authority.drain()
    world.work(1)
    assert world.works(world.old) and world.works(new)
    assert world.state(started) == "OBSERVING"
    [alert] = world.alerts()
    assert (alert.rule, alert.severity, alert.subject) == ("rotation-key-called-again", "HIGH", world.old.access_key_id)
    refused = world.store.events.get(alert.events[0])
    assert refused is not None and refused.error_code == "InvalidClientTokenId"
    history = world.told(started)["History"]
    assert history[-1]["Reason"] == "CALLED_AGAIN" and history[-1]["By"] == "akia rotation"
    assert [caller["Refused"] for caller in history[-1]["Callers"]] == [True]
    world.work(QUIET + 1)
    assert world.state(started) == "OLD_INACTIVE", "and the same again, once nobody calls it"


@pytest.mark.covers("I6.rotation.called_again")
def test_a_write_that_was_waiting_for_its_turn_when_the_key_was_made_inactive_brings_it_back(
    world: Rotating, monkeypatch: pytest.MonkeyPatch, refused: Any
) -> None:
    """Its signature was checked before that; it is refused all the same, and somebody has the key."""
    started, _ = distributed(world)
    world.work(1)
    world.iam.put_user_policy(UserName="ci", PolicyName="p", PolicyDocument=policy({"Action": "iam:CreateUser"}))
    writer = world.akia.akia.writer
    plain = writer.open

    def open_behind_the_job() -> Any:
        monkeypatch.setattr(writer, "open", plain)
        world.work(QUIET + 1)
        return plain()

    monkeypatch.setattr(writer, "open", open_behind_the_job)
    assert refused(world.akia.client("iam", world.old).create_user, UserName="new")[0] == "InvalidClientTokenId"
    assert world.state(started) == "OLD_INACTIVE"
    world.work(1)
    assert world.state(started) == "OBSERVING" and world.works(world.old)


def test_a_call_in_the_last_moment_saves_the_key_from_deletion(world: Rotating) -> None:
    started, _ = distributed(world)
    world.work(1)
    world.work(QUIET + 1)
    world.clock.move(INACTIVE)
    assert not world.works(world.old)
    world.work(1)  # nothing has indexed the call before
    assert world.works(world.old)
    assert world.state(started) == "OBSERVING"


@pytest.mark.covers("I6.rotation.called_again")
def test_nt_93_who_only_names_the_inactive_key_does_not_bring_it_back(world: Rotating) -> None:
    started, _ = distributed(world)
    world.work(1)
    world.work(QUIET + 1)
    assert not world.works(KeyPair(world.old.access_key_id, "x" * 40))
    world.akia.akia.authority.drain()
    world.work(1)
    assert (world.state(started), world.alerts()) == ("OLD_INACTIVE", [])
    world.work(INACTIVE)
    assert world.state(started) == "DELETED"


def test_nt_93_who_only_names_the_inactive_key_does_not_have_each_refusal_read_again_and_again(
    world: Rotating, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every second, for days: fifty thousand of them took half of it."""
    started, _ = distributed(world)
    world.work(1)
    world.work(QUIET + 1)
    behind: list[int] = []
    plain = CalledKeys.refused

    def refused(self: CalledKeys, account: str, key_id: str, since_ms: int, after: int = 0) -> Any:
        behind.append(after)
        return plain(self, account, key_id, since_ms, after)

    world.work(1)
    assert not world.works(KeyPair(world.old.access_key_id, "x" * 40))
    world.akia.akia.authority.drain()
    world.work(1)
    monkeypatch.setattr(CalledKeys, "refused", refused)
    world.work(1)
    assert behind == [world.store.event_stream.newest()]
    assert not world.works(world.old)
    world.akia.akia.authority.drain()
    world.work(1)
    assert world.state(started) == "OBSERVING", "a call that is proven is seen all the same"


def test_nt_93_who_only_names_the_old_key_does_not_keep_it_alive(world: Rotating, refused: Any) -> None:
    started, _ = distributed(world)
    world.work(1)
    world.clock.move(QUIET - 1)
    forged = world.akia.client("sts", KeyPair(world.old.access_key_id, "x" * 40))
    assert refused(forged.get_caller_identity)[0] == "SignatureDoesNotMatch"
    world.work(2)
    assert world.state(started) == "OLD_INACTIVE"


def test_a_key_that_somebody_has_deactivated_meanwhile_is_not_brought_back(world: Rotating) -> None:
    """It was reported stolen: the thief calls it."""
    started, _ = distributed(world)
    world.work(1)
    world.work(QUIET + 1)
    world.iam.update_access_key(UserName="ci", AccessKeyId=world.old.access_key_id, Status="Inactive")
    assert not world.works(world.old)
    world.akia.akia.authority.drain()
    world.work(1)
    assert world.state(started) == "OLD_INACTIVE" and not world.works(world.old)
    [alert] = world.alerts()
    assert "somebody else has made it inactive" in alert.summary


def test_what_the_rotation_does_to_keys_stands_in_the_trail_like_any_call(world: Rotating) -> None:
    distributed(world)
    world.work(1)
    world.work(QUIET + 1)
    world.work(INACTIVE + 1)
    [updated], [deleted] = events(world, "UpdateAccessKey"), events(world, "DeleteAccessKey")
    for event in (updated, deleted):
        assert event["Username"] == "akia rotation"
        assert {"ResourceType": "AWS::IAM::AccessKey", "ResourceName": world.old.access_key_id} in event["Resources"]
    assert '"status":"Inactive"' in updated["CloudTrailEvent"]


def test_the_trail_names_a_user_who_was_renamed_meanwhile_by_the_name_that_is_his_now(world: Rotating) -> None:
    distributed(world)
    world.work(1)
    world.iam.update_user(UserName="ci", NewUserName="ci-2")
    world.work(QUIET + 1)
    world.work(INACTIVE + 1)
    for name in ("UpdateAccessKey", "DeleteAccessKey"):
        [event] = events(world, name)
        assert {"ResourceType": "AWS::IAM::User", "ResourceName": "ci-2"} in event["Resources"]
        assert '"userName":"ci-2"' in event["CloudTrailEvent"]


# Roll back


def test_back_before_anything_was_distributed_the_new_key_is_gone_at_once(world: Rotating) -> None:
    world.shelf()
    started = world.start(Targets=["shelf"])
    world.own.roll_back_key_rotation(RotationId=started["Rotation"]["RotationId"])
    assert (world.state(started), world.keys()) == ("ROLLED_BACK", {world.old.access_key_id: "Active"})


def test_back_from_an_inactive_old_key_it_works_from_the_next_request_on_and_the_new_one_still_does(world: Rotating) -> None:
    shelf = world.shelf()
    started = world.start(Targets=["shelf"])
    world.work()
    new = shelf.pair
    world.work(QUIET + 1)
    assert world.keys()[world.old.access_key_id] == "Inactive"
    told = world.own.roll_back_key_rotation(RotationId=started["Rotation"]["RotationId"])["Rotation"]
    assert told["State"] == "ROLLING_BACK" and told["DeliveredTargets"] == []
    assert world.works(world.old) and world.works(new)
    world.work(1)
    assert shelf.pair == world.old, "the target has the old key back"
    world.work(QUIET - 5)
    assert world.works(new)
    world.work(10)
    assert world.state(started) == "ROLLING_BACK", "somebody uses the new key still"
    world.work(QUIET)
    assert world.state(started) == "NEW_INACTIVE"
    assert not world.works(new)
    world.akia.akia.authority.drain()
    world.work(1)
    assert world.works(new) and world.works(world.old), "and is not left alone"
    world.work(QUIET + 1)
    world.work(INACTIVE + 1)
    assert (world.state(started), world.keys()) == ("ROLLED_BACK", {world.old.access_key_id: "Active"})


# Deliveries


def test_what_a_target_does_not_take_is_tried_again_and_told(world: Rotating) -> None:
    shelf = world.shelf()
    shelf.error = NotDelivered("the shelf is full")
    started = world.start(Targets=["shelf"])
    for wait in (0, 61, 121):
        world.work(wait)
    told = world.told(started)["Rotation"]
    assert (told["State"], told["Problem"], told["DeliveredTargets"]) == ("OPEN", "the shelf is full", [])
    assert told["WaitsFor"] == "the target shelf to take the key"
    [alert] = world.alerts()
    assert alert.rule == "rotation-not-delivered" and "the shelf is full" in alert.summary
    shelf.error = None
    world.work(241)
    told = world.told(started)["Rotation"]
    assert (told["State"], told["DeliveredTargets"]) == ("OBSERVING", ["shelf"]) and "Problem" not in told


def test_a_secret_that_cannot_be_read_is_told_like_any_other_failure(world: Rotating) -> None:
    world.shelf()
    started = world.start(Targets=["shelf"])
    new = started["Rotation"]["NewAccessKeyId"]
    world.store.connection.execute("UPDATE access_keys SET sealed = :bad WHERE id = :id", bad=b"x" * 60, id=new)
    for wait in (0, 61, 121):
        world.work(wait)
    assert world.told(started)["Rotation"]["Problem"] == "the stored secret cannot be read"
    assert [alert.rule for alert in world.alerts()] == ["rotation-not-delivered"]


def test_nt_67_the_secret_stands_in_no_log_event_or_database_row_of_a_delivery(
    world: Rotating, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    shelf = world.shelf()
    started = world.start(Targets=["shelf"])
    world.work()
    secret = shelf.pair.secret_access_key

    class Chatty(Exception):
        pass

    shelf.error = Chatty(secret)
    world.own.roll_back_key_rotation(RotationId=started["Rotation"]["RotationId"])
    shelf.error = Chatty(world.old.secret_access_key)
    world.work()
    assert world.told(started)["Rotation"]["Problem"] == "Chatty"
    world.akia.akia.authority.drain()
    dumped = "\n".join(str(row) for table in ("events", "rotations", "rotation_steps", "alerts", "outbox")
                       for row in world.store.connection.execute(f"SELECT * FROM {table}"))  # fmt: skip
    for hidden in (secret, world.old.secret_access_key):
        assert hidden not in caplog.text
        assert hidden not in dumped


def test_a_target_that_is_not_there_any_more_is_a_problem_and_no_reason_to_forget_it(world: Rotating) -> None:
    world.shelf()
    started = world.start(Targets=["shelf"])
    world.akia.akia.authority.rotation_targets = Targets()
    world.work()
    assert "has no such target" in world.told(started)["Rotation"]["Problem"]
    shelf = world.shelf()
    world.work(61)
    assert len(shelf.got) == 1


class SlowShelf(Shelf):
    """Takes the key when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.may, self.ended = threading.Event(), threading.Event(), threading.Event()

    def deliver(self, key: DeliveredKey) -> None:
        self.begun.set()
        try:
            if not self.may.wait(10):
                raise NotDelivered("nobody has told me to")
            super().deliver(key)
        finally:
            self.ended.set()


@pytest.mark.covers("I6.rotation.called_again")
def test_a_target_that_takes_long_keeps_nobody_waiting_whose_inactive_key_is_called(world: Rotating, monkeypatch: Any) -> None:
    """A command may take ten minutes."""
    waiting, _ = distributed(world)
    world.work(1)
    world.work(QUIET + 1)
    assert world.state(waiting) == "OLD_INACTIVE"
    world.iam.create_user(UserName="app")
    key = world.iam.create_access_key(UserName="app")["AccessKey"]["AccessKeyId"]
    slow = SlowShelf()
    world.target("slow", slow, user="app")
    started = world.own.start_key_rotation(AccessKeyId=key, Targets=["slow"])
    monkeypatch.setattr(rotate_keys, "PATIENCE_SECONDS", 0.0)

    async def looks() -> None:
        await world.job.once(world.do)
        assert not world.works(world.old)
        world.akia.akia.authority.drain()
        world.clock.move(1)
        await world.job.once(world.do)
        assert world.works(world.old) and slow.got == []
        slow.may.set()
        monkeypatch.setattr(rotate_keys, "PATIENCE_SECONDS", 60.0)
        await world.job.once(world.do)

    asyncio.run(looks())
    assert world.state(started) == "OBSERVING" and len(slow.got) == 1, "and was delivered to once"


def test_back_a_target_that_is_not_there_any_more_is_told_of_and_does_not_keep_it_open_for_ever(world: Rotating) -> None:
    world.shelf()
    started = world.start(Targets=["shelf"])
    world.work()
    world.akia.akia.authority.rotation_targets = Targets()
    world.own.roll_back_key_rotation(RotationId=started["Rotation"]["RotationId"])
    for wait in (0, 61, 121, 241):
        assert world.state(started) == "ROLLING_BACK"
        world.work(wait)
    assert [alert.rule for alert in world.alerts()] == ["rotation-not-delivered"]
    world.work(QUIET + 1)
    world.work(INACTIVE + 1)
    assert (world.state(started), world.keys()) == ("ROLLED_BACK", {world.old.access_key_id: "Active"})


def test_the_end_of_a_worker_does_not_wait_for_a_target(world: Rotating, monkeypatch: Any) -> None:
    """`asyncio.run` waits for all threads of `to_thread`."""
    slow = SlowShelf()
    world.target("slow", slow)
    started = world.start(Targets=["slow"])
    monkeypatch.setattr(rotate_keys, "PATIENCE_SECONDS", 0.0)

    async def life() -> None:
        await world.job.once(world.do)
        assert await asyncio.to_thread(slow.begun.wait, 10)

    asyncio.run(life())
    assert not slow.ended.is_set()
    slow.may.set()
    monkeypatch.setattr(rotate_keys, "PATIENCE_SECONDS", 60.0)
    world.work(16, world.another_job())
    assert world.state(started) == "OBSERVING", "another one delivers"


# Several workers, and workers that die


@pytest.mark.covers("I6.rotation.once")
def test_several_workers_take_each_step_once(world: Rotating) -> None:
    shelf = world.shelf()
    started = world.start(Targets=["shelf"])
    jobs = [world.another_job() for _ in range(4)]
    for wait in (0, 1, QUIET + 1, 1, INACTIVE + 1, 1):
        world.clock.move(wait)
        for job in jobs:
            world.work(job=job)
    assert len(shelf.got) == 1
    assert [step["To"] for step in world.told(started)["History"]] == [
        "OPEN", "DISTRIBUTED", "OBSERVING", "QUIET", "OLD_INACTIVE", "DELETED",
    ]  # fmt: skip
    assert len(events(world, "DeleteAccessKey")) == len(events(world, "UpdateAccessKey")) == 1


@pytest.mark.covers("I6.rotation.once")
def test_a_step_that_somebody_else_has_taken_is_not_taken_again(world: Rotating) -> None:
    started, _ = distributed(world)
    stale = world.store.rotations.get(started["Rotation"]["RotationId"])
    assert stale is not None
    world.work(1)
    done: list[Any] = []

    async def late(work: Any) -> Any:
        done.append(await world.do(work))
        return done[-1]

    asyncio.run(world.job._go_on(stale, late))
    assert done == [None]


class Killed(BaseException):
    """No code of akia's comes after it."""


@pytest.mark.covers("I6.rotation.kill")
@pytest.mark.parametrize("number", range(1, 10))
@pytest.mark.parametrize("commit", ["before", "after"])
def test_a_worker_that_dies_at_any_commit_leaves_what_another_goes_on_with(world: Rotating, commit: str, number: int) -> None:
    """The first worker dies just before or just after its commit `number`."""
    shelf = world.shelf()
    started = world.start(Targets=["shelf"])
    plain, commits = world.do, 0

    async def dying(work: Any) -> Any:
        nonlocal commits
        commits += 1
        if commits == number and commit == "before":
            raise Killed
        done = await plain(work)
        if commits == number:
            raise Killed
        return done

    world.do = dying  # as long as this worker lives
    died = 0
    for wait in (0, 1, 16, 1, QUIET, 1, QUIET, 1, INACTIVE, 1, INACTIVE, 1):
        try:
            world.work(wait)
        except Killed:
            died += 1
            world.do = plain  # another worker
        assert "Active" in world.keys().values()
        assert not shelf.got or world.keys()[shelf.pair.access_key_id] == "Active"
    assert died == 1
    assert world.state(started) == "DELETED"
    assert [step["To"] for step in world.told(started)["History"]] == [
        "OPEN", "DISTRIBUTED", "OBSERVING", "QUIET", "OLD_INACTIVE", "DELETED",
    ]  # fmt: skip
    assert len(events(world, "DeleteAccessKey")) == len(events(world, "UpdateAccessKey")) == 1


def test_what_goes_wrong_with_one_rotation_keeps_no_other_from_going_on(
    world: Rotating, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    started, _ = distributed(world)
    world.iam.create_user(UserName="app")
    key = world.iam.create_access_key(UserName="app")["AccessKey"]["AccessKeyId"]
    other = world.own.start_key_rotation(AccessKeyId=key)
    world.own.confirm_key_distribution(RotationId=other["Rotation"]["RotationId"])
    plain = rotating.take

    def broken(store: Any, rotation: Any, *more: Any) -> Any:
        if rotation.id == started["Rotation"]["RotationId"]:
            raise RuntimeError("secret")
        return plain(store, rotation, *more)

    monkeypatch.setattr(rotating, "take", broken)
    world.work(1)
    assert (world.state(started), world.state(other)) == ("DISTRIBUTED", "OBSERVING")
    assert "is not taken: RuntimeError" in caplog.text and "secret" not in caplog.text
