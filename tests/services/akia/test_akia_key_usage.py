"""GetAccessKeyUsage: what was called with a key, from where and by which program (X16)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.config import Config
from tests.turns import turns

from akia.jobs.count_key_calls import CountKeyCalls, step

pytestmark = pytest.mark.covers("X16", "I6.keys.usage")


@pytest.fixture
def own(akia: Any) -> Any:
    """The service akia, for the administrator."""
    return akia.client("akia", akia.admin)


def count(akia: Any) -> None:
    """The job, to its end."""
    akia.akia.authority.drain()
    asyncio.run(CountKeyCalls(akia.akia.store, turns(akia.akia)).once())


def usage(own: Any, key: str, **asked: Any) -> dict[tuple[str, str], tuple[int, int]]:
    """By service and action, calls and denials."""
    pages = own.get_paginator("get_access_key_usage").paginate(AccessKeyId=key, **asked, PaginationConfig={"PageSize": 2})
    return {(each["Service"], each["Action"]): (each["Calls"], each["Denials"]) for page in pages for each in page["Usages"]}


def test_x16_the_history_is_exact_to_the_last_call(akia: Any, own: Any, refused: Any) -> None:
    person = akia.person("carl", {"Action": ["iam:ListRoles", "iam:GetUser"]})
    key, iam, sts = person.key.access_key_id, person.client("iam"), person.client("sts")
    assert own.get_access_key_usage(AccessKeyId=key)["Usages"] == []
    assert own.get_access_key_usage(AccessKeyId=key)["Total"] == {"Calls": 0, "Denials": 0}
    expected: dict[tuple[str, str], tuple[int, int]] = {}
    for round_ in (1, 2, 3):
        iam.list_roles(), sts.get_caller_identity(), iam.get_user()
        assert refused(iam.list_users)[0] == "AccessDenied"
        assert refused(iam.get_user, UserName="nobody")[0] == "NoSuchEntity"
        expected = {
            ("iam", "GetUser"): (2 * round_, 0), ("iam", "ListRoles"): (round_, 0), ("iam", "ListUsers"): (round_, round_),
            ("sts", "GetCallerIdentity"): (round_, 0),
        }  # fmt: skip
        assert usage(own, key) == expected
        if round_ == 2:
            count(akia)
            assert usage(own, key) == expected
    told = own.get_access_key_usage(AccessKeyId=key)
    [one] = [each for each in told["Usages"] if each["Action"] == "ListUsers"]
    assert (one["Region"], one["SourceAddress"]) == ("us-east-1", "127.0.0.1") and one["UserAgent"].startswith("Boto3/")
    assert one["FirstTime"] <= one["LastTime"] <= datetime.now(UTC)
    assert (told["Total"]["Calls"], told["Total"]["Denials"]) == (15, 3)
    assert told["Total"]["LastTime"] == max(each["LastTime"] for each in told["Usages"])
    assert "Others" not in told


def test_programs_and_regions_are_told_apart(akia: Any, own: Any) -> None:
    person = akia.person("carl", {"Action": "*"})
    for region, program in (("eu-west-1", "one"), ("eu-west-1", "two"), ("eu-central-1", "one")):
        person.client("cloudtrail", region=region, config=Config(user_agent=program)).lookup_events()
    told = own.get_access_key_usage(AccessKeyId=person.key.access_key_id)["Usages"]
    assert [(each["Region"], each["UserAgent"].split()[0], each["Calls"]) for each in told] == [
        ("eu-central-1", "one", 1), ("eu-west-1", "one", 1), ("eu-west-1", "two", 1),
    ]  # fmt: skip


def test_days_are_asked_for_in_utc(akia: Any, own: Any, refused: Any) -> None:
    person = akia.person("carl")
    person.client("sts").get_caller_identity()
    akia.akia.authority.drain()
    moved = "UPDATE events SET at_ms = 1700006399999 WHERE access_key_id = :key"  # 2023-11-14T23:59:59.999Z
    akia.akia.store.connection.execute(moved, key=person.key.access_key_id)
    key, once = person.key.access_key_id, {("sts", "GetCallerIdentity"): (1, 0)}
    for _ in range(2):
        assert usage(own, key) == usage(own, key, StartDay="2023-11-14") == usage(own, key, EndDay="2023-11-14") == once
        assert usage(own, key, StartDay="2023-11-14", EndDay="2023-11-14") == once
        assert usage(own, key, StartDay="2023-11-15") == usage(own, key, EndDay="2023-11-13") == {}
        count(akia)
    for wrong in ({"StartDay": "2023-13-01"}, {"StartDay": "2023-11-15", "EndDay": "2023-11-14"}, {"EndDay": "20231114"}):
        assert refused(own.get_access_key_usage, AccessKeyId=key, **wrong)[0] == "ValidationException"


def test_what_is_not_told_apart_is_told_as_others(akia: Any, own: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("akia.store.trail.key_calls.COMBINATIONS_A_DAY", 1)
    person = akia.person("carl", {"Action": "*"})
    for name in ("list_groups", "list_roles", "list_users"):
        getattr(person.client("iam"), name)()
    count(akia)
    told = own.get_access_key_usage(AccessKeyId=person.key.access_key_id)
    assert (len(told["Usages"]), told["Others"]["Calls"], told["Total"]["Calls"]) == (1, 2, 3)
    assert told["Others"]["LastTime"] - told["Others"]["FirstTime"] < timedelta(minutes=5)


def test_a_deleted_key_has_its_history_still_and_an_unknown_one_has_none(akia: Any, own: Any, refused: Any) -> None:
    person, key = akia.person("carl"), "AKIAQQQQQQQQQQQQQQQ2"
    person.client("sts").get_caller_identity()
    akia.client("iam").delete_access_key(UserName="carl", AccessKeyId=person.key.access_key_id)
    for _ in range(2):
        assert usage(own, person.key.access_key_id) == {("sts", "GetCallerIdentity"): (1, 0)}
        count(akia)
    assert refused(own.get_access_key_usage, AccessKeyId=key)[0] == "ResourceNotFoundException"


def test_nt_93_a_wrong_signature_is_no_use_of_the_key(akia: Any, own: Any, refused: Any) -> None:
    person = akia.person("carl")
    thief = akia.client("sts", type(person.key)(person.key.access_key_id, "x" * 40))
    assert refused(thief.get_caller_identity)[0] == "SignatureDoesNotMatch"
    assert usage(own, person.key.access_key_id) == {}
    assert "LastUse" not in own.describe_access_key(AccessKeyId=person.key.access_key_id)["AccessKey"]


def test_a_token_is_good_for_its_own_history_only(akia: Any, own: Any, refused: Any) -> None:
    person = akia.person("carl", {"Action": "*"})
    person.client("iam").list_users(), person.client("iam").list_roles()
    token = own.get_access_key_usage(AccessKeyId=person.key.access_key_id, MaxResults=1)["NextToken"]
    assert refused(own.get_access_key_usage, AccessKeyId=akia.root.access_key_id, NextToken=token)[0] == "ValidationException"


def test_an_interrupted_step_of_the_job_counts_nothing_twice(akia: Any, own: Any) -> None:
    person = akia.person("carl")
    for _ in range(3):
        person.client("sts").get_caller_identity()
    akia.akia.authority.drain()
    batch = akia.akia.writer.open()
    assert step(batch.store)
    batch.abandon()
    assert usage(own, person.key.access_key_id) == {("sts", "GetCallerIdentity"): (3, 0)}
    count(akia)
    count(akia)
    assert usage(own, person.key.access_key_id) == {("sts", "GetCallerIdentity"): (3, 0)}
