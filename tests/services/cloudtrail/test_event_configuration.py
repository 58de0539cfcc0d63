"""What events are told with: PutEventConfiguration and what trails and stores get by it."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.trails import Delivery

from akia.jobs.fill_event_data_stores import FillEventDataStores

if TYPE_CHECKING:
    from tests.conftest import World

pytestmark = pytest.mark.covers("I5.trail.api")

KEYS = ["aws:SourceIp", "aws:PrincipalArn", "aws:PrincipalTag/team", "aws:PrincipalOrgID", "aws:SecureTransport"]
REQUEST = {"Type": "RequestContext", "Equals": KEYS}
TAGS = {"Type": "TagContext", "Equals": ["Team", "absent"]}
LARGE = {"MaxEventSize": "Large", "ContextKeySelectors": [REQUEST, TAGS]}


@pytest.fixture
def client(akia: World) -> Any:
    made = akia.client("cloudtrail")
    made.create_trail(Name="audit", S3BucketName="logs", IsMultiRegionTrail=True)
    return made


def told(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def test_a_configuration_has_defaults_is_changed_and_taken_away(client: Any) -> None:
    store = client.create_event_data_store(Name="events")["EventDataStoreArn"]
    trail = client.get_trail(Name="audit")["Trail"]["TrailARN"]
    for target, shown in (({"TrailName": "audit"}, {"TrailARN": trail}), ({"EventDataStore": store}, {"EventDataStoreArn": store})):
        assert told(client.get_event_configuration(**target)) == {**shown, "MaxEventSize": "Standard", "ContextKeySelectors": []}
        assert told(client.put_event_configuration(**target, **LARGE)) == {**shown, **LARGE}
        assert told(client.put_event_configuration(**target, ContextKeySelectors=[TAGS])) == {
            **shown,
            **LARGE,
            "ContextKeySelectors": [TAGS],
        }
        client.put_event_configuration(**target, ContextKeySelectors=[], MaxEventSize="Standard")
        assert told(client.get_event_configuration(**target)) == {**shown, "MaxEventSize": "Standard", "ContextKeySelectors": []}
    aggregations = [{"Templates": ["API_ACTIVITY"], "EventCategory": "Data"}]
    client.put_event_configuration(TrailName="audit", AggregationConfigurations=aggregations)
    assert client.get_event_configuration(TrailName="audit")["AggregationConfigurations"] == aggregations


def test_what_cannot_be_configured(client: Any, outside_store: Any, refused: Any) -> None:
    store = client.create_event_data_store(Name="events")["EventDataStoreArn"]

    def code(**given: Any) -> str:
        answer: tuple[str, int, str] = refused(client.put_event_configuration, **given)
        assert answer[1] == 400
        return answer[0]

    assert code(MaxEventSize="Large") == "InvalidParameterCombinationException"
    assert code(TrailName="audit", EventDataStore=store) == "InvalidParameterCombinationException"
    assert code(TrailName="audit", ContextKeySelectors=[TAGS]) == "InvalidParameterException"
    assert code(TrailName="audit", **LARGE | {"MaxEventSize": "Standard"}) == "InvalidParameterException"
    assert code(TrailName="audit", **LARGE | {"ContextKeySelectors": [TAGS, TAGS]}) == "InvalidParameterException"
    wrong = {"Type": "RequestContext", "Equals": ["iam:PolicyARN"]}
    assert code(TrailName="audit", **LARGE | {"ContextKeySelectors": [wrong]}) == "InvalidParameterException"
    aggregations = [{"Templates": ["API_ACTIVITY"], "EventCategory": "Data"}]
    assert code(EventDataStore=store, AggregationConfigurations=aggregations) == "InvalidParameterException"
    assert code(EventDataStore=outside_store(), **LARGE) == "InvalidEventDataStoreCategoryException"
    assert code(TrailName="other", MaxEventSize="Large") == "TrailNotFoundException"
    assert refused(client.get_event_configuration)[0] == "InvalidParameterCombinationException"


def test_contested_event_context_holds_keys_as_they_were_asked_for(akia: World, client: Any) -> None:
    """AWS documents `eventContext` with these two members; in which letter case keys come back it does not say."""
    store = client.create_event_data_store(Name="events")["EventDataStoreArn"]
    for target in ({"TrailName": "audit"}, {"EventDataStore": store}):
        client.put_event_configuration(**target, **LARGE)
    client.start_logging(Name="audit")
    iam = akia.client("iam")
    iam.create_user(UserName="bob", Tags=[{"Key": "team", "Value": "blue"}])
    alice = akia.person("alice", {"Action": "iam:*"})
    iam.tag_user(UserName="alice", Tags=[{"Key": "team", "Value": "red"}])
    alice.client("iam").get_user(UserName="bob")
    delivery = Delivery(akia, time.time())
    delivery.round(300)
    asyncio.run(FillEventDataStores(delivery.store, delivery.do).once())
    logged = [record for key in delivery.buckets.named("/CloudTrail/") for record in delivery.buckets.text(key)["Records"]]
    kept = [json.loads(event.record) for _, event in delivery.store.lake_events.page(store.rpartition("/")[2])]
    for records in (logged, kept):
        [record] = [each for each in records if each["eventName"] == "GetUser"]
        assert record["eventContext"] == {
            "requestContext": {
                "aws:SourceIp": record["sourceIPAddress"],
                "aws:PrincipalArn": alice.arn,
                "aws:PrincipalTag/team": "red",
                "aws:SecureTransport": "false",
            },
            "tagContext": {
                "resourceTags": [{"arn": f"arn:aws:iam::{akia.account}:user/bob", "tags": {"Team": "blue"}}],
            },
        }
    [event] = client.lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "GetUser"}])["Events"]
    assert "eventContext" not in event["CloudTrailEvent"], "the history tells what it was told"


def test_callers_of_every_kind_have_a_context(akia: World, client: Any, role: Any, refused: Any) -> None:
    """Sessions, federated users, root, and who never verified: none of them keeps a trail from delivering."""
    client.put_event_configuration(TrailName="audit", **LARGE)
    client.start_logging(Name="audit")
    sts = akia.client("sts")
    alice = akia.person("alice", {"Action": "*"})
    role("reader", alice.arn)
    alice.client("sts").assume_role(RoleArn=f"arn:aws:iam::{akia.account}:role/reader", RoleSessionName="session")
    alice.client("sts").get_federation_token(Name="fed")
    sts.get_caller_identity()
    delivery = Delivery(akia, time.time())
    delivery.round(300)
    names = delivery.buckets.events()
    assert {"AssumeRole", "GetFederationToken", "GetCallerIdentity"} <= set(names)


def test_who_may_configure_events(akia: World, client: Any, refused: Any) -> None:
    store = client.create_event_data_store(Name="events")["EventDataStoreArn"]
    trail = client.get_trail(Name="audit")["Trail"]["TrailARN"]
    for own, other, arn in (
        ({"TrailName": "audit"}, {"EventDataStore": store}, trail),
        ({"EventDataStore": store}, {"TrailName": "audit"}, store),
    ):
        allowed = {"Action": "cloudtrail:*EventConfiguration", "Resource": arn}
        person = akia.person(f"person-{arn[-5:]}", allowed).client("cloudtrail")
        person.put_event_configuration(**own, MaxEventSize="Large")
        assert person.get_event_configuration(**own)["MaxEventSize"] == "Large"
        assert refused(person.put_event_configuration, **other, MaxEventSize="Large")[0] == "AccessDeniedException"
        assert refused(person.get_event_configuration, **other)[0] == "AccessDeniedException"
