"""Insights: calls that are unusually many, from counting to files and answers, at times that the test says."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.conftest import policy
from tests.organization import World as Organization
from tests.trails import Delivery

from akia.identity.insight import Series
from akia.jobs.find_insights import FindInsights
from akia.store.trail.event_row import EventRow
from akia.trail.insights import LEARNING_MINUTES, Baseline, unusual

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import World

    from akia.store.founding import KeyPair

pytestmark = pytest.mark.covers("I5.trail.insights")

DAY = 24 * 60
BOTH = [{"InsightType": "ApiCallRateInsight"}, {"InsightType": "ApiErrorRateInsight"}]
IAM = "iam.amazonaws.com"


class Days:
    """Days of calls, of which akia has no memory of its own: their events are put into its store, at the minutes that the test says."""

    def __init__(self, akia: World, trail: str = "audit", **settings: Any) -> None:
        self.akia = akia
        self.delivery = Delivery(akia, time.time())
        self.trails = akia.client("cloudtrail")
        self.trails.create_trail(Name=trail, S3BucketName="logs", IsMultiRegionTrail=True, **settings)
        self.trails.put_insight_selectors(TrailName=trail, InsightSelectors=BOTH)
        self.trails.start_logging(Name=trail)
        self.job = FindInsights(self.delivery.store, self.delivery.do, clock=lambda: self.now)
        self.now = time.time()
        akia.akia.authority.drain()
        asyncio.run(self.job.once())
        self.number = 0
        self.first = int(self.now) // 60 + 1

    def calls(
        self, minute: int, count: int, name: str = "CreateUser", error: str = "", *, who: str = "alice", reads: bool = False,
        region: str = "us-east-1", verified: bool = True, account: str = "",
    ) -> None:  # fmt: skip
        """`count` calls in the minute `minute` after the beginning."""
        at_ms = (self.first + minute) * 60_000
        account = account or self.akia.account
        rows = []
        for _ in range(count):
            self.number += 1
            event_id = f"event-{self.number:08}"
            record = {"eventID": event_id, "userIdentity": {"arn": f"arn:aws:iam::{account}:user/{who}"}, "userAgent": f"{who}'s tool"}
            record |= {"errorCode": error} if error else {}
            rows.append(
                EventRow(
                    event_id, event_id, account, at_ms + self.number % 60_000, name, IAM, who, "AKIA", verified, reads, error, region,
                    json.dumps(record), "[]",
                )
            )  # fmt: skip
        store = self.delivery.store
        store.connection.begin_immediate()
        store.events.add(rows)
        store.connection.commit()

    def look(self, minute: int) -> None:
        """The job does its round when the minute is over and settled."""
        self.now = (self.first + minute + 2) * 60 + 1
        self.delivery.now = self.now
        asyncio.run(self.job.once())

    def found(self, **attributes: str) -> list[dict[str, Any]]:
        """The records that LookupEvents tells, the oldest first."""
        given = [{"AttributeKey": key, "AttributeValue": value} for key, value in attributes.items()]
        told = self.trails.lookup_events(EventCategory="insight", LookupAttributes=given)["Events"]
        return [json.loads(event["CloudTrailEvent"]) for event in reversed(told)]


@pytest.fixture
def days(akia: World) -> Days:
    return Days(akia)


def learned(days: Days) -> None:
    """A week in which a user is made now and then."""
    for day in range(7):
        days.calls(day * DAY, 2)
    days.look(7 * DAY - 1)


# The rule


@pytest.mark.parametrize(
    ("count", "baseline", "is_unusual"),
    [
        (11, Baseline(10_080), True),
        (10, Baseline(10_080), False),
        (11, Baseline(LEARNING_MINUTES - 1), False),
        (200, Baseline(10_080, 1_400, 280_000, 200), False),
        (201, Baseline(10_080, 1_400, 280_000, 200), True),
        (100, Baseline(10_080, 1_008_000, 110_000_000, 100), False),
    ],
    ids=["many after none", "few", "too early", "as every night", "more than any night", "as always"],
)
def test_a_minute_is_unusual_if_it_beats_every_minute_of_the_week_and_the_spread(count: int, baseline: Baseline, is_unusual: bool) -> None:
    assert unusual(count, baseline) is is_unusual


def test_spread_counts_where_it_is_wider_than_the_greatest_minute() -> None:
    half_of_all_minutes = Baseline(10_080, 5_040 * 20, 5_040 * 400, 20)
    assert half_of_all_minutes.average == 10
    assert half_of_all_minutes.bound == 40


# What is found


def test_a_burst_of_changes_begins_and_ends_an_insight(days: Days) -> None:
    learned(days)
    days.calls(7 * DAY, 60, who="mallory")
    days.calls(7 * DAY + 1, 40, who="mallory")
    days.look(7 * DAY + 1)
    [start] = days.found()
    statistics = start["insightDetails"]["insightContext"]["statistics"]
    assert {**start, "eventID": "", "sharedEventID": "", "insightDetails": {**start["insightDetails"], "insightContext": ""}} == {
        "eventVersion": "1.09",
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime((days.first + 7 * DAY) * 60)),
        "awsRegion": "us-east-1",
        "eventID": "",
        "eventType": "AwsCloudTrailInsight",
        "recipientAccountId": days.akia.account,
        "sharedEventID": "",
        "insightDetails": {
            "state": "Start",
            "eventSource": IAM,
            "eventName": "CreateUser",
            "insightType": "ApiCallRateInsight",
            "insightContext": "",
        },
        "eventCategory": "Insight",
    }
    assert (statistics["insight"], statistics["insightDuration"]) == ({"average": 60.0}, 1)
    assert statistics["baselineDuration"] == 7 * DAY
    assert statistics["baseline"]["average"] == pytest.approx(14 / (7 * DAY))
    days.look(7 * DAY + 5)
    assert len(days.found()) == 1, "it may go on"
    days.look(7 * DAY + 6)
    begun, ended = days.found()
    assert begun == start
    assert ended["insightDetails"]["state"] == "End"
    assert ended["sharedEventID"] == start["sharedEventID"]
    assert ended["eventID"] != start["eventID"]
    whole = ended["insightDetails"]["insightContext"]["statistics"]
    assert whole == {**statistics, "insight": {"average": 50.0}, "insightDuration": 2}
    assert ended["eventTime"] == time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime((days.first + 7 * DAY + 2) * 60))
    days.look(8 * DAY)
    assert len(days.found()) == 2, "it ends once"


def test_attributions_say_whose_calls_those_were_and_whose_they_used_to_be(days: Days) -> None:
    learned(days)
    days.calls(7 * DAY, 30, who="mallory")
    days.calls(7 * DAY, 9, "CreateUser", "AccessDenied", who="trudy")
    days.look(7 * DAY)
    [start] = days.found()
    by_name = {each["attribute"]: each for each in start["insightDetails"]["insightContext"]["attributions"]}
    user = f"arn:aws:iam::{days.akia.account}:user/"
    assert by_name["userIdentityArn"]["insight"] == [
        {"value": user + "mallory", "average": 30.0},
        {"value": user + "trudy", "average": 9.0},
    ]
    assert [each["value"] for each in by_name["userIdentityArn"]["baseline"]] == [user + "alice"]
    assert by_name["userIdentityArn"]["baseline"][0]["average"] == pytest.approx(14 / (7 * DAY))
    assert by_name["userAgent"]["insight"][0] == {"value": "mallory's tool", "average": 30.0}
    assert by_name["errorCode"]["insight"] == [{"value": "null", "average": 30.0}, {"value": "AccessDenied", "average": 9.0}]


def test_a_burst_of_errors_is_an_insight_of_its_own_even_of_calls_that_only_read(days: Days) -> None:
    learned(days)
    days.calls(7 * DAY, 30, "GetUser", "AccessDenied", reads=True, who="mallory")
    days.look(7 * DAY)
    [start] = days.found()
    details = start["insightDetails"]
    assert (details["insightType"], details["eventName"], details["errorCode"]) == ("ApiErrorRateInsight", "GetUser", "AccessDenied")
    assert [each["attribute"] for each in details["insightContext"]["attributions"]] == ["userIdentityArn", "userAgent"]


def test_many_reads_are_no_insight(days: Days) -> None:
    learned(days)
    days.calls(7 * DAY, 500, "GetUser", reads=True)
    days.look(7 * DAY + 1)
    assert days.found() == []


def test_what_happens_every_night_is_usual(days: Days) -> None:
    for day in range(3):
        days.calls(day * DAY + 10, 100)
    days.look(2 * DAY)
    nights = len(days.found())
    days.calls(3 * DAY + 10, 100)
    days.look(3 * DAY + 20)
    assert len(days.found()) == nights == 0


def test_an_account_is_watched_for_a_day_before_anything_is_unusual(days: Days) -> None:
    days.calls(0, 1)
    days.calls(DAY - 1, 100)
    days.look(DAY - 1)
    assert days.found() == []
    days.calls(DAY + 100, 200)
    days.look(DAY + 100)
    assert len(days.found()) == 1


def test_callers_who_never_verified_do_not_count(days: Days) -> None:
    learned(days)
    days.calls(7 * DAY, 100, "GetUser", "SignatureDoesNotMatch", verified=False)
    days.look(7 * DAY + 1)
    assert days.found() == []


def test_operations_and_regions_are_told_apart(days: Days) -> None:
    learned(days)
    days.calls(7 * DAY, 6)
    days.calls(7 * DAY, 6, "DeleteUser")
    days.calls(7 * DAY, 6, region="eu-west-1")
    days.look(7 * DAY + 1)
    assert days.found() == []


def test_every_call_is_counted_once_though_rounds_are_many(days: Days) -> None:
    for round_ in range(3):
        days.calls(round_, 3)
        days.look(round_)
        days.look(round_)
    counted = days.delivery.store.call_minutes.sums(Series(days.akia.account, "us-east-1", IAM, "CreateUser"), 0, 2**40)
    assert counted == (9, 27, 3)


def test_a_long_absence_is_caught_up_with(days: Days) -> None:
    days.calls(0, 1)
    for minute in range(700):
        days.calls(2 * DAY + minute, 1, "TagUser")
    days.calls(3 * DAY, 50)
    days.look(4 * DAY)
    assert [record["insightDetails"]["state"] for record in days.found()] == ["Start", "End"]


def test_two_workers_find_it_once(days: Days) -> None:
    learned(days)
    days.calls(7 * DAY, 60)
    days.now = (days.first + 7 * DAY + 2) * 60 + 1
    other = FindInsights(days.delivery.store, days.delivery.do, clock=lambda: days.now)

    async def both() -> None:
        await asyncio.gather(days.job.once(), other.once())

    asyncio.run(both())
    assert len(days.found()) == 1


# What trails get


def test_insights_are_delivered_beside_the_logs(days: Days) -> None:
    learned(days)
    days.calls(7 * DAY, 60)
    days.look(7 * DAY)
    days.delivery.round()
    [key] = days.delivery.buckets.named("/CloudTrail-Insight/")
    account = days.akia.account
    moment = time.gmtime(days.now)
    day, minute = time.strftime("%Y/%m/%d", moment), time.strftime("%Y%m%dT%H%MZ", moment)
    assert key.startswith(f"AWSLogs/{account}/CloudTrail-Insight/us-east-1/{day}/{account}_CloudTrail-Insight_us-east-1_{minute}_")
    assert days.delivery.buckets.text(key)["Records"] == days.found()


def test_a_trail_that_does_not_ask_for_insights_gets_none(days: Days) -> None:
    days.trails.create_trail(Name="other", S3BucketName="other-logs", IsMultiRegionTrail=True)
    days.trails.start_logging(Name="other")
    days.trails.create_trail(Name="errors", S3BucketName="error-logs", IsMultiRegionTrail=True)
    days.trails.put_insight_selectors(TrailName="errors", InsightSelectors=BOTH[1:])
    days.trails.start_logging(Name="errors")
    days.trails.create_trail(Name="data", S3BucketName="data-logs", IsMultiRegionTrail=True)
    days.trails.put_insight_selectors(TrailName="data", InsightSelectors=[{**BOTH[0], "EventCategories": ["Data"]}])
    days.trails.start_logging(Name="data")
    learned(days)
    days.calls(7 * DAY, 60)
    days.look(7 * DAY)
    days.delivery.round()
    told = [bucket for (bucket, key) in days.delivery.buckets.objects if "/CloudTrail-Insight/" in key]
    assert told == ["logs"]


def test_nobody_wants_insights_any_more_and_nothing_is_counted(days: Days) -> None:
    learned(days)
    days.trails.put_insight_selectors(TrailName="audit", InsightSelectors=[])
    days.calls(7 * DAY, 60)
    days.look(7 * DAY + 1)
    store = days.delivery.store
    assert days.found() == []
    assert store.insight_watches.all() == []
    assert store.event_stream.position("insights") is None, "a reader that stands still would keep old events for ever"
    assert store.call_minutes.active(days.akia.account, 0, 2**40, 10) == []


def test_an_organizations_trail_hears_of_its_members(akia: World) -> None:
    organization = Organization(akia)
    organization.client.enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
    member = organization.account()
    days = Days(akia, IsOrganizationTrail=True)
    days.calls(0, 1, account=member.id)
    days.look(0)
    days.calls(2 * DAY, 60, account=member.id)
    days.look(2 * DAY)
    days.delivery.round()
    [key] = days.delivery.buckets.named("/CloudTrail-Insight/")
    assert f"AWSLogs/{organization.id}/{member.id}/CloudTrail-Insight/" in key
    assert days.found() == [], "they are the member's"
    assert len(member.client("cloudtrail").lookup_events(EventCategory="insight")["Events"]) == 1


# LookupEvents


def test_insights_are_looked_up_by_id_name_and_source_and_nothing_else(days: Days, refused: Any) -> None:
    learned(days)
    days.calls(7 * DAY, 60)
    days.calls(7 * DAY, 60, "DeleteUser")
    days.look(7 * DAY + 9)
    assert [record["insightDetails"]["state"] for record in days.found(EventName="DeleteUser")] == ["Start", "End"]
    assert len(days.found(EventSource=IAM)) == 4
    first = days.found()[0]
    assert days.found(EventId=first["eventID"]) == [first]
    assert days.found(EventName="GetUser") == []
    for attribute in ("ReadOnly", "Username", "ResourceType", "ResourceName", "AccessKeyId"):
        wanted = [{"AttributeKey": attribute, "AttributeValue": "x"}]
        code, status, _ = refused(days.trails.lookup_events, EventCategory="insight", LookupAttributes=wanted)
        assert (code, status) == ("InvalidLookupAttributesException", 400)


def test_insights_come_in_pages_and_in_a_period(days: Days, refused: Any) -> None:
    learned(days)
    for number in range(3):
        days.calls(7 * DAY + 20 * number, 60 + 10 * number)
    days.look(7 * DAY + 100)
    ids: list[str] = []
    token: dict[str, str] = {}
    while True:
        told = days.trails.lookup_events(EventCategory="insight", MaxResults=2, **token)
        ids += [event["EventId"] for event in told["Events"]]
        if "NextToken" not in told:
            break
        token = {"NextToken": told["NextToken"]}
    assert ids == [record["eventID"] for record in reversed(days.found())]
    assert len(set(ids)) == 6
    code, _, _ = refused(days.trails.lookup_events, MaxResults=2, **token)
    assert code == "InvalidNextTokenException", "the token is for insights"
    start, end = (days.first + 7 * DAY + 20) * 60, (days.first + 7 * DAY + 30) * 60
    told = days.trails.lookup_events(EventCategory="insight", StartTime=start, EndTime=end)["Events"]
    assert [json.loads(event["CloudTrailEvent"])["insightDetails"]["state"] for event in told] == ["End", "Start"]


# ListInsightsData, ListInsightsMetricData


def test_contested_list_insights_data_tells_of_management_events_too(days: Days, refused: Any) -> None:
    """AWS lists those about data events here, which akia does not have."""
    learned(days)
    days.calls(7 * DAY, 60)
    days.calls(7 * DAY, 60, "DeleteUser")
    days.look(7 * DAY)
    source = days.trails.get_trail(Name="audit")["Trail"]["TrailARN"]
    wanted = {"InsightSource": source, "DataType": "InsightsEvents", "EndTime": days.now}
    every = days.trails.list_insights_data(**wanted)["Events"]
    assert {event["EventName"] for event in every} == {"CreateUser", "DeleteUser"}
    [one] = days.trails.list_insights_data(**wanted, Dimensions={"EventName": "CreateUser"})["Events"]
    assert [one] == days.trails.list_insights_data(**wanted, Dimensions={"EventId": one["EventId"]})["Events"]
    first = days.trails.list_insights_data(**wanted, MaxResults=1)
    rest = days.trails.list_insights_data(**wanted, MaxResults=1, NextToken=first["NextToken"])
    assert first["Events"] + rest["Events"] == every
    assert "NextToken" not in rest
    wrong: dict[str, dict[str, Any]] = {
        "token": {"NextToken": "wrong"},
        "period": {"StartTime": days.now + 1},
        "trail": {"InsightSource": source + "-2"},
        "not a trail": {"InsightSource": "xyz"},
    }
    for given in wrong.values():
        assert refused(days.trails.list_insights_data, **wanted | given)[0] == "InvalidParameterException"
    days.trails.put_insight_selectors(TrailName="audit", InsightSelectors=[])
    assert refused(days.trails.list_insights_data, **wanted)[0] == "InvalidParameterException"


@pytest.fixture
def counted(akia: World) -> Callable[..., dict[int, float]]:
    """`counted(Period=60)`: minutes of ListInsightsMetricData and their values, of three minutes before now that had calls."""
    days = Days(akia)
    days.first = int(time.time()) // 3_600 * 60 - 120
    store = days.delivery.store
    [trail] = store.trails.all()
    store.trails.replace(replace(trail, logging=((0, 0),)))  # as if it had been there then
    for minute, count in ((0, 3), (1, 4), (61, 5)):
        days.calls(minute, count)
    days.calls(0, 2, "GetUser", "AccessDenied", reads=True)
    days.look(200)
    client = akia.client("cloudtrail")

    def metric(**given: Any) -> dict[int, float]:
        wanted = {"EventSource": IAM, "EventName": "CreateUser", "InsightType": "ApiCallRateInsight"} | given
        told = client.list_insights_metric_data(**wanted)
        assert {name: told[name] for name in ("EventSource", "EventName", "InsightType")} == {
            name: wanted[name] for name in ("EventSource", "EventName", "InsightType")
        }
        pairs = zip(told["Timestamps"], told["Values"], strict=True)
        return {int(at.timestamp()) // 60 - days.first: value for at, value in pairs}

    return metric


def test_metrics_tell_how_often_a_call_was_made_in_each_period(counted: Callable[..., dict[int, float]]) -> None:
    assert counted() == {0: 7, 60: 5}
    assert counted(Period=60) == {0: 3, 1: 4, 61: 5}
    assert counted(Period=300) == {0: 7, 60: 5}
    assert counted(EventName="DeleteUser") == {}
    error = {"EventName": "GetUser", "InsightType": "ApiErrorRateInsight"}
    assert counted(**error, ErrorCode="AccessDenied") == {0: 2}
    assert counted(**error, ErrorCode="NoSuchEntity") == {}


def test_metrics_have_a_beginning_an_end_and_zeros(counted: Callable[..., dict[int, float]]) -> None:
    beginning = int(time.time()) // 3_600 * 3_600 - 7_200
    between = {"Period": 60, "StartTime": beginning + 60, "EndTime": beginning + 240}
    assert counted(**between) == {1: 4}
    assert counted(**between, DataType="FillWithZeros") == {1: 4, 2: 0, 3: 0}
    assert counted(**between, DataType="FillWithZeros", MaxResults=2) == {1: 4, 2: 0}


def test_metrics_refuse_what_makes_no_sense(days: Days, refused: Any) -> None:
    good = {"EventSource": IAM, "EventName": "CreateUser", "InsightType": "ApiCallRateInsight"}
    for wrong in (
        {"Period": 61},
        {"ErrorCode": "AccessDenied"},
        {"InsightType": "ApiErrorRateInsight"},
        {"StartTime": 200, "EndTime": 100},
        {"NextToken": "wrong"},
        {"TrailName": "nothing"},
    ):
        assert refused(days.trails.list_insights_metric_data, **good | wrong)[:2] == ("InvalidParameterException", 400), wrong
    told = days.trails.list_insights_metric_data(**good, TrailName="audit")
    assert told["TrailARN"] == days.trails.get_trail(Name="audit")["Trail"]["TrailARN"]


def test_metrics_are_read_page_by_page(counted: Callable[..., dict[int, float]], akia: World) -> None:
    wanted = {"EventSource": IAM, "EventName": "CreateUser", "InsightType": "ApiCallRateInsight", "Period": 60, "MaxResults": 2}
    client = akia.client("cloudtrail")
    first = client.list_insights_metric_data(**wanted)
    second = client.list_insights_metric_data(**wanted, NextToken=first["NextToken"])
    assert first["Values"] + second["Values"] == [3, 4, 5]
    assert "NextToken" not in second


def test_metrics_of_another_account_are_its_own(counted: Callable[..., dict[int, float]], akia: World, other_root: KeyPair) -> None:
    client = akia.client("cloudtrail", other_root)
    told = client.list_insights_metric_data(EventSource=IAM, EventName="CreateUser", InsightType="ApiCallRateInsight")
    assert told["Values"] == []
    assert client.lookup_events(EventCategory="insight")["Events"] == []


def test_who_may_read_metrics(days: Days, refused: Any) -> None:
    wanted = {"EventSource": IAM, "EventName": "CreateUser", "InsightType": "ApiCallRateInsight"}
    arn = days.trails.get_trail(Name="audit")["Trail"]["TrailARN"]
    nobody = days.akia.person("nobody").client("cloudtrail")
    reader = days.akia.person("reader", {"Action": "cloudtrail:LookupEvents"}).client("cloudtrail")
    assert refused(nobody.list_insights_metric_data, **wanted)[0] == "AccessDeniedException"
    assert reader.list_insights_metric_data(**wanted)["Values"] == []
    assert refused(reader.list_insights_metric_data, **wanted, TrailName="audit")[0] == "AccessDeniedException"
    both = {"Action": "cloudtrail:ListInsightsData", "Resource": arn}
    days.akia.client("iam").put_user_policy(UserName="reader", PolicyName="more", PolicyDocument=policy(both))
    assert "Values" in reader.list_insights_metric_data(**wanted, TrailName="audit")
    assert reader.list_insights_data(InsightSource=arn, DataType="InsightsEvents")["Events"] == []
    assert refused(nobody.list_insights_data, InsightSource=arn, DataType="InsightsEvents")[0] == "AccessDeniedException"


# PutInsightSelectors


def test_only_what_a_trail_logs_can_be_analysed(days: Days, refused: Any) -> None:
    reads = [{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}]
    days.trails.put_event_selectors(TrailName="audit", EventSelectors=reads)
    told = refused(days.trails.put_insight_selectors, TrailName="audit", InsightSelectors=BOTH)
    assert told[:2] == ("InvalidInsightSelectorsException", 400)
    days.trails.put_insight_selectors(TrailName="audit", InsightSelectors=BOTH[1:])
    nothing = [{"ReadWriteType": "All", "IncludeManagementEvents": False}]
    days.trails.put_event_selectors(TrailName="audit", EventSelectors=nothing)
    assert refused(days.trails.put_insight_selectors, TrailName="audit", InsightSelectors=BOTH[1:])[0] == "InvalidInsightSelectorsException"
    days.trails.put_insight_selectors(TrailName="audit", InsightSelectors=[{**BOTH[0], "EventCategories": ["Data"]}])
    writes = [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "readOnly", "Equals": ["false"]}]}]
    days.trails.put_event_selectors(TrailName="audit", AdvancedEventSelectors=writes)
    days.trails.put_insight_selectors(TrailName="audit", InsightSelectors=BOTH)
