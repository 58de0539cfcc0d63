"""Event data stores as clients see them: what they are, what comes in, and what becomes of them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.lakes import Lake
from tests.organization import World as Organization

from akia.identity.event_data_store import DAY, LakeEvent
from akia.jobs.fill_event_data_stores import fill_step

if TYPE_CHECKING:
    from tests.conftest import World

    from akia.store.founding import KeyPair

pytestmark = pytest.mark.covers("I5.lake.stores")

MANAGEMENT = {"Field": "eventCategory", "Equals": ["Management"]}
ACTIVITY = [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["ActivityAuditLog"]}]}]
NOWHERE = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def lake(akia: World) -> Lake:
    return Lake(akia)


@pytest.fixture
def stores(akia: World) -> Any:
    return akia.client("cloudtrail")


def code(told: tuple[str, int, str]) -> str:
    assert told[1] == 400
    return told[0]


# Settings


def test_a_store_has_what_it_was_given_and_defaults(akia: World, stores: Any) -> None:
    made = stores.create_event_data_store(Name="main", TagsList=[{"Key": "team", "Value": "a"}])
    del made["ResponseMetadata"]
    arn = made["EventDataStoreArn"]
    assert arn.startswith(f"arn:aws:cloudtrail:us-east-1:{akia.account}:eventdatastore/")
    settings = {
        "EventDataStoreArn": arn,
        "Name": "main",
        "Status": "ENABLED",
        "AdvancedEventSelectors": [{"Name": "Default management events", "FieldSelectors": [MANAGEMENT]}],
        "MultiRegionEnabled": True,
        "OrganizationEnabled": False,
        "RetentionPeriod": 366,
        "TerminationProtectionEnabled": True,
        "BillingMode": "EXTENDABLE_RETENTION_PRICING",
    }
    times = {name: made.pop(name) for name in ("CreatedTimestamp", "UpdatedTimestamp")}
    assert made == settings | {"TagsList": [{"Key": "team", "Value": "a"}]}
    for name in (arn, arn[-36:]):
        found = stores.get_event_data_store(EventDataStore=name)
        del found["ResponseMetadata"]
        assert found == settings | times | {"FederationStatus": "DISABLED"}
    assert stores.list_event_data_stores()["EventDataStores"] == [{"EventDataStoreArn": arn, "Name": "main"}]


def test_fixed_pricing_keeps_seven_years_and_no_more(stores: Any, refused: Any) -> None:
    fixed = {"BillingMode": "FIXED_RETENTION_PRICING"}
    arn = stores.create_event_data_store(Name="fixed", **fixed)["EventDataStoreArn"]
    assert stores.get_event_data_store(EventDataStore=arn)["RetentionPeriod"] == 2_557
    assert code(refused(stores.create_event_data_store, Name="more", RetentionPeriod=2_558, **fixed)) == "InvalidParameterException"
    changed = stores.update_event_data_store(EventDataStore=arn, BillingMode="EXTENDABLE_RETENTION_PRICING", RetentionPeriod=3_653)
    assert (changed["BillingMode"], changed["RetentionPeriod"]) == ("EXTENDABLE_RETENTION_PRICING", 3_653)
    assert code(refused(stores.update_event_data_store, EventDataStore=arn, **fixed)) == "InvalidParameterException"


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"KmsKeyId": "alias/x"}, "KmsKeyNotFoundException"),
        ({"OrganizationEnabled": True}, "OrganizationsNotInUseException"),
        ({"TagsList": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}, "InvalidTagParameterException"),
        ({"TagsList": [{"Key": "aws:a", "Value": "1"}]}, "InvalidTagParameterException"),
        ({"AdvancedEventSelectors": []}, "InvalidEventSelectorsException"),
        ({"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "readOnly", "Equals": ["true"]}]}]}, "InvalidEventSelectorsException"),
        ({"AdvancedEventSelectors": [{"FieldSelectors": [MANAGEMENT]}] * 6}, "InvalidEventSelectorsException"),
        ({"AdvancedEventSelectors": [{"FieldSelectors": [MANAGEMENT]}, *ACTIVITY]}, "InvalidEventSelectorsException"),
        (
            {"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["ConfigurationItem"]}]}]},
            "InvalidEventSelectorsException",
        ),
    ],
)
def test_settings_that_a_store_cannot_have(stores: Any, refused: Any, settings: dict[str, Any], error: str) -> None:
    assert code(refused(stores.create_event_data_store, Name="main", **settings)) == error
    assert stores.list_event_data_stores()["EventDataStores"] == []


def test_a_name_is_taken_once_in_a_region(akia: World, stores: Any, refused: Any) -> None:
    stores.create_event_data_store(Name="main")
    assert code(refused(stores.create_event_data_store, Name="main")) == "EventDataStoreAlreadyExistsException"
    other = stores.create_event_data_store(Name="other")["EventDataStoreArn"]
    told = refused(stores.update_event_data_store, EventDataStore=other, Name="main")
    assert code(told) == "EventDataStoreAlreadyExistsException"
    elsewhere = akia.client("cloudtrail", region="eu-west-1")
    elsewhere.create_event_data_store(Name="main")
    assert len(elsewhere.list_event_data_stores()["EventDataStores"]) == 1


def test_a_region_has_ten_stores_at_most_those_that_are_going_included(lake: Lake, refused: Any) -> None:
    first, *_ = [lake.made(f"store-{number}") for number in range(10)]
    lake.client.delete_event_data_store(EventDataStore=first)
    assert code(refused(lake.client.create_event_data_store, Name="more")) == "EventDataStoreMaxLimitExceededException"


def test_lists_come_in_pages(lake: Lake, refused: Any) -> None:
    for number in range(3):
        lake.made(f"store-{number}")
    page = lake.client.list_event_data_stores(MaxResults=2)
    assert [store["Name"] for store in page["EventDataStores"]] == ["store-0", "store-1"]
    rest = lake.client.list_event_data_stores(MaxResults=2, NextToken=page["NextToken"])
    assert [store["Name"] for store in rest["EventDataStores"]] == ["store-2"]
    assert "NextToken" not in rest
    assert code(refused(lake.client.list_event_data_stores, NextToken="made up")) == "InvalidNextTokenException"


def test_an_update_changes_what_it_names(lake: Lake, refused: Any) -> None:
    arn = lake.made(MultiRegionEnabled=False)
    before = lake.client.get_event_data_store(EventDataStore=arn)
    changed = lake.client.update_event_data_store(EventDataStore=arn, Name="renamed", RetentionPeriod=10)
    assert (changed["Name"], changed["RetentionPeriod"], changed["MultiRegionEnabled"]) == ("renamed", 10, False)
    assert changed["CreatedTimestamp"] == before["CreatedTimestamp"]
    assert code(refused(lake.client.update_event_data_store, EventDataStore=arn)) == "InvalidParameterException"
    assert code(refused(lake.client.update_event_data_store, EventDataStore=arn, KmsKeyId="x")) == "KmsKeyNotFoundException"


@pytest.mark.parametrize(
    "operation",
    [
        "get_event_data_store",
        "update_event_data_store",
        "delete_event_data_store",
        "restore_event_data_store",
        "start_event_data_store_ingestion",
        "stop_event_data_store_ingestion",
        "list_queries",
    ],
)
def test_a_store_is_named_by_its_arn_or_its_id(akia: World, lake: Lake, other_root: KeyPair, refused: Any, operation: str) -> None:
    arn = lake.made()
    call = getattr(lake.client, operation)
    assert code(refused(call, EventDataStore=NOWHERE)) == "EventDataStoreNotFoundException"
    assert code(refused(call, EventDataStore=arn[:-36] + NOWHERE)) == "EventDataStoreNotFoundException"
    for wrong in ("main", arn.replace("eventdatastore", "trail"), arn + "/x", arn[-36:].upper()):
        assert code(refused(call, EventDataStore=wrong)) == "EventDataStoreARNInvalidException"
    elsewhere = akia.client("cloudtrail", region="eu-west-1")
    assert code(refused(getattr(elsewhere, operation), EventDataStore=arn[-36:])) == "EventDataStoreNotFoundException"
    others = getattr(akia.client("cloudtrail", other_root), operation)
    assert code(refused(others, EventDataStore=arn[-36:])) == "EventDataStoreNotFoundException"
    assert refused(others, EventDataStore=arn)[0] in {"AccessDeniedException", "EventDataStoreNotFoundException"}


def test_contested_a_store_is_for_events_from_outside_or_for_others_for_ever(lake: Lake, refused: Any) -> None:
    """AWS's console offers no change of the category; what its API answers is not documented."""
    own, outside = lake.made("own"), lake.made("outside", AdvancedEventSelectors=ACTIVITY)
    update = lake.client.update_event_data_store
    assert code(refused(update, EventDataStore=own, AdvancedEventSelectors=ACTIVITY)) == "InvalidEventSelectorsException"
    management = [{"FieldSelectors": [MANAGEMENT]}]
    assert code(refused(update, EventDataStore=outside, AdvancedEventSelectors=management)) == "InvalidEventSelectorsException"
    update(EventDataStore=outside, AdvancedEventSelectors=ACTIVITY, Name="renamed")


