"""Channels: made, shown, changed and deleted by unmodified clients."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import World

    from akia.store.founding import KeyPair

pytestmark = pytest.mark.covers("I5.lake.channels")

UNKNOWN = "0" * 8 + "-0000-4000-8000-" + "0" * 12


@pytest.fixture
def client(akia: World) -> Any:
    return akia.client("cloudtrail")


def to(*stores: str) -> list[dict[str, str]]:
    return [{"Type": "EVENT_DATA_STORE", "Location": store} for store in stores]


def test_a_channel_has_what_it_was_given(akia: World, client: Any, outside_store: Callable[..., str]) -> None:
    store, tags = outside_store(), [{"Key": "team", "Value": "red"}]
    made = client.create_channel(Name="partner", Source="Custom", Destinations=to(store), Tags=tags)
    del made["ResponseMetadata"]
    assert re.fullmatch(rf"arn:aws:cloudtrail:us-east-1:{akia.account}:channel/[0-9a-f-]{{36}}", made["ChannelArn"])
    shown = {"ChannelArn": made["ChannelArn"], "Name": "partner", "Source": "Custom", "Destinations": to(store)}
    assert made == {**shown, "Tags": tags}
    for name in (made["ChannelArn"], made["ChannelArn"].rpartition("/")[2]):
        got = client.get_channel(Channel=name)
        del got["ResponseMetadata"]
        assert got == {**shown, "IngestionStatus": {}}
    assert client.list_channels()["Channels"] == [{"ChannelArn": made["ChannelArn"], "Name": "partner"}]


def test_a_channel_leads_to_stores_for_events_from_outside_only(client: Any, outside_store: Callable[..., str], refused: Any) -> None:
    def code(*destinations: dict[str, str], source: str = "Custom") -> str:
        told: tuple[str, int, str] = refused(client.create_channel, Name="partner", Source=source, Destinations=[*destinations])
        assert told[1] == 400
        return told[0]

    store = outside_store()
    management = client.create_event_data_store(Name="management", TerminationProtectionEnabled=False)["EventDataStoreArn"]
    assert code(*to(management)) == "InvalidEventDataStoreCategoryException"
    assert code(*to(store, management)) == "InvalidEventDataStoreCategoryException"
    assert code(*to(store, store)) == "InvalidParameterException"
    assert code(*to("arn:aws:cloudtrail:us-east-1:123456789012:trail/x")) == "EventDataStoreARNInvalidException"
    assert code(*to(store.rpartition("/")[0] + "/" + UNKNOWN)) == "EventDataStoreNotFoundException"
    assert code({"Type": "AWS_SERVICE", "Location": "config"}) == "InvalidParameterException"
    assert code(*to(store), source="Nobody") == "InvalidSourceException"


def test_a_name_is_taken_once_in_an_account_and_region(client: Any, channel: str, outside_store: Callable[..., str], refused: Any) -> None:
    other = outside_store("other")
    told = refused(client.create_channel, Name="partner", Source="Custom", Destinations=to(other))
    assert told[:2] == ("ChannelAlreadyExistsException", 400)
    second = client.create_channel(Name="second", Source="OktaSystemLogEvents", Destinations=to(other))["ChannelArn"]
    assert refused(client.update_channel, Channel=second, Name="partner")[0] == "ChannelAlreadyExistsException"
    client.update_channel(Channel=channel, Name="partner")


def test_what_is_left_out_of_an_update_stays(client: Any, channel: str, outside_store: Callable[..., str], refused: Any) -> None:
    before = client.get_channel(Channel=channel)
    renamed = client.update_channel(Channel=channel, Name="renamed")
    assert (renamed["Name"], renamed["Destinations"], renamed["Source"]) == ("renamed", before["Destinations"], "Custom")
    other = outside_store("other")
    assert client.update_channel(Channel=channel, Destinations=to(other))["Name"] == "renamed"
    assert client.get_channel(Channel=channel)["Destinations"] == to(other)
    assert refused(client.update_channel, Channel=channel, Destinations=to(UNKNOWN))[0] == "EventDataStoreNotFoundException"


def test_a_deleted_channel_is_gone(client: Any, channel: str, refused: Any) -> None:
    client.delete_channel(Channel=channel)
    assert client.list_channels()["Channels"] == []
    for operation in (client.get_channel, client.delete_channel, client.update_channel):
        assert refused(operation, Channel=channel)[:2] == ("ChannelNotFoundException", 400)


def test_what_is_no_channel(client: Any, refused: Any) -> None:
    for operation in (client.get_channel, client.delete_channel, client.update_channel):
        for wrong in ("partner", "arn:aws:cloudtrail:us-east-1:123456789012:trail/partner", "arn:aws:iam::123456789012:user/x"):
            assert refused(operation, Channel=wrong)[:2] == ("ChannelARNInvalidException", 400)
        assert refused(operation, Channel=UNKNOWN)[0] == "ChannelNotFoundException"


def test_channels_come_in_pages(client: Any, outside_store: Callable[..., str], refused: Any) -> None:
    store = outside_store()
    for number in range(5):
        client.create_channel(Name=f"channel-{number}", Source="Custom", Destinations=to(store))
    names: list[str] = []
    token: dict[str, str] = {}
    while True:
        told = client.list_channels(MaxResults=2, **token)
        names += [channel["Name"] for channel in told["Channels"]]
        if "NextToken" not in told:
            break
        token = {"NextToken": told["NextToken"]}
    assert names == [f"channel-{number}" for number in range(5)]
    assert refused(client.list_channels, NextToken="wrong")[0] == "InvalidNextTokenException"


def test_there_is_a_limit(akia: World, client: Any, outside_store: Callable[..., str], refused: Any) -> None:
    store = outside_store()
    for number in range(akia.akia.authority.quotas.channels_per_region):
        client.create_channel(Name=f"channel-{number}", Source="Custom", Destinations=to(store))
    told = refused(client.create_channel, Name="more", Source="Custom", Destinations=to(store))
    assert told[:2] == ("ChannelMaxLimitExceededException", 400)


def test_nt_99_channels_of_another_account_or_region_do_not_show(
    akia: World, channel: str, other_root: KeyPair, outside_store: Callable[..., str], refused: Any
) -> None:
    elsewhere = akia.client("cloudtrail", region="eu-west-1")
    stranger = akia.client("cloudtrail", other_root)
    for client in (elsewhere, stranger):
        assert client.list_channels()["Channels"] == []
        for operation in (client.get_channel, client.delete_channel, client.update_channel):
            assert refused(operation, Channel=channel)[0] == "ChannelNotFoundException"
        told = refused(client.create_channel, Name="theirs", Source="Custom", Destinations=to(outside_store(f"store-{id(client)}")))
        assert told[0] == "EventDataStoreNotFoundException"


def test_who_may_make_channels(akia: World, outside_store: Callable[..., str], refused: Any) -> None:
    """The action is asked for on the channel and on each store (the catalogue says so), and AddTags for tags."""
    one, two = outside_store("one"), outside_store("two")
    channels = f"arn:aws:cloudtrail:us-east-1:{akia.account}:channel/*"
    maker = akia.person("maker", {"Action": "cloudtrail:CreateChannel", "Resource": [channels, one]}).client("cloudtrail")
    maker.create_channel(Name="first", Source="Custom", Destinations=to(one))
    assert refused(maker.create_channel, Name="second", Source="Custom", Destinations=to(one, two))[0] == "AccessDeniedException"
    tags = [{"Key": "team", "Value": "red"}]
    told = refused(maker.create_channel, Name="second", Source="Custom", Destinations=to(one), Tags=tags)
    assert told[0] == "AccessDeniedException"
    assert "cloudtrail:AddTags" in told[2]


def test_tags_of_a_channel_count_in_policies(akia: World, client: Any, outside_store: Callable[..., str], refused: Any) -> None:
    tags = [{"Key": "team", "Value": "red"}]
    red = client.create_channel(Name="red", Source="Custom", Destinations=to(outside_store()), Tags=tags)["ChannelArn"]
    blue = client.create_channel(Name="blue", Source="Custom", Destinations=to(outside_store("blue")))["ChannelArn"]
    condition = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    reader = akia.person("reader", {"Action": "cloudtrail:GetChannel", "Condition": condition}).client("cloudtrail")
    assert reader.get_channel(Channel=red)["Name"] == "red"
    assert refused(reader.get_channel, Channel=blue)[0] == "AccessDeniedException"


def test_tags_of_a_channel_are_added_told_and_removed(akia: World, client: Any, channel: str, refused: Any) -> None:
    client.add_tags(ResourceId=channel, TagsList=[{"Key": "team", "Value": "red"}, {"Key": "stage", "Value": "live"}])
    client.remove_tags(ResourceId=channel, TagsList=[{"Key": "stage"}])
    [told] = client.list_tags(ResourceIdList=[channel])["ResourceTagList"]
    assert told == {"ResourceId": channel, "TagsList": [{"Key": "team", "Value": "red"}]}
    unknown = channel.rpartition("/")[0] + "/" + UNKNOWN
    assert refused(client.list_tags, ResourceIdList=[unknown])[:2] == ("ResourceNotFoundException", 400)
    condition = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    untagger = akia.person("untagger", {"Action": "cloudtrail:RemoveTags", "Condition": condition}).client("cloudtrail")
    untagger.remove_tags(ResourceId=channel, TagsList=[{"Key": "team"}])
    assert refused(untagger.remove_tags, ResourceId=channel, TagsList=[{"Key": "team"}])[0] == "AccessDeniedException"


def test_a_store_that_a_channel_leads_to_cannot_be_deleted(client: Any, channel: str, refused: Any) -> None:
    store = client.get_channel(Channel=channel)["Destinations"][0]["Location"]
    assert refused(client.delete_event_data_store, EventDataStore=store)[:2] == ("ChannelExistsForEDSException", 400)
    client.delete_channel(Channel=channel)
    client.delete_event_data_store(EventDataStore=store)
