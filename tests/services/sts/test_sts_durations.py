"""How long sessions live, and how big their tokens are (P1.7-10, NT-29, W10.17)."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.config import Config

pytestmark = pytest.mark.covers("I2.services.assume_role")

MAY_ASSUME = {"Action": "sts:AssumeRole"}
UNCHECKED = Config(parameter_validation=False)
HOUR = 3_600


@pytest.mark.parametrize(
    ("asked", "longest", "seconds"), [(None, HOUR, HOUR), (900, HOUR, 900), (43_200, 43_200, 43_200), (None, 43_200, HOUR)]
)
def test_p1_7_10_a_role_session_lives_as_long_as_asked_or_an_hour(here: Any, trust: Any, asked: int, longest: int, seconds: int) -> None:
    bob = here.user("bob")
    role = here.role("reader", trust(here.arn("user/bob")), MaxSessionDuration=longest)
    session = here.take(bob, role, **({} if asked is None else {"DurationSeconds": asked}))
    assert session.seconds == seconds and abs(session.issued - time.time()) < 60


def test_nt_29_no_longer_than_the_role_allows(here: Any, trust: Any, refused: Any) -> None:
    bob = here.user("bob")
    role = here.role("reader", trust(here.arn("user/bob")), MaxSessionDuration=7_200)
    call = here.sts(bob).assume_role
    assert here.take(bob, role, DurationSeconds=7_200).seconds == 7_200
    message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    assert refused(call, RoleArn=role, RoleSessionName="test", DurationSeconds=7_201) == ("ValidationError", 400, message)
    here.iam.update_role(RoleName="reader", MaxSessionDuration=HOUR)
    assert refused(call, RoleArn=role, RoleSessionName="test", DurationSeconds=7_200) == ("ValidationError", 400, message)


@pytest.mark.parametrize("seconds", [899, 43_201, 0, -1, 10**30, "3_600", "3600.0", "", "١٨٠٠"])
def test_w10_17_durations_out_of_range_are_refused(here: Any, akia: Any, trust: Any, refused: Any, seconds: Any) -> None:
    role = here.role("reader", trust(here.account), MaxSessionDuration=43_200)
    sts = akia.client("sts", here.user("bob", MAY_ASSUME), config=UNCHECKED)
    for call, arguments in ((sts.assume_role, {"RoleArn": role, "RoleSessionName": "test"}), (sts.get_session_token, {})):
        if call == sts.get_session_token and seconds == 43_201:
            continue  # which is within its range
        code, status, _ = refused(call, DurationSeconds=seconds, **arguments)
        assert status == 400 and code in {"ValidationError", "MalformedInput"}


def test_nt_29_a_chain_is_capped_at_an_hour(here: Any, trust: Any, refused: Any) -> None:
    bob = here.user("bob")
    first = here.role("first", trust(here.arn("user/bob")), may=(MAY_ASSUME,), MaxSessionDuration=43_200)
    second = here.role("second", trust(here.account), MaxSessionDuration=43_200)
    long = here.take(bob, first, DurationSeconds=43_200)
    assert here.take(long, second).seconds == HOUR
    assert here.take(long, second, DurationSeconds=HOUR).seconds == HOUR
    assert refused(long.client("sts").assume_role, RoleArn=second, RoleSessionName="test", DurationSeconds=HOUR + 1) == (
        "ValidationError",
        400,
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
    )


def test_nt_29_a_session_never_outlives_the_one_that_made_it(here: Any, trust: Any) -> None:
    bob = here.user("bob", MAY_ASSUME)
    first = here.role("first", trust(here.account), may=(MAY_ASSUME,))
    second = here.role("second", trust(here.account), may=(MAY_ASSUME,))
    for short in (here.take(bob, first, DurationSeconds=900), here.session_token(bob, DurationSeconds=900)):
        end = short.answer["Credentials"]["Expiration"]
        longer = here.take(short, second, DurationSeconds=HOUR)
        assert longer.answer["Credentials"]["Expiration"] == end
        if short.answer.get("AssumedRoleUser"):
            assert here.take(longer, first).answer["Credentials"]["Expiration"] == end


def test_nt_29_nothing_outlives_the_key_that_it_comes_of(here: Any, trust: Any, refused: Any) -> None:
    """A key whose end is set does not go on by a session that it takes in its last minute."""
    bob = here.user("bob", {"Action": "sts:*"})
    role = here.role("reader", trust(here.account), may=(MAY_ASSUME,))
    end = datetime.fromtimestamp(int(time.time()) + 600, UTC)
    here.akia.client("akia").put_access_key_restrictions(AccessKeyId=bob.access_key_id, Restrictions={"ExpiresAt": end})
    taken = [here.take(bob, role), here.session_token(bob)]
    taken += [here.take(session, role) for session in taken]
    answers = [session.answer for session in taken] + [here.sts(bob).get_federation_token(Name="guest")]
    assert {answer["Credentials"]["Expiration"] for answer in answers} == {end}
    here.iam.enable_outbound_web_identity_federation()
    token = {"Audience": ["a"], "SigningAlgorithm": "RS256"}
    assert here.sts(bob).get_web_identity_token(**token)
    assert refused(here.sts(bob).get_web_identity_token, **token, DurationSeconds=900)[0] == "SessionDurationEscalationException"


def test_a_user_session_is_no_chain(here: Any, trust: Any) -> None:
    bob = here.user("bob", MAY_ASSUME)
    role = here.role("reader", trust(here.account), MaxSessionDuration=43_200)
    assert here.take(here.session_token(bob), role, DurationSeconds=7_200).seconds == 7_200


@pytest.mark.covers("I2.services.session_token")
@pytest.mark.parametrize(
    ("asked", "of_user", "of_root"), [(None, 43_200, HOUR), (900, 900, 900), (129_600, 129_600, HOUR), (7_200, 7_200, HOUR)]
)
def test_p1_7_10_a_session_of_ones_own(here: Any, asked: int, of_user: int, of_root: int) -> None:
    options = {} if asked is None else {"DurationSeconds": asked}
    assert here.session_token(here.user("bob"), **options).seconds == of_user
    assert here.session_token(here.root, **options).seconds == of_root


@pytest.mark.covers("I2.services.session_token")
@pytest.mark.parametrize("least", [0, 1, 1_000, 1_001, 4_095, 4_096])
def test_a_token_is_at_least_as_big_as_asked(here: Any, trust: Any, least: int) -> None:
    bob = here.user("bob")
    role = here.role("reader", trust(here.arn("user/bob")))
    for session in (here.take(bob, role, MinimumSessionTokenSize=least), here.session_token(bob, MinimumSessionTokenSize=least)):
        assert least <= len(session.token) == session.answer["SessionTokenSize"] <= 4_096
        assert session.answer["SessionTokenUtilization"] == -(-100 * len(session.token) // 4_096)
        assert session.client("sts").get_caller_identity()["Account"] == here.account
