"""PutLimit, DeleteLimit, ListLimits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config
from tests.limiting import Clock, granted, operated, refusal, stopped
from tests.organization import World as Organization

from akia.authority.limits_file import Bound
from akia.identity.limit import Scope
from akia.identity.quotas import Quotas

if TYPE_CHECKING:
    from tests.conftest import World

pytestmark = pytest.mark.covers("I6.limits.service")
ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture
def clock(akia: World) -> Clock:
    return stopped(akia)


@pytest.fixture
def own(akia: World, clock: Clock) -> Any:
    """The service akia, for the root user."""
    return akia.client("akia", config=ONCE)


def set_by_account(own: Any) -> list[dict[str, Any]]:
    return [limit for limit in own.list_limits()["Limits"] if limit["Source"] == "ACCOUNT"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"Scope": "ACCOUNT_OPERATION", "Action": "iam:CreateUser", "Rate": 5}, {"Rate": 5.0, "Burst": 5, "UsedPercent": 0}),
        (
            {"Scope": "ACCOUNT_OPERATION", "Action": "IAM:createuser", "Rate": 0.5},
            {"Action": "iam:CreateUser", "Burst": 1, "UsedPercent": 0},
        ),
        ({"Scope": "ACCOUNT_OPERATION", "Action": "iam:*", "Rate": 7, "Burst": 20}, {"Burst": 20, "UsedPercent": 0}),
        ({"Scope": "KEY", "DailyBudget": 10}, {"DailyBudget": 10}),
        ({"Scope": "KEY", "Rate": 12.345, "DailyBudget": 10}, {"Rate": 12.345, "Burst": 12}),
        ({"Scope": "PRINCIPAL", "Rate": 2}, {"Rate": 2.0}),
        ({"Scope": "PRINCIPAL", "Subject": "arn:aws:iam::123456789012:root", "Rate": 2}, {"UsedPercent": 0}),
        ({"Scope": "PRINCIPAL", "Subject": "arn:aws:iam::123456789012:user/administrator", "Rate": 2}, {"UsedPercent": 0}),
        ({"Scope": "ADDRESS", "Rate": 2}, {"Rate": 2.0}),
        ({"Scope": "ADDRESS", "Subject": "203.0.113.0/24", "Rate": 2}, {}),
        ({"Scope": "ADDRESS", "Subject": "2001:DB8::/48", "Rate": 2}, {"Subject": "2001:db8::/48"}),
        ({"Scope": "ADDRESS", "Subject": "2001:db8::5", "Rate": 2}, {"Subject": "2001:db8::/64"}),
        ({"Scope": "ADDRESS", "Subject": "::ffff:203.0.113.7", "Rate": 2}, {"Subject": "203.0.113.7/32"}),
    ],
)
def test_a_limit_is_set_and_listed_and_removed(own: Any, asked: dict[str, Any], told: dict[str, Any]) -> None:
    put = own.put_limit(**asked)["Limit"]
    assert put.items() >= {"Source": "ACCOUNT", "ThrottledCount": 0, **asked, **told}.items()
    [listed] = set_by_account(own)
    assert listed | {"UsedPercent": 0} == put | {"UsedPercent": 0}, "to list them uses some of it"
    named = {name: asked[name] for name in ("Scope", "Subject", "Action") if name in asked}
    own.delete_limit(**named)
    assert set_by_account(own) == []
    assert refusal(own.delete_limit, **named)["Error"]["Code"] == "ResourceNotFoundException"


def test_setting_it_again_changes_it_from_the_next_request_on(akia: World, own: Any) -> None:
    sts = akia.client("sts", config=ONCE)
    own.put_limit(Scope="ACCOUNT_OPERATION", Action="sts:GetCallerIdentity", Rate=4)
    assert granted(sts.get_caller_identity, 9) == 4
    own.put_limit(Scope="ACCOUNT_OPERATION", Action="sts:GetCallerIdentity", Rate=9, Burst=9)
    [limit] = set_by_account(own)
    assert (limit["Rate"], limit["Burst"], limit["UsedPercent"], limit["ThrottledCount"]) == (9.0, 9, 100, 5)
    own.delete_limit(Scope="ACCOUNT_OPERATION", Action="sts:GetCallerIdentity")
    assert granted(sts.get_caller_identity, 9) == 9


def test_a_budget_tells_how_much_of_the_day_is_used(akia: World, own: Any) -> None:
    key = akia.person("ann").key
    own.put_limit(Scope="KEY", Subject=key.access_key_id, DailyBudget=8)
    assert granted(akia.client("sts", key, config=ONCE).get_caller_identity, 6) == 6
    [limit] = set_by_account(own)
    assert (limit["UsedToday"], limit["UsedPercent"]) == (6, 75)


def test_a_budget_that_is_removed_and_set_again_is_as_used_up_as_before(akia: World, own: Any) -> None:
    key = akia.person("ann").key
    named = {"Scope": "KEY", "Subject": key.access_key_id}
    own.put_limit(**named, DailyBudget=3)
    sts = akia.client("sts", key, config=ONCE)
    assert granted(sts.get_caller_identity, 5) == 3
    own.delete_limit(**named)
    own.put_limit(**named, DailyBudget=4)
    assert granted(sts.get_caller_identity, 5) == 1


def test_a_limit_of_a_key_goes_with_it(akia: World, own: Any) -> None:
    person = akia.person("ann")
    own.put_limit(Scope="KEY", Subject=person.key.access_key_id, Rate=1)
    akia.client("iam").delete_access_key(UserName="ann", AccessKeyId=person.key.access_key_id)
    assert set_by_account(own) == []


def test_a_limit_of_a_user_goes_with_it_and_concerns_no_namesake(akia: World, own: Any) -> None:
    iam = akia.client("iam")
    arn = iam.create_user(UserName="ann")["User"]["Arn"]
    own.put_limit(Scope="PRINCIPAL", Subject=arn, Rate=1)
    assert set_by_account(own)[0]["Subject"] == arn
    iam.delete_user(UserName="ann")
    assert set_by_account(own) == []
    assert granted(akia.person("ann").client("sts", config=ONCE).get_caller_identity, 5) == 5


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"Scope": "ACCOUNT_OPERATION", "Rate": 1}, "ValidationException"),
        ({"Scope": "ACCOUNT_OPERATION", "Action": "iam:NoSuchThing", "Rate": 1}, "ValidationException"),
        ({"Scope": "ACCOUNT_OPERATION", "Action": "nosuch:*", "Rate": 1}, "ValidationException"),
        ({"Scope": "ACCOUNT_OPERATION", "Action": "iam:CreateUser", "Subject": "x", "Rate": 1}, "ValidationException"),
        ({"Scope": "ACCOUNT_OPERATION", "Action": "iam:CreateUser"}, "ValidationException"),
        ({"Scope": "ACCOUNT_OPERATION", "Action": "iam:CreateUser", "DailyBudget": 5}, "ValidationException"),
        ({"Scope": "ACCOUNT_OPERATION", "Action": "iam:CreateUser", "Rate": 0}, "ValidationException"),
        ({"Scope": "ACCOUNT_OPERATION", "Action": "iam:CreateUser", "Rate": -1}, "ValidationException"),
        ({"Scope": "ACCOUNT_OPERATION", "Action": "iam:CreateUser", "Rate": float("nan")}, "ValidationException"),
        ({"Scope": "ACCOUNT_OPERATION", "Action": "iam:CreateUser", "Rate": float("inf")}, "ValidationException"),
        ({"Scope": "KEY", "Action": "iam:CreateUser", "Rate": 1}, "ValidationException"),
        ({"Scope": "KEY", "Burst": 5, "DailyBudget": 5}, "ValidationException"),
        ({"Scope": "KEY", "Subject": "AKIAQQQQQQQQQQQQQQQ2", "Rate": 1}, "ResourceNotFoundException"),
        ({"Scope": "PRINCIPAL", "Subject": "arn:aws:iam::123456789012:user/nobody", "Rate": 1}, "ResourceNotFoundException"),
        ({"Scope": "PRINCIPAL", "Subject": "administrator", "Rate": 1}, "ResourceNotFoundException"),
        ({"Scope": "ADDRESS", "Subject": "203.0.113.7/24", "Rate": 1}, "ValidationException"),
        ({"Scope": "ADDRESS", "Subject": "example.com", "Rate": 1}, "ValidationException"),
        ({"Scope": "EVERYTHING", "Rate": 1}, "ValidationException"),
    ],
)
def test_what_means_nothing_is_refused(own: Any, asked: dict[str, Any], code: str) -> None:
    """A limit that is misspelt would silently hold nobody (NT-95)."""
    told = refusal(own.put_limit, **asked)
    assert told["Error"]["Code"] == code, told
    assert set_by_account(own) == []


def test_a_group_is_no_principal(akia: World, own: Any) -> None:
    arn = akia.client("iam").create_group(GroupName="g")["Group"]["Arn"]
    assert refusal(own.put_limit, Scope="PRINCIPAL", Subject=arn, Rate=1)["Error"]["Code"] == "ValidationException"


def test_there_is_a_quota(akia: World, own: Any) -> None:
    akia.akia.authority.quotas = Quotas(limits_per_account=1)
    own.put_limit(Scope="KEY", Rate=1000)
    own.put_limit(Scope="KEY", Rate=2000)
    assert refusal(own.put_limit, Scope="PRINCIPAL", Rate=1)["Error"]["Code"] == "ServiceQuotaExceededException"


def test_other_accounts_keys_and_principals_are_not_found_and_their_limits_apart(akia: World, own: Any) -> None:
    member = Organization(akia).account("member")
    theirs = {"Scope": "KEY", "Subject": member.root.access_key_id}
    assert refusal(own.put_limit, **theirs, Rate=1)["Error"]["Code"] == "ResourceNotFoundException"
    arn = f"arn:aws:iam::{member.id}:root"
    assert refusal(own.put_limit, Scope="PRINCIPAL", Subject=arn, Rate=1)["Error"]["Code"] == "ResourceNotFoundException"
    member.client("akia").put_limit(**theirs, Rate=1000)
    assert set_by_account(own) == []
    assert refusal(own.delete_limit, **theirs)["Error"]["Code"] == "ResourceNotFoundException"
    assert len(set_by_account(member.client("akia"))) == 1


def test_who_may(akia: World, own: Any, refused: Any) -> None:
    arn = f"arn:aws:akia::{akia.account}:limit"
    person = akia.person(
        "ann",
        {"Action": "akia:PutLimit", "Resource": f"{arn}/KEY/*"},
        {"Action": "akia:DeleteLimit", "Resource": f"{arn}/ACCOUNT_OPERATION/iam:CreateUser"},
    )
    theirs = person.client("akia", config=ONCE)
    theirs.put_limit(Scope="KEY", Rate=1000)
    own.put_limit(Scope="ACCOUNT_OPERATION", Action="iam:CreateUser", Rate=1)
    theirs.delete_limit(Scope="ACCOUNT_OPERATION", Action="iam:CreateUser")
    for call, asked in (
        (theirs.put_limit, {"Scope": "PRINCIPAL", "Rate": 1}),
        (theirs.delete_limit, {"Scope": "KEY"}),
        (theirs.list_limits, {}),
        (akia.person("eve").client("akia").put_limit, {"Scope": "KEY", "Rate": 1}),
    ):
        assert refused(call, **asked)[0] == "AccessDeniedException"


def test_aws_rates_and_the_operators_are_listed_with_their_source(akia: World) -> None:
    operated(akia, published=True, actions={"iam:*": Bound(50, 60)}, each={Scope.KEY: Bound(20, 20, 1000)})
    own = akia.client("akia", config=ONCE)
    own.put_limit(Scope="ACCOUNT_OPERATION", Action="cloudtrail:LookupEvents", Rate=20)
    listed = {(each["Scope"], each.get("Action", ""), each["Source"]): each for each in own.list_limits(MaxResults=1000)["Limits"]}
    assert listed["ACCOUNT_OPERATION", "sts:*", "AWS"].items() >= {"Rate": 600.0, "Burst": 600, "UsedPercent": 0}.items()
    assert listed["ACCOUNT_OPERATION", "cloudtrail:ListTrails", "AWS"]["Rate"] == 10.0
    assert listed["ACCOUNT_OPERATION", "iam:*", "OPERATOR"].items() >= {"Rate": 50.0, "Burst": 60}.items()
    assert listed["KEY", "", "OPERATOR"].items() >= {"Rate": 20.0, "DailyBudget": 1000}.items()
    assert ("ACCOUNT_OPERATION", "cloudtrail:LookupEvents", "AWS") not in listed, "the account has set another"
    assert listed["ACCOUNT_OPERATION", "cloudtrail:LookupEvents", "ACCOUNT"]["Rate"] == 20.0


def test_refusals_of_a_limit_for_each_are_counted_together(akia: World, own: Any) -> None:
    people = [akia.person("ann"), akia.person("ben")]
    own.put_limit(Scope="KEY", Rate=2)
    for person in people:
        assert granted(person.client("sts", config=ONCE).get_caller_identity, 5) == 2
    own.delete_limit(Scope="KEY")
    assert own.put_limit(Scope="KEY", Rate=3)["Limit"]["ThrottledCount"] == 6


def test_w6_8_pages_put_together_are_all_limits(akia: World, own: Any) -> None:
    for action in ("iam:CreateUser", "iam:*", "sts:*", "iam:GetUser", "iam:ListUsers"):
        own.put_limit(Scope="ACCOUNT_OPERATION", Action=action, Rate=100)
    own.put_limit(Scope="PRINCIPAL", Rate=100)
    everything = own.list_limits()["Limits"]
    pages = list(own.get_paginator("list_limits").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["Limits"]) for page in pages] == [2, 2, 2]
    assert [[limit["Scope"], limit.get("Action")] for page in pages for limit in page["Limits"]] == [
        [limit["Scope"], limit.get("Action")] for limit in everything
    ]
    assert [limit["Scope"] for limit in own.list_limits(Scope="PRINCIPAL")["Limits"]] == ["PRINCIPAL"]
    token = own.list_limits(MaxResults=2)["NextToken"]
    assert refusal(own.list_limits, MaxResults=2, Scope="PRINCIPAL", NextToken=token)["Error"]["Code"] == "ValidationException"
