"""Resource policies of event data stores count in decisions (P1.5)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from tests.conftest import World

pytestmark = pytest.mark.covers("I5.lake.resource_policies")

ID = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def client(akia: World) -> Any:
    return akia.client("cloudtrail")


def made(client: Any, name: str = "events") -> str:
    return str(client.create_event_data_store(Name=name, TerminationProtectionEnabled=False)["EventDataStoreArn"])


def put(client: Any, arn: str, *statements: dict[str, Any]) -> None:
    given = [{"Effect": "Allow", "Resource": arn} | statement for statement in statements]
    client.put_resource_policy(ResourceArn=arn, ResourcePolicy=json.dumps({"Version": "2012-10-17", "Statement": given}))


CALLS: dict[str, dict[str, Any]] = {
    "get_event_data_store": {},
    "update_event_data_store": {"RetentionPeriod": 30},
    "stop_event_data_store_ingestion": {},
    "start_event_data_store_ingestion": {},
    "list_queries": {},
    "get_event_configuration": {},
    "put_event_configuration": {"MaxEventSize": "Large"},
    "delete_event_data_store": {},
    "restore_event_data_store": {},
}


def test_within_an_account_the_stores_word_is_enough(akia: World, client: Any, refused: Any) -> None:
    store, other, alice = made(client), made(client, "other"), akia.person("alice")
    own = alice.client("cloudtrail")
    put(client, store, {"Principal": {"AWS": alice.arn}, "Action": "cloudtrail:*"})
    for name, given in CALLS.items():
        assert refused(getattr(own, name), EventDataStore=other, **given)[0] == "AccessDeniedException", name
        getattr(own, name)(EventDataStore=store, **given)
    assert refused(akia.person("bob").client("cloudtrail").get_event_data_store, EventDataStore=store)[0] == "AccessDeniedException"


def test_a_denial_of_the_store_is_one(akia: World, client: Any, refused: Any) -> None:
    store, other = made(client), made(client, "other")
    alice = akia.person("alice", {"Action": "cloudtrail:*"})
    own = alice.client("cloudtrail")
    put(client, store, {"Effect": "Deny", "Principal": {"AWS": alice.arn}, "Action": "cloudtrail:*"})
    for name, given in CALLS.items():
        told = refused(getattr(own, name), EventDataStore=store, **given)
        assert told[0] == "AccessDeniedException", name
        assert "with an explicit deny in a resource-based policy" in told[2]
    assert own.get_event_data_store(EventDataStore=other)["Name"] == "other"


def test_a_query_needs_the_word_of_every_store_that_it_reads(akia: World, client: Any, refused: Any) -> None:
    first, second, alice = made(client, "first"), made(client, "second"), akia.person("alice")
    own = alice.client("cloudtrail")
    ids = [arn.rpartition("/")[2] for arn in (first, second)]
    statement = f"SELECT eventID FROM {ids[0]} UNION ALL SELECT eventID FROM {ids[1]}"
    allowed = {"Principal": {"AWS": alice.arn}, "Action": "cloudtrail:*"}
    put(client, first, allowed)
    told = refused(own.start_query, QueryStatement=statement)
    assert told[0] == "AccessDeniedException" and second in told[2]
    put(client, second, allowed)
    query = own.start_query(QueryStatement=statement)["QueryId"]
    assert own.describe_query(QueryId=query)["QueryStatus"] in {"QUEUED", "FINISHED"}
    put(client, second, {"Effect": "Deny", "Principal": "*", "Action": ["cloudtrail:GetQueryResults", "cloudtrail:CancelQuery"]}, allowed)
    for operation in (own.get_query_results, own.cancel_query):
        assert refused(operation, QueryId=query)[0] == "AccessDeniedException"


def test_another_account_looks_at_a_store_that_lets_it(akia: World, client: Any, other_root: KeyPair, refused: Any) -> None:
    store, iam = made(client), akia.client("iam", other_root)
    iam.create_user(UserName="auditor")
    key = iam.create_access_key(UserName="auditor")["AccessKey"]
    auditor = akia.client("cloudtrail", KeyPair(key["AccessKeyId"], key["SecretAccessKey"]))
    policy = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "cloudtrail:*", "Resource": "*"}})
    put(client, store, {"Principal": {"AWS": "444455556666"}, "Action": "cloudtrail:GetEventDataStore"})
    assert refused(auditor.get_event_data_store, EventDataStore=store)[0] == "AccessDeniedException", "its own account must allow it too"
    iam.put_user_policy(UserName="auditor", PolicyName="all", PolicyDocument=policy)
    assert auditor.get_event_data_store(EventDataStore=store)["Name"] == "events"
    assert refused(auditor.update_event_data_store, EventDataStore=store, RetentionPeriod=30)[0] == "EventDataStoreNotFoundException"
    client.delete_resource_policy(ResourceArn=store)
    unknown = store.rpartition("/")[0] + "/" + ID
    for arn in (store, unknown):
        assert refused(auditor.get_event_data_store, EventDataStore=arn)[0] == "AccessDeniedException", "nobody learns what is there"