# What comes in


def test_a_store_holds_what_has_happened_since_it_was_made(akia: World, lake: Lake) -> None:
    akia.client("iam").create_user(UserName="before")
    lake.fill()
    arn = lake.made()
    akia.client("iam").create_user(UserName="after")
    akia.client("iam").list_users()
    lake.fill()
    lake.fill()
    assert lake.names(arn)[-3:] == ["CreateEventDataStore", "CreateUser", "ListUsers"]
    assert len(lake.names(arn)) == lake.store.lake_events.count(arn[-36:])


def test_a_store_takes_what_its_selectors_select(akia: World, lake: Lake) -> None:
    writes = [{"FieldSelectors": [MANAGEMENT, {"Field": "readOnly", "Equals": ["false"]}, {"Field": "eventName", "StartsWith": ["Cr"]}]}]
    arn = lake.made(AdvancedEventSelectors=writes)
    iam = akia.client("iam")
    iam.create_user(UserName="alice")
    iam.list_users()
    iam.delete_user(UserName="alice")
    lake.fill()
    assert lake.names(arn) == ["CreateEventDataStore", "CreateUser"]


def test_a_store_of_one_region_takes_its_events_only(akia: World, lake: Lake) -> None:
    here, everywhere = lake.made("here", MultiRegionEnabled=False), lake.made("everywhere")
    akia.client("cloudtrail", region="eu-west-1").describe_trails()
    akia.client("cloudtrail").list_public_keys()
    lake.fill()
    assert lake.names(here)[-1] == "ListPublicKeys"
    assert "DescribeTrails" not in lake.names(here)
    assert lake.names(everywhere)[-2:] == ["DescribeTrails", "ListPublicKeys"]


