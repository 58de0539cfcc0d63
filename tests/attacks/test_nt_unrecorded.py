"""NT-72: what cannot be recorded does not happen. While no event can be written every call is refused, whatever its kind, and leaves
nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests import openid
from tests.attacks.signer import Signer, forged, form
from tests.conftest import World, policy, refusal

from akia.pipeline.serve import NOT_RECORDED
from akia.store.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from akia.wire import Answer

pytestmark = pytest.mark.covers("I5.refused_when_unrecorded")


@pytest.fixture
def no_journal(akia: World, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on the journal takes no event; the database works."""

    def broken(_: object) -> None:
        raise OSError(28, "No space left on device")

    return lambda: monkeypatch.setattr(akia.akia.journal, "write", broken)


@pytest.fixture
def no_outbox(akia: World, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From its call on neither outbox nor journal take an event."""

    def broken(*_: object) -> None:
        raise StoreUnavailable("database or disk is full")

    def no_space(_: object) -> None:
        raise OSError(28, "No space left on device")

    def breaks() -> None:
        monkeypatch.setattr("akia.store.outbox.Outbox.add", broken)
        monkeypatch.setattr(akia.akia.journal, "write", no_space)

    return breaks


def kinds(akia: World) -> dict[str, Callable[[], Answer]]:
    """A call of each kind that is recorded in the journal, ready to be sent."""
    admin, bob = Signer.of(akia.admin), Signer.of(akia.person("bob").key)
    issuer = openid.Issuer()
    arn = openid.role(akia, "deployer", openid.trusting(openid.known_to(akia, issuer)))
    openid.take(akia, arn, issuer.token())  # its keys are known now
    web = form("AssumeRoleWithWebIdentity", "sts", RoleArn=arn, RoleSessionName="build", WebIdentityToken=issuer.token())
    return {
        "read": lambda: akia.answer(admin.header(form("ListUsers"))),
        "credentials": lambda: akia.answer(admin.header(form("GetSessionToken", "sts"), "sts")),
        "credentials for a token": lambda: akia.answer(web),
        "denied": lambda: akia.answer(bob.header(form("ListUsers"))),
        "denied write": lambda: akia.answer(bob.header(form("CreateUser", UserName="eve"))),
        "forged": lambda: akia.answer(forged(bob.header(form("ListUsers")))),
        "late": lambda: akia.answer(bob.header(form("ListUsers"), at=1.0)),
        "unsigned": lambda: akia.answer(form("ListUsers")),
        "nonsense": lambda: akia.answer(admin.header(form("NoSuchAction"))),
        "invalid": lambda: akia.answer(admin.header(form("GetUser", UserName="/"))),
    }


KINDS = ("read", "credentials", "credentials for a token", "denied", "denied write", "forged", "late", "unsigned", "nonsense", "invalid")


@pytest.mark.parametrize("kind", KINDS)
def test_nt_72_without_a_journal_no_call_is_answered(akia: World, no_journal: Callable[[], None], kind: str) -> None:
    call = kinds(akia)[kind]
    before = call()
    no_journal()
    answer = call()
    assert before.status != 503
    assert answer.status == 503 and NOT_RECORDED.encode() in answer.body
    assert b"AccessKeyId" not in answer.body and b"SessionToken" not in answer.body and b"<Users>" not in answer.body


WRITES: dict[str, tuple[str, dict[str, Any]]] = {
    "user": ("create_user", {"UserName": "alice"}),
    "key": ("create_access_key", {"UserName": "bob"}),
    "password": ("create_login_profile", {"UserName": "bob", "Password": "correct-Horse-9"}),
    "policy": ("put_user_policy", {"UserName": "bob", "PolicyName": "p", "PolicyDocument": policy({"Action": "s3:*"})}),
    "deletion": ("delete_user", {"UserName": "bob"}),
}


@pytest.mark.parametrize("kind", WRITES)
def test_nt_72_without_its_event_a_change_does_not_happen(akia: World, no_outbox: Callable[[], None], kind: str) -> None:
    akia.client("iam").create_user(UserName="bob")
    connection = akia.akia.store.connection
    tables = ("users", "access_keys", "login_profiles", "inline_policies", "changes", "outbox", "events")
    before = [connection.execute(f"SELECT count(*) FROM {table}") for table in tables]
    operation, arguments = WRITES[kind]
    no_outbox()
    code, status, _ = refusal(getattr(akia.client("iam"), operation), **arguments)
    assert (code, status) == ("ServiceUnavailable", 503)
    assert [connection.execute(f"SELECT count(*) FROM {table}") for table in tables] == before


def test_nt_72_calls_are_answered_again_as_soon_as_events_can_be_written(akia: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise OSError(28, "No space left on device")

    iam = akia.client("iam")
    with monkeypatch.context() as patched:
        patched.setattr(akia.akia.journal, "write", broken)
        assert refusal(iam.list_users)[0] == "ServiceUnavailable"
    assert iam.list_users()["Users"]
    events = akia.client("cloudtrail").lookup_events()["Events"]
    assert [event["EventName"] for event in events].count("ListUsers") == 1, "the refused one was never recorded, and never answered"
