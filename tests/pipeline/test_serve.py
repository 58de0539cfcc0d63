"""The life of a request: one answer and one event, and a change that is there with its event or not at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.attacks.refusals import read
from tests.attacks.signer import Signer
from tests.pipeline.stage import staged

from akia.aws.errors import NoSuchEntity
from akia.identity.access_key import AccessKey
from akia.identity.user import User
from akia.pipeline.authorize import Grant
from akia.pipeline.execute import execute
from akia.store.errors import StoreUnavailable

if TYPE_CHECKING:
    from tests.conftest import World

    from akia.operation import Context

NEW = "AIDAQQQQQQQQQQQQQQQQ7"


def create(ctx: Context, request: Any) -> None:
    ctx.store.users.add(User(ctx.account, NEW, request["UserName"], "/", ctx.now))


def create_and_crash(ctx: Context, request: Any) -> None:
    create(ctx, request)
    raise ZeroDivisionError("quoted: " + request["UserName"] * 3)


def create_and_refuse(ctx: Context, request: Any) -> None:
    create(ctx, request)
    raise NoSuchEntity("Not this one.")


@pytest.mark.covers("I2.store.unit_of_work")
def test_a_success_is_a_change_and_one_event(akia: World) -> None:
    stage = staged(akia, create)
    request = stage.request()
    assert stage.answer(request).status == 200
    [event] = stage.events(request)
    assert (event.name, event.error_code, event.verified) == ("CreateUser", "", True)
    assert "new" in stage.users()


@pytest.mark.covers("I2.store.unit_of_work")
def test_a_crash_is_an_internal_failure_with_one_event_and_no_change(akia: World, caplog: pytest.LogCaptureFixture) -> None:
    stage = staged(akia, create_and_crash)
    request = stage.request()
    refusal = read(stage.answer(request))
    assert (refusal.code, refusal.status) == ("InternalFailure", 500)
    [event] = stage.events(request)
    assert (event.error_code, event.verified) == ("InternalFailure", True)
    assert "new" not in stage.users()
    assert "ZeroDivisionError" in caplog.text and "create_and_crash" in caplog.text
    assert "newnewnew" not in caplog.text + event.record


def test_a_crash_of_a_read_is_an_internal_failure_with_one_event(akia: World) -> None:
    stage = staged(akia, lambda ctx, request: 1 / 0)
    request = stage.request("ListUsers")
    assert read(stage.answer(request)).code == "InternalFailure"
    assert [event.error_code for event in stage.events(request)] == ["InternalFailure"]


def test_a_result_that_cannot_be_written_out_is_a_crash_too(akia: World) -> None:
    def body(ctx: Context, request: Any) -> Any:
        create(ctx, request)
        return {"User": {"CreateDate": "yesterday"}}

    stage = staged(akia, body)
    request = stage.request()
    assert read(stage.answer(request)).code == "InternalFailure"
    assert "new" not in stage.users()
    assert [event.error_code for event in stage.events(request)] == ["InternalFailure"]


@pytest.mark.covers("I2.store.unit_of_work", "I2.store.group_commit")
def test_a_refusal_rolls_back_to_its_savepoint_and_keeps_its_event(akia: World) -> None:
    good, bad = staged(akia, create), staged(akia, create_and_refuse)
    refused, kept = bad.request(UserName="refused"), good.request(UserName="kept")
    writes = [bad.admitted(refused), good.admitted(kept)]
    batch = akia.akia.writer.open()
    answers = [bad.pipeline.perform(write, batch) for write in writes]
    batch.commit()
    akia.akia.committed(batch)
    assert [answer.status for answer in answers] == [404, 200]
    assert {"kept", "refused"} & good.users() == {"kept"}
    assert [event.error_code for event in good.events(refused)] == ["NoSuchEntity"]
    assert [event.error_code for event in good.events(kept)] == [""]


@pytest.mark.covers("I2.store.unit_of_work")
def test_without_its_event_a_change_does_not_happen(akia: World, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = staged(akia, create)
    request = stage.request()

    def full(*_: object) -> None:
        raise StoreUnavailable("database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr("akia.store.outbox.Outbox.add", full)
        refusal = read(stage.answer(request))
    assert (refusal.code, refusal.status) == ("ServiceUnavailable", 503)
    assert "new" not in stage.users()
    assert [event.error_code for event in stage.events(request)] == ["ServiceUnavailable"]


@pytest.mark.covers("I2.store.unit_of_work")
def test_an_event_that_cannot_be_made_undoes_only_its_own_change(akia: World) -> None:
    """A bug in what an operation says of its event must not take the others of its batch along."""
    good = staged(akia, create)
    bad = staged(akia, create, event_resources=lambda request, result: [("type", object())] if result is not None else [])
    poisoned, kept = bad.request(UserName="poisoned"), good.request(UserName="kept")
    writes = [bad.admitted(poisoned), good.admitted(kept)]
    batch = akia.akia.writer.open()
    answers = [good.pipeline.perform(write, batch) for write in writes]
    batch.commit()
    assert [answer.status for answer in answers] == [500, 200]
    assert {"kept", "poisoned"} & good.users() == {"kept"}
    assert [event.error_code for event in good.events(poisoned)] == ["InternalFailure"]


def test_a_read_whose_event_cannot_be_made_is_not_answered(akia: World, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = staged(akia, lambda ctx, request: {"Users": [], "IsTruncated": False})
    monkeypatch.setattr("akia.pipeline.record.Recorder.events", lambda *_: 1 / 0)
    refusal = read(stage.answer(stage.request("ListUsers")))
    assert (refusal.code, refusal.status) == ("ServiceUnavailable", 503)


@pytest.mark.covers("I2.store.unit_of_work")
def test_a_commit_that_fails_undoes_change_and_event(akia: World, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = staged(akia, create)
    request = stage.request()

    def full(*_: object) -> None:
        raise StoreUnavailable("database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr("akia.store.connection.Connection.commit", full)
        assert stage.answer(request).status == 503
    assert "new" not in stage.users()
    assert [event.error_code for event in stage.events(request)] == ["ServiceUnavailable"]
    assert stage.answer(stage.request()).status == 200


def test_a_batch_that_the_database_has_undone_itself_is_lost_for_all_of_its_turns(akia: World) -> None:
    """SQLite rolls the whole transaction back when the disk is full: nothing may go on in it."""

    def body(ctx: Context, request: Any) -> None:
        create(ctx, request)
        ctx.store.connection.rollback()
        raise StoreUnavailable("database or disk is full")

    stage = staged(akia, body)
    batch = akia.akia.writer.open()
    write = stage.admitted(stage.request())
    with pytest.raises(StoreUnavailable):
        stage.pipeline.perform(write, batch)
    assert batch.is_lost
    assert "new" not in stage.users()


@pytest.mark.covers("I2.store.prepare")
def test_prepare_runs_outside_any_transaction_and_feeds_the_body(akia: World) -> None:
    seen: list[Any] = []

    def prepare(request: Any) -> Any:
        seen.append(("prepare", stage.is_locked()))
        return {"UserName": request["UserName"] + "-prepared"}

    def body(ctx: Context, request: Any) -> None:
        seen.append(("body", stage.is_locked()))
        create(ctx, request)

    stage = staged(akia, body, prepare=prepare)
    write = stage.admitted(stage.request())
    assert write.is_slow
    assert stage.answer(stage.request()).status == 200
    assert seen == [("prepare", False), ("body", True)]
    assert "new-prepared" in stage.users()


@pytest.mark.covers("I2.store.prepare")
@pytest.mark.parametrize(("error", "code"), [(NoSuchEntity("x"), "NoSuchEntity"), (KeyError("x"), "InternalFailure")])
def test_a_prepare_that_refuses_or_crashes_leaves_one_event(akia: World, error: Exception, code: str) -> None:
    def prepare(request: Any) -> Any:
        raise error

    stage = staged(akia, create, prepare=prepare)
    request = stage.request()
    assert read(stage.answer(request)).code == code
    assert [event.error_code for event in stage.events(request)] == [code]
    assert "new" not in stage.users()


def remember(ctx: Context) -> None:
    """What is left behind in these tests: an alias."""
    account = ctx.account
    ctx.remember_refusal(lambda store: store.accounts.set_alias(account, "remembered"))


@pytest.mark.parametrize("action", ["CreateUser", "ListUsers"])
def test_a_refusal_leaves_behind_what_is_to_be_remembered_and_nothing_else(akia: World, action: str) -> None:
    """Of an operation that reads too, which has a turn to write for it."""

    def body(ctx: Context, request: Any) -> None:
        remember(ctx)
        if action == "CreateUser":
            create(ctx, request)
        raise NoSuchEntity("Not this one.")

    stage = staged(akia, body)
    request = stage.request(action)
    assert read(stage.answer(request)).code == "NoSuchEntity"
    assert [(event.name, event.error_code) for event in stage.events(request)] == [(action, "NoSuchEntity")]
    account = akia.akia.store.accounts.get(akia.account)
    assert account is not None and account.alias == "remembered"
    assert "new" not in stage.users()


def test_what_is_allowed_leaves_nothing_behind_that_only_a_refusal_would(akia: World) -> None:
    stage = staged(akia, lambda ctx, request: remember(ctx))
    for action in ("CreateUser", "ListUsers"):
        assert stage.answer(stage.request(action)).status == 200
    account = akia.akia.store.accounts.get(akia.account)
    assert account is not None and account.alias is None


def test_what_cannot_be_remembered_is_answered_and_has_its_event(akia: World) -> None:
    def body(ctx: Context, request: Any) -> None:
        ctx.remember_refusal(lambda store: store.access_keys.add(AccessKey(ctx.account, "AKIA", "AIDANOBODY", 1), "x"))
        raise NoSuchEntity("Not this one.")

    stage = staged(akia, body)
    request = stage.request()
    assert stage.answer(request).status == 500
    assert [event.error_code for event in stage.events(request)] == ["InternalFailure"]


def test_a_second_factor_is_asked_before_policies_are_and_they_see_it(akia: World) -> None:
    moments: list[int | None] = []
    key = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    eve = Signer.of(akia.person("eve", {"Action": "iam:CreateUser", "Condition": key}).key)
    for at in (None, 1):
        stage = staged(akia, lambda ctx, request: moments.append(ctx.now), second_factor=lambda ctx, request, at=at: at and ctx.now)
        assert stage.answer(stage.request(signer=eve)).status == (403 if at is None else 200)
    assert len(moments) == 1


def test_nt_86_an_operation_that_names_no_resource_is_denied_to_everybody(akia: World) -> None:
    stage = staged(akia, create, resource=lambda ctx, request: ())
    for key in (akia.admin, akia.root):
        request = stage.request(signer=Signer.of(key))
        refusal = read(stage.answer(request))
        assert (refusal.code, refusal.message.endswith("is not authorized to perform: iam:CreateUser")) == ("AccessDenied", True)
        [event] = stage.events(request)
        assert json.loads(event.decision)[0]["resources"] == [""]
    assert "new" not in stage.users()


def test_a_grant_is_for_one_operation(akia: World) -> None:
    stage = staged(akia, create)
    grant = stage.admitted(stage.request()).grant
    assert isinstance(grant, Grant)
    other = staged(akia, create).pipeline.services.operation("iam", "CreateUser")
    with pytest.raises(AssertionError):
        execute(other, grant)