def test_other_accounts_events_stay_out_unless_the_organization_collects_them(akia: World, lake: Lake, other_root: KeyPair) -> None:
    organization = Organization(akia)
    member = organization.account("dev")
    organization.client.enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
    own, whole = lake.made("own"), lake.made("whole", OrganizationEnabled=True)
    member.client("iam").create_user(UserName="member")
    akia.client("iam", other_root).create_user(UserName="stranger")
    lake.fill()
    users = [json.loads(event.record)["requestParameters"] for _, event in lake.store.lake_events.page(whole[-36:])]
    assert {"userName": "member"} in users
    assert {"userName": "stranger"} not in users
    assert "CreateUser" not in lake.names(own)


def test_a_member_has_no_store_of_the_organization(akia: World, lake: Lake, refused: Any) -> None:
    organization = Organization(akia)
    assert code(refused(lake.client.create_event_data_store, Name="xyz", OrganizationEnabled=True)) == "CloudTrailAccessNotEnabledException"
    organization.client.enable_aws_service_access(ServicePrincipal="cloudtrail.amazonaws.com")
    member = organization.account("dev").client("cloudtrail")
    told = refused(member.create_event_data_store, Name="xyz", OrganizationEnabled=True)
    assert code(told) == "NotOrganizationMasterAccountException"
    lake.made(OrganizationEnabled=True)
    assert member.list_event_data_stores()["EventDataStores"] == []


