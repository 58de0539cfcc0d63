"""The step `throttle`: who is turned away, in which words, and what is remembered of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config
from click.testing import CliRunner
from tests.limiting import Clock, granted, operated, refusal, stopped
from tests.openid import Issuer, known_to, role, trusting
from tests.organization import World as Organization

from akia.authority.limits_file import Bound
from akia.aws.errors import ServiceUnavailable
from akia.cli import endpoint, why
from akia.identity.limit import Scope
from akia.throttle import BucketsInMemory

if TYPE_CHECKING:
    from tests.conftest import World

ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture
def clock(akia: World) -> Clock:
    return stopped(akia)


@pytest.fixture
def own(akia: World) -> Any:
    """The service akia, for the root user."""
    return akia.client("akia", config=ONCE)


def events(akia: World, name: str) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Records and decisions of the events called `name`, the oldest first."""
    akia.akia.authority.drain()
    rows = akia.akia.store.connection.execute("SELECT record, decision FROM events WHERE name = :name ORDER BY at_ms, event_id", name=name)
    return [(json.loads(record), json.loads(decision)) for record, decision in rows]


# Codes and hints


@pytest.mark.covers("G1")
@pytest.mark.parametrize(
    ("service", "call", "action", "code", "status"),
    [
        ("sts", "get_caller_identity", "sts:GetCallerIdentity", "Throttling", 400),
        ("iam", "list_users", "iam:ListUsers", "Throttling", 400),
        ("cloudtrail", "describe_trails", "cloudtrail:DescribeTrails", "ThrottlingException", 400),
        ("akia", "list_alerts", "akia:ListAlerts", "ThrottlingException", 400),
        ("organizations", "list_roots", "organizations:ListRoots", "TooManyRequestsException", 400),
        ("accessanalyzer", "list_analyzers", "access-analyzer:ListAnalyzers", "ThrottlingException", 429),
    ],
)
def test_each_protocol_and_model_has_its_own_code_and_status(
    akia: World, clock: Clock, own: Any, service: str, call: str, action: str, code: str, status: int
) -> None:
    own.put_limit(Scope="ACCOUNT_OPERATION", Action=action, Rate=0.4, Burst=1)
    client = akia.client(service, config=ONCE)
    if service == "organizations":
        client.create_organization()
    getattr(client, call)()
    told = refusal(getattr(client, call))
    assert (told["Error"]["Code"], told["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    assert told["Error"]["Message"] == "Rate exceeded", "clients look for these very words"
    headers = told["ResponseMetadata"]["HTTPHeaders"]
    assert (headers["retry-after"], headers["x-amz-retry-after"]) == ("3", "2500"), "in whole seconds, rounded up"
    assert headers["x-akia-limit"] == f"ACCOUNT_OPERATION {action} 0.4/s"


def test_a_hint_is_never_longer_than_clients_wait(akia: World, clock: Clock, own: Any) -> None:
    own.put_limit(Scope="KEY", Rate=0.001)
    sts = akia.client("sts", config=ONCE)
    sts.get_caller_identity()
    assert refusal(sts.get_caller_identity)["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "20"


@pytest.mark.covers("X6")
def test_a_budget_that_is_used_up_says_until_when_and_gives_no_hint(akia: World, clock: Clock, own: Any) -> None:
    """A client that honours Retry-After would hang until midnight."""
    key = akia.person("ann").key
    own.put_limit(Scope="KEY", Subject=key.access_key_id, DailyBudget=2)
    sts = akia.client("sts", key, config=ONCE)
    assert granted(sts.get_caller_identity, 2) == 2
    told = refusal(sts.get_caller_identity)
    assert told["Error"]["Code"] == "Throttling"
    assert told["Error"]["Message"].startswith("Rate exceeded. The key's budget of 2 requests a day is used up until 20")
    headers = told["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-akia-limit"] == f"KEY {key.access_key_id} 2/day" and not {"retry-after", "x-amz-retry-after"} & headers.keys()
    akia.client("sts").get_caller_identity()


def test_o11_no_limit_is_told_as_a_lack_of_permission(akia: World, clock: Clock, own: Any) -> None:
    own.put_limit(Scope="KEY", Rate=1)
    sts = akia.client("sts", config=ONCE)
    sts.get_caller_identity()
    assert refusal(sts.get_caller_identity)["ResponseMetadata"]["HTTPStatusCode"] != 403


# What is remembered


@pytest.mark.covers("G3")
def test_the_event_names_the_limit_and_the_decision_that_allowed_it(akia: World, clock: Clock, own: Any) -> None:
    own.put_limit(Scope="ACCOUNT_OPERATION", Action="iam:*", Rate=1)
    iam = akia.client("iam", config=ONCE)
    iam.list_users(PathPrefix="/a/")
    refusal(iam.list_users, PathPrefix="/b/")
    (_, _), (record, [decision]) = events(akia, "ListUsers")
    assert (record["errorCode"], record["errorMessage"]) == ("Throttling", "Rate exceeded")
    limit = {"scope": "ACCOUNT_OPERATION", "of": "iam:*", "rate": 1.0, "burst": 1.0, "exceeded": True}
    assert record["additionalEventData"] == {"limit": limit}
    assert (decision["outcome"], decision["limit"]) == ("allowed", "ACCOUNT_OPERATION iam:* 1/s")


def test_what_goes_through_is_recorded_as_ever_until_a_limit_is_nearly_used_up(akia: World, clock: Clock, own: Any) -> None:
    own.put_limit(Scope="KEY", Rate=10)
    assert granted(akia.client("sts").get_caller_identity, 9) == 9
    noted = [record.get("additionalEventData", {}).get("limit") for record, _ in events(akia, "GetCallerIdentity")]
    assert [each for each in noted if each] == [{"scope": "KEY", "of": "each", "rate": 10.0, "burst": 10.0, "usedPercent": 80}]


def test_akia_why_names_the_limit(akia: World, clock: Clock, own: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    own.put_limit(Scope="ACCOUNT_OPERATION", Action="iam:ListUsers", Rate=1)
    iam = akia.client("iam", config=ONCE)
    iam.list_users()
    request_id = refusal(iam.list_users)["ResponseMetadata"]["RequestId"]
    monkeypatch.setattr(endpoint, "clients", lambda data, profile: akia.client)
    told = CliRunner().invoke(why.why, [request_id]).output
    assert "Turned away all the same, by the limit ACCOUNT_OPERATION iam:ListUsers 1/s" in told and "akia:Limit" not in told


# When it is asked


def test_a_write_takes_its_turn_once(akia: World, clock: Clock, own: Any) -> None:
    """It is authorized once more when its turn to write comes and something has changed, but has been let through."""
    own.put_limit(Scope="ACCOUNT_OPERATION", Action="iam:CreateUser", Rate=0.001, Burst=3)
    iam = akia.client("iam", config=ONCE)
    for number in range(3):
        iam.create_user(UserName=f"user-{number}")
    refusal(iam.create_user, UserName="user-3")
    assert len(iam.list_users()["Users"]) == 4, "the administrator, and three"


def test_what_policy_denies_takes_nothing_and_is_told_as_ever(akia: World, clock: Clock, own: Any, refused: Any) -> None:
    own.put_limit(Scope="ACCOUNT_OPERATION", Action="iam:ListUsers", Rate=1)
    nobody = akia.person("nobody")
    for _ in range(3):
        assert refused(nobody.client("iam").list_users)[0] == "AccessDenied"
    assert granted(akia.client("iam").list_users, 1) == 1


def test_an_unsigned_call_has_its_turn_too(akia: World, clock: Clock, own: Any) -> None:
    issuer = Issuer()
    arn = role(akia, "ci", trusting(known_to(akia, issuer)))
    own.put_limit(Scope="ACCOUNT_OPERATION", Action="sts:AssumeRoleWithWebIdentity", Rate=1)
    sts = akia.client("sts", config=ONCE)
    asked = {"RoleArn": arn, "RoleSessionName": "build", "WebIdentityToken": issuer.token()}
    assert granted(sts.assume_role_with_web_identity, 3, **asked) == 1
    assert [record.get("errorCode") for record, _ in events(akia, "AssumeRoleWithWebIdentity")] == [None, "Throttling", "Throttling"]


def test_where_nobody_knows_what_is_left_nothing_is_given(akia: World, clock: Clock, own: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    own.put_limit(Scope="KEY", Rate=100)

    def unknown(*_: Any) -> None:
        raise ServiceUnavailable("no answer")

    monkeypatch.setattr(BucketsInMemory, "take", unknown)
    told = refusal(akia.client("sts", config=ONCE).get_caller_identity)
    assert (told["Error"]["Code"], told["ResponseMetadata"]["HTTPStatusCode"]) == ("ServiceUnavailable", 503)
    assert events(akia, "GetCallerIdentity")[-1][0]["errorCode"] == "ServiceUnavailable"


# Whose limits count


def test_without_limits_nothing_is_asked(akia: World, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """In process and thrown away, AWS's rates do not count."""

    def asked(*_: Any) -> None:
        raise AssertionError("a bucket was asked")

    monkeypatch.setattr(BucketsInMemory, "take", asked)
    assert granted(akia.client("cloudtrail").lookup_events, 5) == 5


def test_aws_rates_count_where_nobody_has_set_another(akia: World) -> None:
    operated(akia, published=True)
    trail, own = akia.client("cloudtrail", config=ONCE), akia.client("akia", config=ONCE)
    assert [granted(trail.lookup_events, 5), granted(trail.describe_trails, 30), granted(akia.client("iam").list_users, 30)] == [2, 10, 30]
    own.put_limit(Scope="ACCOUNT_OPERATION", Action="cloudtrail:LookupEvents", Rate=20)
    assert granted(trail.lookup_events, 30) == 20


def test_contested_each_cloudtrail_operation_has_ten_a_second_by_itself(akia: World) -> None:
    operated(akia, published=True)
    trail = akia.client("cloudtrail", config=ONCE)
    assert [granted(trail.describe_trails, 15), granted(trail.list_trails, 15)] == [10, 10]


def test_what_the_operator_has_set_no_account_can_widen(akia: World) -> None:
    operated(akia, actions={"iam:ListUsers": Bound(3, 3)}, each={Scope.KEY: Bound(8, 8)})
    akia.client("akia").put_limit(Scope="ACCOUNT_OPERATION", Action="iam:ListUsers", Rate=1000)
    akia.client("akia").put_limit(Scope="KEY", Rate=1000)
    assert granted(akia.client("iam", akia.admin, config=ONCE).list_users, 10) == 3
    assert granted(akia.client("sts", akia.admin, config=ONCE).get_caller_identity, 10) == 5, "three of eight are gone"


def test_an_account_can_set_narrower_limits_than_the_operator(akia: World) -> None:
    operated(akia, actions={"iam:ListUsers": Bound(9, 9)})
    akia.client("akia").put_limit(Scope="ACCOUNT_OPERATION", Action="iam:ListUsers", Rate=2)
    assert granted(akia.client("iam", config=ONCE).list_users, 10) == 2


def test_the_limit_of_one_key_counts_instead_of_that_of_each_key(akia: World, clock: Clock, own: Any) -> None:
    busy, other = akia.person("busy"), akia.person("other")
    own.put_limit(Scope="KEY", Rate=2)
    own.put_limit(Scope="KEY", Subject=busy.key.access_key_id, Rate=6)
    assert [granted(each.client("sts", config=ONCE).get_caller_identity, 9) for each in (busy, other)] == [6, 2]


def test_limits_of_one_account_are_nothing_to_another(akia: World, clock: Clock, own: Any) -> None:
    member = Organization(akia).account("member")
    own.put_limit(Scope="KEY", Rate=1)
    own.put_limit(Scope="ACCOUNT_OPERATION", Action="sts:*", Rate=1)
    assert granted(akia.client("sts", member.root, config=ONCE).get_caller_identity, 9) == 9
