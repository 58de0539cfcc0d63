"""Trails as clients see them: CreateTrail and its kin, their errors, who may, what shows where (AC7)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.organization import World as Organization
from tests.trails import Delivery

from akia.identity.event_data_store import EventDataStore
from akia.identity.trail import Trail

if TYPE_CHECKING:
    from tests.conftest import World

    from akia.store.founding import KeyPair

pytestmark = pytest.mark.covers("I5.trail.api")

LOGS = {"S3BucketName": "logs"}
MANAGEMENT = {"Field": "eventCategory", "Equals": ["Management"]}


@pytest.fixture
def trails(akia: World) -> Any:
    return akia.client("cloudtrail")


def arn(akia: World, name: str = "audit", region: str = "us-east-1") -> str:
    return f"arn:aws:cloudtrail:{region}:{akia.account}:trail/{name}"


def code(told: tuple[str, int, str]) -> str:
    assert told[1] == 400
    return told[0]


# CreateTrail


def test_a_trail_has_what_it_was_given_and_defaults(akia: World, trails: Any) -> None:
    made = trails.create_trail(Name="audit", **LOGS)
    del made["ResponseMetadata"]
    settings = {
        "Name": "audit",
        "S3BucketName": "logs",
        "IncludeGlobalServiceEvents": True,
        "IsMultiRegionTrail": False,
        "TrailARN": arn(akia),
        "LogFileValidationEnabled": False,
        "IsOrganizationTrail": False,
        "RecursiveLogging": True,
    }
    assert made == settings
    described = {**settings, "HomeRegion": "us-east-1", "HasCustomEventSelectors": False, "HasInsightSelectors": False}
    assert trails.get_trail(Name="audit")["Trail"] == described
    assert trails.get_trail(Name=arn(akia))["Trail"] == described
    assert trails.describe_trails()["trailList"] == [described]
    assert trails.get_trail_status(Name="audit")["IsLogging"] is False


@pytest.mark.parametrize(
    "name",
    [
        "",
        "ab",
        "a" * 129,
        "-abc",
        "abc-",
        "_abc",
        "a..b",
        "a.-b",
        "a__b",
        "192.168.5.4",
        "with space",
        "trail/x",
        "ünïcode",
        "..",
        "a/../../b",
    ],
)
def test_ac7_3_names_that_a_trail_cannot_have(trails: Any, refused: Any, name: str) -> None:
    assert code(refused(trails.create_trail, Name=name, **LOGS)) == "InvalidTrailNameException"


@pytest.mark.parametrize("name", ["abc", "a" * 128, "My-trail_1.x", "1.2.3", "300.1.1.1"])
def test_ac7_3_names_that_a_trail_can_have(trails: Any, name: str) -> None:
    assert trails.create_trail(Name=name, **LOGS)["Name"] == name


@pytest.mark.parametrize("bucket", ["", "ab", "UPPER", "a..b", "-ab", "ab-", "../etc", "a/b", "192.168.5.4", "a" * 64, "a_b", "x.-y/"])
def test_bucket_names_that_there_are_not(trails: Any, refused: Any, bucket: str) -> None:
    assert code(refused(trails.create_trail, Name="audit", S3BucketName=bucket)) == "InvalidS3BucketNameException"


@pytest.mark.parametrize("prefix", ["../x", "/x", "x/", "a//b", "a/./b", "a/../b", "x" * 201, "a\nb", "ü", "a b"])
def test_prefixes_that_keys_cannot_begin_with(trails: Any, refused: Any, prefix: str) -> None:
    assert code(refused(trails.create_trail, Name="audit", S3KeyPrefix=prefix, **LOGS)) == "InvalidS3PrefixException"


def test_a_bucket_must_be_there(akia: World, refused: Any) -> None:
    Delivery(akia, time.time())
    trails = akia.client("cloudtrail")
    told = refused(trails.create_trail, Name="audit", S3BucketName="absent")
    assert told == ("S3BucketDoesNotExistException", 400, "S3 bucket absent does not exist!")
    trails.create_trail(Name="audit", **LOGS)
    assert code(refused(trails.update_trail, Name="audit", S3BucketName="absent")) == "S3BucketDoesNotExistException"
    assert trails.get_trail(Name="audit")["Trail"]["S3BucketName"] == "logs"


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"SnsTopicName": "topic"}, "UnsupportedOperationException"),
        ({"CloudWatchLogsLogGroupArn": "arn:aws:logs:us-east-1:123456789012:log-group:x"}, "CloudWatchLogsDeliveryUnavailableException"),
        ({"CloudWatchLogsRoleArn": "arn:aws:iam::123456789012:role/x"}, "CloudWatchLogsDeliveryUnavailableException"),
        ({"KmsKeyId": "alias/x"}, "KmsKeyNotFoundException"),
        ({"IsMultiRegionTrail": True, "IncludeGlobalServiceEvents": False}, "InvalidParameterCombinationException"),
        ({"IsOrganizationTrail": True}, "OrganizationsNotInUseException"),
        ({"TagsList": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}, "InvalidTagParameterException"),
        ({"TagsList": [{"Key": "aws:a", "Value": "1"}]}, "InvalidTagParameterException"),
        ({"TagsList": [{"Key": f"k{n}", "Value": "1"} for n in range(51)]}, "TagsLimitExceededException"),
    ],
)
def test_what_cannot_be_is_refused_and_not_forgotten(trails: Any, refused: Any, settings: dict[str, Any], error: str) -> None:
    assert code(refused(trails.create_trail, Name="audit", **LOGS, **settings)) == error
    assert trails.list_trails()["Trails"] == []


def test_a_name_is_taken_once_in_a_region(trails: Any, akia: World, refused: Any) -> None:
    trails.create_trail(Name="audit", **LOGS)
    told = refused(trails.create_trail, Name="audit", **LOGS)
    assert told == ("TrailAlreadyExistsException", 400, f"Trail audit already exists for customer: {akia.account}")
    akia.client("cloudtrail", region="eu-west-1").create_trail(Name="audit", **LOGS)


def test_a_region_has_five_trails_at_most(trails: Any, akia: World, refused: Any) -> None:
    for number in range(5):
        trails.create_trail(Name=f"audit-{number}", **LOGS)
    told = refused(trails.create_trail, Name="audit-5", **LOGS)
    assert told == ("MaximumNumberOfTrailsExceededException", 400, f"User: {akia.account} already has 5 trails in us-east-1.")
    trails.delete_trail(Name="audit-0")
    trails.create_trail(Name="audit-5", **LOGS)


def test_a_trail_of_all_regions_counts_in_each_of_them(trails: Any, akia: World, refused: Any) -> None:
    away = akia.client("cloudtrail", region="eu-west-1")
    for number in range(3):
        trails.create_trail(Name=f"everywhere-{number}", IsMultiRegionTrail=True, **LOGS)
    for number in range(2):
        away.create_trail(Name=f"there-{number}", **LOGS)
    told = refused(away.create_trail, Name="one-more", **LOGS)
    assert told == ("MaximumNumberOfTrailsExceededException", 400, f"User: {akia.account} already has 5 trails in eu-west-1.")
    told = refused(trails.create_trail, Name="one-more", IsMultiRegionTrail=True, **LOGS)
    assert told == ("MaximumNumberOfTrailsExceededException", 400, f"User: {akia.account} already has 5 trails in eu-west-1.")
    trails.create_trail(Name="one-more", **LOGS)


# UpdateTrail, DeleteTrail


def test_an_update_changes_what_it_names(trails: Any) -> None:
    trails.create_trail(Name="audit", EnableLogFileValidation=True, S3KeyPrefix="p", **LOGS)
    made = trails.update_trail(Name="audit", IsMultiRegionTrail=True, S3KeyPrefix="")
    assert (made["IsMultiRegionTrail"], made["LogFileValidationEnabled"], "S3KeyPrefix" in made) == (True, True, False)
    assert trails.get_trail(Name="audit")["Trail"]["IsMultiRegionTrail"] is True


@pytest.mark.parametrize("operation", ["update_trail", "delete_trail", "start_logging", "stop_logging", "get_trail", "get_trail_status"])
def test_trails_that_there_are_not(trails: Any, akia: World, refused: Any, operation: str) -> None:
    call = getattr(trails, operation)
    message = f"Unknown trail: {arn(akia, 'absent')} for the user: {akia.account}"
    assert refused(call, Name="absent") == ("TrailNotFoundException", 400, message)
    assert code(refused(call, Name=arn(akia, "absent"))) == "TrailNotFoundException"
    assert code(refused(call, Name="arn:aws:cloudtrail:us-east-1:1:trail/x")) == "CloudTrailARNInvalidException"
    assert code(refused(call, Name="arn:aws:iam::123456789012:user/x")) == "CloudTrailARNInvalidException"
    assert code(refused(call, Name="x")) == "InvalidTrailNameException"


@pytest.mark.parametrize("operation", ["get_event_selectors", "get_insight_selectors"])
def test_selectors_of_trails_that_there_are_not(trails: Any, refused: Any, operation: str) -> None:
    assert code(refused(getattr(trails, operation), TrailName="absent")) == "TrailNotFoundException"


def test_a_deleted_trail_is_gone_for_everybody(trails: Any, akia: World, refused: Any) -> None:
    trails.create_trail(Name="audit", **LOGS)
    trails.start_logging(Name="audit")
    trails.delete_trail(Name=arn(akia))
    assert trails.list_trails()["Trails"] == trails.describe_trails()["trailList"] == []
    assert code(refused(trails.get_trail, Name="audit")) == "TrailNotFoundException"
    trails.create_trail(Name="audit", **LOGS)
    assert trails.get_trail_status(Name="audit")["IsLogging"] is False


# Regions


def test_a_trail_of_all_regions_shows_everywhere_and_is_changed_at_home(trails: Any, akia: World, refused: Any) -> None:
    trails.create_trail(Name="audit", IsMultiRegionTrail=True, **LOGS)
    trails.create_trail(Name="local", **LOGS)
    away = akia.client("cloudtrail", region="eu-west-1")
    assert [trail["Name"] for trail in away.describe_trails()["trailList"]] == ["audit"]
    assert away.describe_trails(includeShadowTrails=False)["trailList"] == []
    assert away.get_trail(Name=arn(akia))["Trail"]["HomeRegion"] == "us-east-1"
    assert away.get_trail_status(Name=arn(akia))["IsLogging"] is False
    assert code(refused(away.get_trail, Name="audit")) == "TrailNotFoundException"
    assert code(refused(away.get_trail, Name=arn(akia, "local"))) == "TrailNotFoundException"
    for operation in ("update_trail", "delete_trail", "start_logging", "stop_logging"):
        assert code(refused(getattr(away, operation), Name=arn(akia))) == "InvalidHomeRegionException"
    assert [trail["Name"] for trail in away.list_trails()["Trails"]] == ["audit", "local"], "ListTrails is of all regions"


def test_names_that_name_nothing_are_left_out_and_those_that_no_trail_can_have_are_refused(trails: Any, akia: World, refused: Any) -> None:
    for name in ("one", "two", "three"):
        trails.create_trail(Name=name, **LOGS)
    found = trails.describe_trails(trailNameList=["one", arn(akia, "three"), "absent", arn(akia, "absent")])["trailList"]
    assert [trail["Name"] for trail in found] == ["one", "three"]
    assert code(refused(trails.describe_trails, trailNameList=["one", "-no-name"])) == "InvalidTrailNameException"
    assert code(refused(trails.describe_trails, trailNameList=["arn:aws:iam::123456789012:user/x"])) == "CloudTrailARNInvalidException"


def test_lists_of_many_trails_come_in_pages(trails: Any, akia: World, monkeypatch: pytest.MonkeyPatch, refused: Any) -> None:
    monkeypatch.setattr("akia.services.cloudtrail.trails.PAGE", 2)
    for number in range(5):
        trails.create_trail(Name=f"audit-{number}", **LOGS)
    pages = list(trails.get_paginator("list_trails").paginate())
    assert [[trail["Name"][-1] for trail in page["Trails"]] for page in pages] == [["0", "1"], ["2", "3"], ["4"]]
    assert code(refused(trails.list_trails, NextToken="forged")) == "InvalidTokenException"


# Accounts


def test_trails_of_another_account_are_nobodys_business(trails: Any, akia: World, other_root: KeyPair, refused: Any) -> None:
    trails.create_trail(Name="audit", IsMultiRegionTrail=True, **LOGS)
    theirs = akia.client("cloudtrail", other_root)
    assert theirs.describe_trails()["trailList"] == theirs.list_trails()["Trails"] == []
    assert refused(theirs.get_trail, Name=arn(akia))[0] in {"TrailNotFoundException", "AccessDeniedException"}
    assert refused(theirs.delete_trail, Name=arn(akia))[0] in {"TrailNotFoundException", "AccessDeniedException"}
    assert refused(theirs.list_tags, ResourceIdList=[arn(akia)])[0] in {"ResourceNotFoundException", "AccessDeniedException"}
    theirs.create_trail(Name="audit", **LOGS)


def test_a_trail_of_an_organization_needs_the_management_account_and_trust(trails: Any, akia: World, refused: Any) -> None:
    organization = Organization(akia)
    account = organization.account()
    wanted = {"Name": "audit", "IsOrganizationTrail": True, "IsMultiRegionTrail": True, **LOGS}
    assert code(refused(trails.create_trail, **wanted)) == "CloudTrailAccessNotEnabledException"
    organization.client.enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
    member = account.client("cloudtrail")
    assert code(refused(member.create_trail, **wanted)) == "NotOrganizationMasterAccountException"
    assert trails.create_trail(**wanted)["IsOrganizationTrail"] is True
    assert [trail["TrailARN"] for trail in member.describe_trails()["trailList"]] == [arn(akia)]
    assert [trail["TrailARN"] for trail in member.list_trails()["Trails"]] == [arn(akia)]
    assert member.get_trail(Name=arn(akia))["Trail"]["IsOrganizationTrail"] is True
    assert code(refused(member.stop_logging, Name=arn(akia))) == "NotOrganizationMasterAccountException"
    assert code(refused(member.delete_trail, Name=arn(akia))) == "NotOrganizationMasterAccountException"
    assert code(refused(member.get_trail, Name="audit")) == "TrailNotFoundException", "its name is that of no trail of the member's"


def test_a_billing_organization_has_no_trail(akia: World, trails: Any, refused: Any) -> None:
    akia.client("organizations").create_organization(FeatureSet="CONSOLIDATED_BILLING")
    told = refused(trails.create_trail, Name="audit", IsOrganizationTrail=True, **LOGS)
    assert code(told) == "OrganizationNotInAllFeaturesModeException"


# Logging


def test_ac7_6_the_status_tells_of_starts_stops_and_deliveries(trails: Any, akia: World) -> None:
    trails.create_trail(Name="audit", EnableLogFileValidation=True, **LOGS)
    status = trails.get_trail_status(Name="audit")
    assert (status["IsLogging"], status["TimeLoggingStarted"], status["LatestDeliveryAttemptTime"]) == (False, "", "")
    assert "StartLoggingTime" not in status and "LatestDeliveryTime" not in status
    trails.start_logging(Name="audit")
    delivery = Delivery(akia, time.time())
    delivery.round(300)
    delivery.round(3600)
    status = trails.get_trail_status(Name="audit")
    assert status["IsLogging"] is True and abs(status["StartLoggingTime"].timestamp() - time.time()) < 60
    assert status["LatestDigestDeliveryTime"].timestamp() == int(delivery.now)
    assert status["LatestDeliveryAttemptSucceeded"] == status["LatestDeliveryAttemptTime"] != ""
    trails.stop_logging(Name="audit")
    status = trails.get_trail_status(Name="audit")
    assert status["IsLogging"] is False and status["StopLoggingTime"] >= status["StartLoggingTime"] and status["TimeLoggingStopped"]
    trails.stop_logging(Name="audit")
    trails.start_logging(Name="audit")
    trails.start_logging(Name="audit")
    assert trails.get_trail_status(Name="audit")["IsLogging"] is True


def test_whoever_stops_and_starts_again_and_again_hides_nothing_that_was_logged() -> None:
    """Deliveries come every five minutes: within them there is time for many stops and starts."""
    trail = Trail("id", "123456789012", "us-east-1", "audit", 0, "logs")
    store = EventDataStore("id", "123456789012", "us-east-1", "main", 0)
    for minute in range(1, 100):
        trail, store = trail.started(minute * 60).stopped(minute * 60 + 5), store.started(minute * 60).stopped(minute * 60 + 5)
    for minute in range(1, 100):
        assert trail.logs_at(minute * 60_000 + 3_000)
        assert store.takes_at(minute * 60_000 + 3_000)
    assert not trail.logs_at(99 * 60_000 - 1) and not trail.logs_at(0)
    assert len(trail.logging) == len(store.ingestion) < 20


# Selectors


def test_event_selectors_are_all_management_events_until_somebody_says_otherwise(trails: Any, akia: World) -> None:
    trails.create_trail(Name="audit", **LOGS)
    found = trails.get_event_selectors(TrailName="audit")
    default = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [], "ExcludeManagementEventSources": []}
    assert (found["TrailARN"], found["EventSelectors"]) == (arn(akia), [default])
    put = trails.put_event_selectors(TrailName="audit", EventSelectors=[{"ReadWriteType": "WriteOnly"}])
    assert put["EventSelectors"] == [default | {"ReadWriteType": "WriteOnly"}]
    assert trails.get_trail(Name="audit")["Trail"]["HasCustomEventSelectors"] is True
    advanced = [{"Name": "writes", "FieldSelectors": [MANAGEMENT, {"Field": "readOnly", "Equals": ["false"]}]}]
    trails.put_event_selectors(TrailName=arn(akia), AdvancedEventSelectors=advanced)
    found = trails.get_event_selectors(TrailName="audit")
    assert found["AdvancedEventSelectors"] == advanced and "EventSelectors" not in found


@pytest.mark.parametrize(
    "selectors",
    [
        {},
        {"EventSelectors": []},
        {"EventSelectors": [{}], "AdvancedEventSelectors": [{"FieldSelectors": [MANAGEMENT]}]},
        {"EventSelectors": [{}] * 6},
        {"EventSelectors": [{"ExcludeManagementEventSources": ["iam.amazonaws.com"]}]},
        {"EventSelectors": [{"DataResources": [{"Type": "AWS::IAM::User", "Values": ["x"]}]}]},
        {"EventSelectors": [{"DataResources": [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::b/"] * 251}]}]},
        {"AdvancedEventSelectors": []},
        {"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "readOnly", "Equals": ["true"]}]}]},
        {"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Other"]}]}]},
        {"AdvancedEventSelectors": [{"FieldSelectors": [MANAGEMENT, MANAGEMENT]}]},
        {"AdvancedEventSelectors": [{"FieldSelectors": [MANAGEMENT, {"Field": "made.up", "Equals": ["x"]}]}]},
        {"AdvancedEventSelectors": [{"FieldSelectors": [MANAGEMENT, {"Field": "eventName"}]}]},
        {"AdvancedEventSelectors": [{"FieldSelectors": [MANAGEMENT, {"Field": "readOnly", "NotEquals": ["true"]}]}]},
        {"AdvancedEventSelectors": [{"FieldSelectors": [MANAGEMENT, {"Field": "eventName", "Equals": ["x"] * 500}]}]},
    ],
)
def test_event_selectors_that_there_are_not(trails: Any, refused: Any, selectors: dict[str, Any]) -> None:
    trails.create_trail(Name="audit", **LOGS)
    assert code(refused(trails.put_event_selectors, TrailName="audit", **selectors)) == "InvalidEventSelectorsException"
    assert trails.get_trail(Name="audit")["Trail"]["HasCustomEventSelectors"] is False


def test_insight_selectors_are_remembered(trails: Any, refused: Any) -> None:
    trails.create_trail(Name="audit", **LOGS)
    assert code(refused(trails.get_insight_selectors, TrailName="audit")) == "InsightNotEnabledException"
    wanted = [{"InsightType": "ApiCallRateInsight"}, {"InsightType": "ApiErrorRateInsight"}]
    assert trails.put_insight_selectors(TrailName="audit", InsightSelectors=wanted)["InsightSelectors"] == wanted
    assert trails.get_insight_selectors(TrailName="audit")["InsightSelectors"] == wanted
    assert trails.get_trail(Name="audit")["Trail"]["HasInsightSelectors"] is True
    trails.put_insight_selectors(TrailName="audit", InsightSelectors=[])
    assert code(refused(trails.get_insight_selectors, TrailName="audit")) == "InsightNotEnabledException"
    assert code(refused(trails.put_insight_selectors, TrailName="audit", InsightSelectors=[{}])) == "InvalidInsightSelectorsException"
    twice = wanted[:1] * 2
    assert code(refused(trails.put_insight_selectors, TrailName="audit", InsightSelectors=twice)) == "InvalidInsightSelectorsException"
    store = {"EventDataStore": "store"}
    assert code(refused(trails.get_insight_selectors, **store)) == "UnsupportedOperationException"
    assert code(refused(trails.get_insight_selectors, TrailName="audit", **store)) == "InvalidParameterCombinationException"


# Tags


def test_tags_come_and_go(trails: Any, akia: World, refused: Any) -> None:
    trails.create_trail(Name="audit", TagsList=[{"Key": "team", "Value": "blue"}], **LOGS)
    trails.add_tags(ResourceId=arn(akia), TagsList=[{"Key": "team", "Value": "red"}, {"Key": "bare"}])
    [listed] = trails.list_tags(ResourceIdList=[arn(akia)])["ResourceTagList"]
    assert listed == {"ResourceId": arn(akia), "TagsList": [{"Key": "bare"}, {"Key": "team", "Value": "red"}]}
    trails.remove_tags(ResourceId=arn(akia), TagsList=[{"Key": "team"}, {"Key": "absent"}])
    assert trails.list_tags(ResourceIdList=[arn(akia)])["ResourceTagList"][0]["TagsList"] == [{"Key": "bare"}]
    more = [{"Key": f"k{number}", "Value": "v"} for number in range(50)]
    assert code(refused(trails.add_tags, ResourceId=arn(akia), TagsList=more)) == "TagsLimitExceededException"
    assert code(refused(trails.add_tags, ResourceId=arn(akia, "absent"), TagsList=[])) == "ResourceNotFoundException"
    assert code(refused(trails.add_tags, ResourceId="audit", TagsList=[])) == "CloudTrailARNInvalidException"
    for kind in ("dashboard/x", "channel/00000000-0000-4000-8000-000000000000"):
        other = f"arn:aws:cloudtrail:us-east-1:{akia.account}:{kind}"
        assert code(refused(trails.list_tags, ResourceIdList=[other])) == "ResourceNotFoundException"


# Who may


def test_a_user_may_what_policies_allow_on_this_trail(akia: World, trails: Any, refused: Any) -> None:
    trails.create_trail(Name="mine", TagsList=[{"Key": "team", "Value": "blue"}], **LOGS)
    trails.create_trail(Name="other", **LOGS)
    allowed = {"Action": ["cloudtrail:StartLogging", "cloudtrail:GetTrailStatus"], "Resource": arn(akia, "mine")}
    tagged = {"Action": "cloudtrail:StopLogging", "Condition": {"StringEquals": {"aws:ResourceTag/team": "blue"}}}
    client = akia.person("bob", allowed, tagged).client("cloudtrail")
    client.start_logging(Name="mine")
    client.get_trail_status(Name=arn(akia, "mine"))
    client.stop_logging(Name="mine")
    for operation in ("start_logging", "stop_logging", "delete_trail"):
        assert refused(getattr(client, operation), Name="other")[0] == "AccessDeniedException"
    told = refused(client.start_logging, Name="absent")
    assert told[0] == "AccessDeniedException" and arn(akia, "absent") in told[2], "nothing is told of what is not there"


def test_a_trail_with_tags_needs_the_permission_to_tag(akia: World, refused: Any) -> None:
    client = akia.person("bob", {"Action": "cloudtrail:CreateTrail"}).client("cloudtrail")
    tags = {"TagsList": [{"Key": "team", "Value": "blue"}]}
    assert "cloudtrail:AddTags" in refused(client.create_trail, Name="audit", **LOGS, **tags)[2]
    client.create_trail(Name="audit", **LOGS)


def test_a_stranger_makes_akia_ask_no_bucket(akia: World, refused: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(akia.akia.authority.buckets, "require", asked.append)
    bob = akia.person("bob").client("cloudtrail")
    assert refused(bob.create_trail, Name="audit", **LOGS)[0] == "AccessDeniedException"
    assert asked == []


# Public keys


def test_ac8_12_public_keys_are_those_that_were_valid_at_some_time_of_the_range(trails: Any, akia: World, refused: Any) -> None:
    assert trails.list_public_keys()["PublicKeyList"] == []
    trails.create_trail(Name="audit", EnableLogFileValidation=True, **LOGS)
    trails.start_logging(Name="audit")
    delivery = Delivery(akia, time.time() - 3600)
    delivery.round(1)
    delivery.store.connection.execute("UPDATE trail_lanes SET digested_until = digested_until - 9000")
    delivery.round(1)
    [key] = trails.list_public_keys()["PublicKeyList"]
    start, end = key["ValidityStartTime"].timestamp(), key["ValidityEndTime"].timestamp()
    assert start == int(delivery.now) and end > start

    def found(first: float, last: float) -> int:
        return len(trails.list_public_keys(StartTime=first, EndTime=last)["PublicKeyList"])

    assert (found(start - 9, start - 1), found(start - 9, start), found(start, end), found(end, end + 9), found(end + 1, end + 9)) == (
        0,
        1,
        1,
        1,
        0,
    )
    assert code(refused(trails.list_public_keys, StartTime=end, EndTime=start)) == "InvalidTimeRangeException"
    away = akia.client("cloudtrail", region="eu-west-1").list_public_keys()["PublicKeyList"]
    assert [one["Fingerprint"] for one in away] == [key["Fingerprint"]]


# Contested


def test_contested_operators_of_one_field_selector_must_all_hold() -> None:
    """AWS documents that values are alternatives; of several operators in one field selector its pages say different things."""
    from akia.trail.selectors import Selectable, selects

    field = {"Field": "eventName", "StartsWith": ["Create"], "NotEndsWith": ["Key"], "NotEquals": ["CreateRole"]}
    selectors = {"AdvancedEventSelectors": [{"FieldSelectors": [MANAGEMENT, field]}]}

    def selected(name: str) -> bool:
        return selects(selectors, Selectable(name, "iam.amazonaws.com", False, "{}"))

    names = ["CreateUser", "CreateAccessKey", "CreateRole", "DeleteUser"]
    assert [selected(name) for name in names] == [True, False, False, False]


def test_selectors_look_into_the_record_for_what_is_not_beside_it() -> None:
    from akia.trail.selectors import Selectable, selects

    field = {"Field": "userIdentity.arn", "NotStartsWith": ["arn:aws:iam::1:user/robot"]}
    selectors = {"AdvancedEventSelectors": [{"FieldSelectors": [MANAGEMENT, field]}]}
    for arn_, wanted in (("arn:aws:iam::1:user/robot-7", False), ("arn:aws:iam::1:user/ann", True)):
        record = f'{{"userIdentity":{{"arn":"{arn_}"}}}}'
        assert selects(selectors, Selectable("x", "y", False, record)) is wanted
    assert selects(selectors, Selectable("x", "y", False, '{"userIdentity":null}'))