def test_a_store_that_is_stopped_takes_nothing_until_it_is_started(akia: World, lake: Lake, refused: Any) -> None:
    arn = lake.made(StartIngestion=False)
    assert lake.client.get_event_data_store(EventDataStore=arn)["Status"] == "STOPPED_INGESTION"
    akia.client("iam").create_user(UserName="unseen")
    lake.fill()
    assert lake.names(arn) == []
    assert code(refused(lake.client.stop_event_data_store_ingestion, EventDataStore=arn)) == "InvalidEventDataStoreStatusException"
    lake.client.start_event_data_store_ingestion(EventDataStore=arn)
    assert lake.client.get_event_data_store(EventDataStore=arn)["Status"] == "ENABLED"
    assert code(refused(lake.client.start_event_data_store_ingestion, EventDataStore=arn)) == "InvalidEventDataStoreStatusException"
    lake.fill()
    assert lake.names(arn)
    lake.client.stop_event_data_store_ingestion(EventDataStore=arn)
    assert lake.client.get_event_data_store(EventDataStore=arn)["Status"] == "STOPPED_INGESTION"


def test_events_from_outside_are_not_ingested(lake: Lake, refused: Any) -> None:
    arn = lake.made(AdvancedEventSelectors=ACTIVITY)
    for call in (lake.client.stop_event_data_store_ingestion, lake.client.start_event_data_store_ingestion):
        assert code(refused(call, EventDataStore=arn)) == "InvalidEventDataStoreCategoryException"
    lake.fill()
    assert lake.names(arn) == []


def test_an_event_is_in_a_store_once_whoever_brings_it(lake: Lake) -> None:
    store_id = lake.made()[-36:]
    events = [LakeEvent("e-1", 1, "{}"), LakeEvent("e-2", 2, "{}")]
    assert lake.store.lake_events.add(store_id, events) == 2
    assert lake.store.lake_events.add(store_id, [*events, LakeEvent("e-3", 3, "{}")]) == 1
    assert lake.store.lake_events.add("another", events) == 2
    assert lake.store.lake_events.add(store_id, []) == 0


def test_two_workers_take_no_event_twice_and_lose_none(akia: World, lake: Lake) -> None:
    arn = lake.made()
    akia.client("iam").create_user(UserName="alice")
    akia.akia.authority.drain()
    store = lake.store.event_data_stores.get(arn[-36:])
    assert store is not None
    one, two = fill_step(lake.store, store), fill_step(lake.store, store)
    assert one is not None
    assert two is not None
    batch = akia.akia.writer.open()
    assert one.enter(batch)
    assert not two.enter(batch)
    batch.commit()
    assert lake.names(arn)[-1] == "CreateUser"


def test_events_go_when_they_are_too_old_and_outlive_the_event_history(akia: World, lake: Lake) -> None:
    arn = lake.made(RetentionPeriod=7)
    akia.client("iam").create_user(UserName="alice")
    lake.fill()
    kept = len(lake.names(arn))
    store = akia.akia.store
    store.connection.begin_immediate()
    store.event_retention.trim(akia.account, 2**60, 1_000)
    store.connection.commit()
    lake.seconds = 6 * DAY
    lake.trim()
    assert len(lake.names(arn)) == kept
    lake.seconds = 8 * DAY
    lake.trim()
    assert lake.names(arn) == []


