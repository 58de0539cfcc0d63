"""One-time codes in STS: they count once, only those of the caller's own device, and policies see them (NT-38, NT-79, P1.7-9)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tests.attacks.signer import Signer, form
from tests.signin import STEP, Clock, Device

from akia.authority.facts import RequestFacts
from akia.aws.ids import new_guid
from akia.pipeline.request import Request
from akia.pipeline.serve import Write

WRONG = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
UNKNOWN_DEVICE = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)
MFA = {"aws:MultiFactorAuthPresent": "true"}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock.of(monkeypatch)


@pytest.fixture
def bob(here: Any) -> Any:
    """The key of a user who may do anything, and has a device (`phone`)."""
    return here.user("bob", {"Action": "*"})


@pytest.fixture
def phone(here: Any, bob: Any, clock: Clock) -> Device:
    device = Device(here.iam, "bob", clock)
    here.iam.enable_mfa_device(UserName="bob", SerialNumber=device.serial, **device.pair())
    clock.move(STEP)
    return device


def claim(device: Device, steps: int = 0) -> dict[str, str]:
    return {"SerialNumber": device.serial, "TokenCode": device.code(steps)}


def stored(here: Any, device: Device) -> Any:
    return here.akia.akia.store.mfa_devices.get(device.serial)


def test_p1_7_9_with_a_code_the_users_session_may_call_iam(here: Any, bob: Any, phone: Device) -> None:
    session = here.session_token(bob, **claim(phone))
    assert session.client("iam").get_user()["User"]["UserName"] == "bob"
    claims = here.akia.akia.authority.tokens.open(session.key.access_key_id, session.token.encode())
    assert claims.session.mfa_at == claims.session.issued


def test_nt_79_a_code_counts_once(here: Any, bob: Any, phone: Device, clock: Clock, denied: Any, trust: Any) -> None:
    role = here.role("reader", trust(here.arn("user/bob")))
    used = claim(phone)
    here.session_token(bob, **used)
    assert denied(here.sts(bob).get_session_token, **used) == WRONG
    assert denied(here.sts(bob).assume_role, RoleArn=role, RoleSessionName="test", **used) == WRONG
    clock.move(STEP)
    here.take(bob, role, **claim(phone))
    assert denied(here.sts(bob).get_session_token, **claim(phone)) == WRONG
    assert denied(here.sts(bob).get_session_token, **claim(phone, -1)) == WRONG  # unused in its time or not, it is over


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_nt_79_a_code_is_good_for_a_step_before_and_after(
    here: Any, bob: Any, phone: Device, clock: Clock, denied: Any, steps: int, right: bool
) -> None:
    clock.move(5 * STEP)
    if right:
        assert here.session_token(bob, **claim(phone, steps))
    else:
        assert denied(here.sts(bob).get_session_token, **claim(phone, steps)) == WRONG


def test_after_a_resync_the_codes_of_the_drifted_clock_count(here: Any, bob: Any, phone: Device, clock: Clock, denied: Any) -> None:
    phone.ahead = 10 * 60
    assert denied(here.sts(bob).get_session_token, **claim(phone)) == WRONG
    here.iam.resync_mfa_device(UserName="bob", SerialNumber=phone.serial, **phone.pair())
    clock.move(STEP)
    assert here.session_token(bob, **claim(phone))


def test_nt_79_foreign_unknown_and_disabled_devices(here: Any, bob: Any, phone: Device, clock: Clock, denied: Any, trust: Any) -> None:
    carol = here.user("carol", {"Action": "*"})
    role = here.role("reader", trust(here.account))
    for caller, device in ((carol, claim(phone)), (here.root, claim(phone)), (bob, {**claim(phone), "SerialNumber": phone.serial + "x"})):
        assert denied(here.sts(caller).get_session_token, **device) == UNKNOWN_DEVICE
    assert denied(here.sts(carol).assume_role, RoleArn=role, RoleSessionName="test", **claim(phone)) == UNKNOWN_DEVICE
    assert stored(here, phone).failures == 0  # NT-38: what strangers try is not counted against the owner
    new = Device(here.iam, "new", clock)
    assert denied(here.sts(bob).get_session_token, **claim(new)) == UNKNOWN_DEVICE
    here.iam.deactivate_mfa_device(UserName="bob", SerialNumber=phone.serial)
    assert denied(here.sts(bob).get_session_token, **claim(phone)) == UNKNOWN_DEVICE


def test_nt_79_a_role_that_asks_for_mfa_is_taken_with_a_code_only(here: Any, bob: Any, phone: Device, denied: Any, trust: Any) -> None:
    role = here.role("reader", trust(here.arn("user/bob"), Bool=MFA, NumericLessThan={"aws:MultiFactorAuthAge": "1"}))
    assert "no role trust policy allows" in denied(here.sts(bob).assume_role, RoleArn=role, RoleSessionName="test")
    for code in ("000000", phone.code(2)):
        guess = {"SerialNumber": phone.serial, "TokenCode": code}
        assert denied(here.sts(bob).assume_role, RoleArn=role, RoleSessionName="test", **guess) == WRONG
    assert stored(here, phone).failures == 2
    assert here.take(bob, role, **claim(phone))
    assert stored(here, phone).failures == 0


def test_the_key_is_present_in_the_callers_own_policies_too(here: Any, clock: Clock, denied: Any, trust: Any) -> None:
    dora = here.user("dora", {"Action": "sts:AssumeRole", "Condition": {"Bool": MFA}})
    device = Device(here.iam, "dora", clock)
    here.iam.enable_mfa_device(UserName="dora", SerialNumber=device.serial, **device.pair())
    clock.move(STEP)
    role = here.role("reader", trust(here.account))
    assert "sts:AssumeRole" in denied(here.sts(dora).assume_role, RoleArn=role, RoleSessionName="test")
    assert here.take(dora, role, **claim(device))


def test_the_decision_record_says_that_there_was_a_second_factor(here: Any, bob: Any, phone: Device, trust: Any) -> None:
    role = here.role("reader", trust(here.arn("user/bob"), Bool=MFA))
    answer = here.take(bob, role, **claim(phone)).answer
    here.akia.akia.authority.drain()
    [event] = here.akia.akia.store.events.by_request_id(answer["ResponseMetadata"]["RequestId"])
    context = json.loads(event.decision)[0]["context"]
    assert (context["aws:multifactorauthpresent"], context["aws:multifactorauthage"]) == ("true", "0")
    assert "tokenCode" not in event.record and "serialNumber" in event.record


def test_contested_role_sessions_that_were_taken_with_a_code_carry_it(here: Any, bob: Any, phone: Device, trust: Any, refused: Any) -> None:
    may = ({"Action": "iam:ListUsers", "Condition": {"Bool": MFA}},)
    role = here.role("reader", trust(here.arn("user/bob")), may=may)
    assert refused(here.take(bob, role).client("iam").list_users)[0] == "AccessDenied"
    assert here.take(bob, role, **claim(phone)).client("iam").list_users()["Users"]


def test_a_session_with_mfa_takes_roles_that_ask_for_it(here: Any, bob: Any, phone: Device, trust: Any) -> None:
    role = here.role("reader", trust(here.arn("user/bob"), Bool=MFA))
    session = here.session_token(bob, **claim(phone))
    chained = here.take(session, role)
    claims = here.akia.akia.authority.tokens.open(chained.key.access_key_id, chained.token.encode())
    assert claims.session.mfa_at is None  # the new session itself was taken without a code


def test_a_role_session_has_no_device(here: Any, bob: Any, phone: Device, denied: Any, trust: Any) -> None:
    role = here.role("reader", trust(here.account), may=({"Action": "sts:AssumeRole"},))
    session = here.take(bob, role)
    assert denied(here.sts(session).assume_role, RoleArn=role, RoleSessionName="test", **claim(phone)) == UNKNOWN_DEVICE


def test_root_has_codes_too(here: Any, clock: Clock) -> None:
    device = Device(here.iam, "root-account-mfa-device", clock)
    here.iam.enable_mfa_device(UserName="root", SerialNumber=device.serial, **device.pair())
    clock.move(STEP)
    assert here.session_token(here.root, **claim(device)).client("iam").list_users()["Users"]


# NT-38


def test_nt_38_codes_are_not_guessed_quickly(here: Any, bob: Any, phone: Device, clock: Clock, denied: Any) -> None:
    sts = here.sts(bob)
    for _ in range(5):
        assert denied(sts.get_session_token, SerialNumber=phone.serial, TokenCode="000000") == WRONG
    assert denied(sts.get_session_token, **claim(phone)) == WRONG  # right, and too early: nothing tells
    clock.move(16)
    assert denied(sts.get_session_token, SerialNumber=phone.serial, TokenCode="000000") == WRONG
    clock.move(16)
    assert denied(sts.get_session_token, **claim(phone)) == WRONG  # the wait has doubled
    clock.move(16)
    assert here.session_token(bob, **claim(phone))
    assert stored(here, phone).failures == 0


def test_nt_38_guesses_count_though_the_role_would_have_been_refused(here: Any, bob: Any, phone: Device, denied: Any, trust: Any) -> None:
    """They are refused before anything is written, and yet each is remembered, for every worker and after a restart."""
    for name, statement in (("one", trust(here.arn("user/bob"), Bool=MFA)), ("two", trust(here.arn("user/nobody")))):
        if name == "two":
            here.user("nobody")
        role = here.role(name, statement)
        assert (
            denied(here.sts(bob).assume_role, RoleArn=role, RoleSessionName="test", SerialNumber=phone.serial, TokenCode="000000") == WRONG
        )
    assert here.akia.akia.store.another().mfa_devices.get(phone.serial).failures == 2


def test_nt_38_of_guesses_made_at_once_only_the_first_few_count(here: Any, bob: Any, phone: Device) -> None:
    """All are admitted before any is counted; the right one is refused all the same: its turn comes behind five wrong ones."""

    def asked(code: str) -> Request:
        fields = {"SerialNumber": phone.serial, "TokenCode": code}
        http = Signer.of(bob).header(form("GetSessionToken", "sts", **fields), "sts")
        facts = RequestFacts(new_guid(), phone._clock.time(), "192.0.2.7", secure=False, user_agent="", host="")
        return Request(http, facts)

    akia = here.akia.akia
    served = [akia.pipeline.serve(asked(code)) for code in (*["000000"] * 6, phone.code())]
    batch = akia.writer.open()
    answers = [akia.pipeline.perform(write, batch) for _, write in served if isinstance(write, Write)]
    batch.commit()
    assert [answer.status for answer in answers] == [403] * 7
    assert stored(here, phone).failures == 5


def test_a_refused_code_has_its_event(here: Any, bob: Any, phone: Device, denied: Any, trust: Any) -> None:
    role = here.role("reader", trust(here.arn("user/bob")))
    denied(here.sts(bob).assume_role, RoleArn=role, RoleSessionName="test", SerialNumber=phone.serial, TokenCode="000000")
    here.akia.akia.authority.drain()
    (row,) = here.akia.akia.store.connection.execute("SELECT record FROM events WHERE name = 'AssumeRole'")
    assert WRONG.strip() in row[0] and "000000" not in row[0]


def test_a_damaged_seed_is_a_503_and_not_a_way_in(here: Any, bob: Any, phone: Device, refused: Any) -> None:
    here.akia.akia.store.connection.execute("UPDATE mfa_devices SET sealed = zeroblob(100)")
    assert refused(here.sts(bob).get_session_token, **claim(phone))[:2] == ("ServiceUnavailable", 503)


def test_an_account_that_moved_its_quota_keeps_its_devices(here: Any, bob: Any, phone: Device) -> None:
    authority = here.akia.akia.authority
    authority.quotas = replace(authority.quotas, mfa_devices_per_user=0)
    assert here.session_token(bob, **claim(phone))