def test_no_event_is_trimmed_from_the_history_before_a_store_has_seen_it(akia: World, lake: Lake) -> None:
    arn = lake.made()
    akia.client("iam").create_user(UserName="alice")
    akia.akia.authority.drain()
    store = akia.akia.store
    store.connection.begin_immediate()
    store.event_retention.trim(akia.account, 2**60, 1_000)
    store.connection.commit()
    lake.fill()
    assert "CreateUser" in lake.names(arn)


# The end


def test_a_protected_store_is_not_deleted(stores: Any, refused: Any) -> None:
    arn = stores.create_event_data_store(Name="main")["EventDataStoreArn"]
    assert code(refused(stores.delete_event_data_store, EventDataStore=arn)) == "EventDataStoreTerminationProtectedException"
    stores.update_event_data_store(EventDataStore=arn, TerminationProtectionEnabled=False)
    stores.delete_event_data_store(EventDataStore=arn)
    assert stores.get_event_data_store(EventDataStore=arn)["Status"] == "PENDING_DELETION"


def test_a_deleted_store_is_inactive_and_can_be_restored_for_seven_days(akia: World, lake: Lake, refused: Any) -> None:
    arn = lake.made()
    lake.fill()
    before = lake.names(arn)
    assert code(refused(lake.client.restore_event_data_store, EventDataStore=arn)) == "InvalidEventDataStoreStatusException"
    lake.client.delete_event_data_store(EventDataStore=arn)
    for operation in ("delete_event_data_store", "list_queries"):
        assert code(refused(getattr(lake.client, operation), EventDataStore=arn)) == "InactiveEventDataStoreException"
    assert code(refused(lake.client.update_event_data_store, EventDataStore=arn, Name="xyz")) == "InactiveEventDataStoreException"
    told = refused(lake.client.start_query, QueryStatement=f"SELECT eventID FROM {arn[-36:]}")
    assert code(told) == "InactiveEventDataStoreException"
    lake.seconds = 6 * DAY
    lake.trim()
    restored = lake.client.restore_event_data_store(EventDataStore=arn)
    assert restored["Status"] == "ENABLED"
    assert lake.names(arn)[: len(before)] == before


def test_a_store_that_was_stopped_is_restored_as_it_was(lake: Lake) -> None:
    arn = lake.made(StartIngestion=False)
    lake.client.delete_event_data_store(EventDataStore=arn)
    assert lake.client.restore_event_data_store(EventDataStore=arn)["Status"] == "STOPPED_INGESTION"


def test_after_seven_days_a_deleted_store_is_gone_with_its_events(lake: Lake, refused: Any) -> None:
    arn = lake.made()
    lake.fill()
    lake.client.delete_event_data_store(EventDataStore=arn)
    lake.seconds = 7 * DAY + 1
    lake.trim()
    assert code(refused(lake.client.get_event_data_store, EventDataStore=arn)) == "EventDataStoreNotFoundException"
    assert lake.store.lake_events.count(arn[-36:]) == 0
    assert lake.store.event_stream.position(f"lake/{arn[-36:]}") is None


def test_what_is_over_is_not_restored_though_it_is_yet_to_be_cleared_away(lake: Lake, refused: Any) -> None:
    """Some of its events may have gone already."""
    arn = lake.made()
    lake.client.delete_event_data_store(EventDataStore=arn)
    store = lake.store.event_data_stores.get(arn[-36:])
    assert store is not None
    lake.store.event_data_stores.replace(replace(store, deleted=store.deleted - 7 * DAY))
    assert code(refused(lake.client.restore_event_data_store, EventDataStore=arn)) == "EventDataStoreNotFoundException"
    assert lake.client.list_event_data_stores()["EventDataStores"] == []


def test_a_store_that_is_restored_while_others_are_cleared_away_loses_nothing(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    arn = lake.made()
    lake.fill()
    before = lake.names(arn)
    lake.client.delete_event_data_store(EventDataStore=arn)
    late = lake.store.event_data_stores.all()
    lake.client.restore_event_data_store(EventDataStore=arn)
    lake.seconds = 7 * DAY + 1
    with monkeypatch.context() as patch:
        patch.setattr(type(lake.store.event_data_stores), "all", lambda _: late)  # as the job has seen them a moment before
        lake.trim()
    assert lake.names(arn)[: len(before)] == before


def test_the_resource_policy_of_a_store_ends_with_it(akia: World, lake: Lake) -> None:
    arn = lake.made()
    statement = {"Effect": "Allow", "Principal": {"AWS": akia.account}, "Action": "cloudtrail:GetEventDataStore", "Resource": arn}
    lake.client.put_resource_policy(ResourceArn=arn, ResourcePolicy=json.dumps({"Version": "2012-10-17", "Statement": statement}))
    lake.client.delete_event_data_store(EventDataStore=arn)
    lake.seconds = 7 * DAY + 1
    lake.trim()
    assert lake.store.trail_resource_policies.get(arn) is None


# Who may


def test_policies_are_asked_about_the_store(akia: World, lake: Lake, refused: Any) -> None:
    mine, others = lake.made("mine"), lake.made("others")
    reader = akia.person("reader", {"Action": "cloudtrail:GetEventDataStore", "Resource": mine}).client("cloudtrail")
    assert reader.get_event_data_store(EventDataStore=mine[-36:])["Name"] == "mine"
    assert refused(reader.get_event_data_store, EventDataStore=others)[:2] == ("AccessDeniedException", 400)
    assert refused(reader.delete_event_data_store, EventDataStore=mine)[:2] == ("AccessDeniedException", 400)


def test_policies_are_asked_about_a_stores_tags(akia: World, lake: Lake, refused: Any) -> None:
    tagged = lake.made("tagged", TagsList=[{"Key": "team", "Value": "a"}])
    plain = lake.made("plain")
    condition = {"StringEquals": {"aws:ResourceTag/team": "a"}}
    person = akia.person("person", {"Action": "cloudtrail:*", "Condition": condition}).client("cloudtrail")
    assert person.get_event_data_store(EventDataStore=tagged)["Name"] == "tagged"
    assert refused(person.get_event_data_store, EventDataStore=plain)[0] == "AccessDeniedException"


def test_whoever_tags_a_new_store_needs_to_be_allowed_to(akia: World, refused: Any) -> None:
    person = akia.person("person", {"Action": "cloudtrail:CreateEventDataStore"}).client("cloudtrail")
    person.create_event_data_store(Name="plain")
    told = refused(person.create_event_data_store, Name="tagged", TagsList=[{"Key": "a", "Value": "1"}])
    assert told[0] == "AccessDeniedException"
    assert "cloudtrail:AddTags" in told[2]


def test_stores_have_tags(lake: Lake, refused: Any) -> None:
    arn = lake.made(TagsList=[{"Key": "a", "Value": "1"}])
    lake.client.add_tags(ResourceId=arn, TagsList=[{"Key": "b", "Value": "2"}])
    lake.client.remove_tags(ResourceId=arn, TagsList=[{"Key": "a"}])
    listed = lake.client.list_tags(ResourceIdList=[arn])["ResourceTagList"]
    assert listed == [{"ResourceId": arn, "TagsList": [{"Key": "b", "Value": "2"}]}]
    told = refused(lake.client.add_tags, ResourceId=arn[:-36] + NOWHERE, TagsList=[{"Key": "a", "Value": "1"}])
    assert code(told) == "EventDataStoreNotFoundException"
    lake.client.delete_event_data_store(EventDataStore=arn)
    told = refused(lake.client.add_tags, ResourceId=arn, TagsList=[{"Key": "a", "Value": "1"}])
    assert code(told) == "InactiveEventDataStoreException"


def test_events_name_the_store(lake: Lake, lookup: Any) -> None:
    arn = lake.made()
    lake.client.stop_event_data_store_ingestion(EventDataStore=arn)
    for name in ("CreateEventDataStore", "StopEventDataStoreIngestion"):
        (event,) = lookup(EventName=name)
        assert event["Resources"] == [{"ResourceType": "AWS::CloudTrail::EventDataStore", "ResourceName": arn}]
