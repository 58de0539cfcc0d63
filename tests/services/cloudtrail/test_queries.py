"""Queries of event data stores as clients see them: what is asked, by whom, what is answered and where it is delivered."""

from __future__ import annotations

import asyncio
import csv
import gzip
import json
import time
import zlib
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from tests.lakes import Lake
from tests.trails import Memory

from akia.aws.errors import ServiceUnavailable
from akia.identity.event_data_store import DAY, LakeEvent
from akia.identity.lake_query import QUEUED, RUNNING, LakeQuery
from akia.jobs.run_queries import RunQueries
from akia.outbound.buckets import BucketRefuses, NoSuchBucket
from akia.querying.question import Limits
from akia.querying.run import FINISHED, Answer, Piece
from akia.trail.signing import verifies

if TYPE_CHECKING:
    from tests.conftest import World

    from akia.store.founding import KeyPair

pytestmark = pytest.mark.covers("I5.lake.queries")

NOWHERE = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def lake(akia: World) -> Lake:
    return Lake(akia)


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Queries are not run by themselves."""
    monkeypatch.setattr(RunQueries, "take_turn", lambda self, writer: None)


def code(told: tuple[str, int, str]) -> str:
    assert told[1] == 400
    return told[0]


def filled(lake: Lake, number: int, **record: Any) -> str:
    """The id of a store with so many events and no others."""
    store_id = lake.made(StartIngestion=False)[-36:]
    now = int(time.time())
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
    events = [
        LakeEvent(f"e-{each}", now * 1000, json.dumps({"eventID": f"e-{each:05}", "eventTime": moment, "eventName": "Made", **record}))
        for each in range(number)
    ]
    lake.store.lake_events.add(store_id, events)
    return store_id


# What is answered


def test_a_query_sees_every_call_that_was_answered_before(akia: World, lake: Lake) -> None:
    store_id = lake.made()[-36:]
    alice = akia.person("alice", {"Action": "iam:List*"})
    alice.client("iam").list_users()
    alice.client("iam").list_roles()
    columns = "eventName, eventSource, userIdentity.userName, readOnly, errorCode"
    rows = lake.rows(f"SELECT {columns} FROM {store_id} WHERE userIdentity.accessKeyId = '{alice.key.access_key_id}' ORDER BY eventName")
    told = {"eventSource": "iam.amazonaws.com", "userName": "alice", "readOnly": "true", "errorCode": ""}
    assert rows == [{"eventName": "ListRoles", **told}, {"eventName": "ListUsers", **told}]


def test_parameters_are_maps(akia: World, lake: Lake) -> None:
    store_id = lake.made()[-36:]
    akia.client("iam").create_user(UserName="alice", Tags=[{"Key": "a", "Value": "1"}])
    (row,) = lake.rows(
        "SELECT element_at(requestParameters, 'userName') AS name, json_extract_scalar(element_at(requestParameters, 'tags'), '$[0].key') "
        f"AS tag, element_at(requestParameters, 'nothing') AS nothing FROM {store_id} WHERE eventName = 'CreateUser'"
    )
    assert row == {"name": "alice", "tag": "a", "nothing": ""}


def test_stores_can_be_joined(akia: World, lake: Lake) -> None:
    one, two = lake.made("one")[-36:], lake.made("two")[-36:]
    akia.client("iam").create_user(UserName="alice")
    joined = f"SELECT a.eventName FROM {one} AS a INNER JOIN {two} AS b ON a.eventID = b.eventID WHERE a.eventName = 'CreateUser'"
    assert lake.rows(joined) == [{"eventName": "CreateUser"}]
    united = f"SELECT eventID FROM {one} UNION SELECT eventID FROM {two}"
    assert len(lake.rows(united)) == lake.store.lake_events.count(one)


def test_everything_of_an_event_can_be_asked_for(akia: World, lake: Lake) -> None:
    store_id = lake.made()[-36:]
    akia.client("iam").create_user(UserName="alice")
    (row,) = lake.rows(f"SELECT * FROM {store_id} WHERE eventName = 'CreateUser'")
    record = json.loads(row["eventJson"])
    assert record["requestParameters"] == {"userName": "alice"}
    assert row["requestParameters"] == "{userName=alice}"
    assert (row["eventID"], row["requestID"], row["awsRegion"]) == (record["eventID"], record["requestID"], "us-east-1")
    assert row["eventTime"].startswith(record["eventTime"][:10])
    assert (row["readOnly"], row["managementEvent"], row["eventCategory"]) == ("false", "true", "Management")


def test_events_from_outside_have_columns_of_their_own(lake: Lake) -> None:
    selectors = [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["ActivityAuditLog"]}]}]
    store_id = lake.made(AdvancedEventSelectors=selectors)[-36:]
    record = {"eventID": "e", "eventCategory": "ActivityAuditLog", "eventData": {"UID": "u", "userIdentity": {"details": {"a": 1}}}}
    lake.store.lake_events.add(store_id, [LakeEvent("e", int(time.time() * 1000), json.dumps(record))])
    (row,) = lake.rows(f"SELECT eventData.UID, element_at(eventData.userIdentity.details, 'a') AS a, metadata.channelARN FROM {store_id}")
    assert row == {"UID": "u", "a": "1", "channelARN": ""}
    assert "eventJson" not in lake.rows(f"SELECT * FROM {store_id}")[0]


def test_what_became_of_a_query_is_told(lake: Lake) -> None:
    store_id = filled(lake, 3)
    statement = f"SELECT eventID FROM {store_id}"
    query = lake.client.start_query(QueryStatement=statement)["QueryId"]
    told = lake.client.describe_query(QueryId=query, EventDataStore=store_id)
    statistics = told["QueryStatistics"]
    assert (told["QueryId"], told["QueryString"], told["QueryStatus"]) == (query, statement, "FINISHED")
    assert (statistics["EventsMatched"], statistics["EventsScanned"]) == (3, 3)
    assert statistics["BytesScanned"] > 0
    assert "DeliveryS3Uri" not in told
    (listed,) = lake.client.list_queries(EventDataStore=store_id)["Queries"]
    assert listed == {"QueryId": query, "QueryStatus": "FINISHED", "CreationTime": statistics["CreationTime"]}


def test_results_come_in_pages(lake: Lake, refused: Any) -> None:
    store_id = filled(lake, 1_234)
    query = lake.client.start_query(QueryStatement=f"SELECT eventID FROM {store_id} ORDER BY eventID")["QueryId"]
    seen: list[str] = []
    token: dict[str, str] = {}
    for size in (1, 700, 1_000):
        page = lake.client.get_query_results(QueryId=query, MaxQueryResults=size, **token)
        seen += [row[0]["eventID"] for row in page["QueryResultRows"]]
        statistics = page["QueryStatistics"]
        assert (statistics["ResultsCount"], statistics["TotalResultsCount"]) == (len(page["QueryResultRows"]), 1_234)
        token = {"NextToken": page["NextToken"]} if "NextToken" in page else {}
    assert seen == [f"e-{number:05}" for number in range(1_234)]
    assert not token
    assert code(refused(lake.client.get_query_results, QueryId=query, NextToken="made up")) == "InvalidNextTokenException"


def test_pages_of_long_rows_are_shorter(lake: Lake) -> None:
    store_id = filled(lake, 30, errorMessage="x" * 100_000)
    query = lake.client.start_query(QueryStatement=f"SELECT errorMessage FROM {store_id}")["QueryId"]
    page = lake.client.get_query_results(QueryId=query)
    assert 0 < len(page["QueryResultRows"]) < 15
    count, rounds = len(page["QueryResultRows"]), 1
    while "NextToken" in page:
        page = lake.client.get_query_results(QueryId=query, NextToken=page["NextToken"])
        count, rounds = count + len(page["QueryResultRows"]), rounds + 1
    assert (count, rounds) == (30, 3)


def test_queries_are_listed_newest_first_by_time_and_status(lake: Lake, waiting: None, refused: Any) -> None:
    store_id, other = filled(lake, 1), lake.made("other")[-36:]
    ids = [lake.client.start_query(QueryStatement=f"SELECT {number} FROM {store_id}")["QueryId"] for number in range(3)]
    lake.client.start_query(QueryStatement=f"SELECT 1 FROM {other}")
    lake.client.cancel_query(QueryId=ids[1])
    page = lake.client.list_queries(EventDataStore=store_id, MaxResults=2)
    rest = lake.client.list_queries(EventDataStore=store_id, MaxResults=2, NextToken=page["NextToken"])
    assert sorted(query["QueryId"] for query in [*page["Queries"], *rest["Queries"]]) == sorted(ids)
    cancelled = lake.client.list_queries(EventDataStore=store_id, QueryStatus="CANCELLED")["Queries"]
    assert [query["QueryId"] for query in cancelled] == [ids[1]]
    assert lake.client.list_queries(EventDataStore=store_id, StartTime=time.time() + 100)["Queries"] == []
    assert lake.client.list_queries(EventDataStore=store_id, EndTime=time.time() - 100)["Queries"] == []
    told = refused(lake.client.list_queries, EventDataStore=store_id, StartTime=2, EndTime=1)
    assert code(told) == "InvalidDateRangeException"
    assert code(refused(lake.client.list_queries, EventDataStore=store_id, NextToken="made up")) == "InvalidNextTokenException"


# Statements


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("SELECT nothing FROM {}", "nothing"),
        ("SELECT eventID FRO {}", "syntax error"),
        ("DROP TABLE {}", "Only SELECT"),
        ("SELECT eventID FROM {}; SELECT 1", "one statement"),
        ("SELECT * FROM {}, read_text('/etc/passwd')", "UNNEST"),
        ("SELECT read_text('/etc/passwd') FROM {}", "not registered"),
        ("SELECT eventID FROM {} JOIN users ON true", "users"),
        ("SELECT 1", "names no event data store"),
        ("SELECT eventID FROM main", "names no event data store"),
        ("SELECT eventID FROM {}; DROP TABLE {}", "Only SELECT"),
    ],
)
def test_a_statement_that_cannot_be_run_is_refused_at_once(lake: Lake, refused: Any, statement: str, words: str) -> None:
    store_id = lake.made()[-36:]
    told = refused(lake.client.start_query, QueryStatement=statement.replace("{}", store_id))
    assert code(told) == "InvalidQueryStatementException"
    assert words in told[2]
    assert lake.client.list_queries(EventDataStore=store_id)["Queries"] == []


def test_a_statement_that_fails_while_it_runs_says_so(lake: Lake) -> None:
    store_id = filled(lake, 1)
    query = lake.client.start_query(QueryStatement=f"SELECT CAST(eventName AS bigint) FROM {store_id}")["QueryId"]
    told = lake.client.get_query_results(QueryId=query)
    assert (told["QueryStatus"], told["QueryResultRows"]) == ("FAILED", [])
    assert "Made" in told["ErrorMessage"]
    assert lake.client.describe_query(QueryId=query)["ErrorMessage"] == told["ErrorMessage"]


def test_a_statement_has_ten_thousand_characters(lake: Lake, refused: Any) -> None:
    statement = f"SELECT '{'x' * 10_000}' FROM {lake.made()[-36:]}"
    told = refused(lake.client.start_query, QueryStatement=statement)
    assert told[0] in {"InvalidQueryStatementException", "InvalidParameterException", "ValidationException"}


def test_the_stores_of_others_are_not_there(akia: World, lake: Lake, other_root: KeyPair, refused: Any) -> None:
    mine = lake.made()[-36:]
    others = akia.client("cloudtrail", other_root)
    theirs = others.create_event_data_store(Name="theirs")["EventDataStoreArn"][-36:]
    for statement in (f"SELECT * FROM {theirs}", f"SELECT * FROM {mine} UNION SELECT * FROM {theirs}", f"SELECT * FROM {NOWHERE}"):
        assert code(refused(lake.client.start_query, QueryStatement=statement)) == "EventDataStoreNotFoundException"
    told = refused(lake.client.start_query, QueryStatement=f"SELECT * FROM {theirs}", EventDataStoreOwnerAccountId="444455556666")
    assert code(told) == "InvalidParameterException"
    query = lake.client.start_query(QueryStatement=f"SELECT eventID FROM {mine}")["QueryId"]
    for operation in ("describe_query", "get_query_results", "cancel_query"):
        assert code(refused(getattr(others, operation), QueryId=query)) == "QueryIdNotFoundException"


def test_without_duckdb_a_query_says_what_is_missing(lake: Lake, monkeypatch: pytest.MonkeyPatch, refused: Any) -> None:
    store_id = lake.made()[-36:]
    monkeypatch.setattr("akia.services.cloudtrail.queries.is_available", lambda: False)
    told = refused(lake.client.start_query, QueryStatement=f"SELECT eventID FROM {store_id}")
    assert code(told) == "UnsupportedOperationException"
    assert "DuckDB" in told[2]


def test_a_template_is_a_query_with_parameters(lake: Lake, akia: World, refused: Any) -> None:
    arn = lake.made()
    alice = akia.person("alice", {"Action": "iam:List*"})
    alice.client("iam").list_users()
    start = lake.client.start_query
    query = start(QueryAlias="CallsOfAccessKey", QueryParameters=[arn, alice.key.access_key_id])["QueryId"]
    rows = lake.client.get_query_results(QueryId=query)["QueryResultRows"]
    assert [row[2] for row in rows] == [{"eventName": "ListUsers"}]
    told = lake.client.describe_query(QueryAlias="CallsOfAccessKey", EventDataStore=arn)
    assert told["QueryId"] == query
    assert start(QueryAlias="CallsOfAccessKey", QueryParameters=[arn[-36:], "'; DROP TABLE x; --"])
    for wrong in (
        {"QueryAlias": "Nothing", "QueryParameters": [arn]},
        {"QueryAlias": "CallsOfAccessKey"},
        {"QueryAlias": "CallsOfAccessKey", "QueryParameters": [arn]},
        {"QueryAlias": "CallsOfAccessKey", "QueryParameters": ["main", "x"]},
        {"QueryAlias": "RootActivity", "QueryParameters": [arn, "x"]},
        {"QueryStatement": f"SELECT 1 FROM {arn[-36:]}", "QueryParameters": ["x"]},
        {"QueryStatement": f"SELECT 1 FROM {arn[-36:]}", "QueryAlias": "RootActivity"},
        {},
    ):
        assert code(refused(start, **wrong)) == "InvalidParameterException"


def test_samples_are_searched(lake: Lake, refused: Any) -> None:
    found = lake.client.search_sample_queries(SearchPhrase="which access keys were created")["SearchResults"]
    assert found[0]["Name"] == "Created access keys"
    assert "$EDS_ID" in found[0]["SQL"]
    assert [each["Relevance"] for each in found] == sorted((each["Relevance"] for each in found), reverse=True)
    page = lake.client.search_sample_queries(SearchPhrase="calls", MaxResults=1)
    assert len(page["SearchResults"]) == 1
    rest = lake.client.search_sample_queries(SearchPhrase="calls", MaxResults=1, NextToken=page["NextToken"])
    assert rest["SearchResults"] != page["SearchResults"]
    told = refused(lake.client.search_sample_queries, SearchPhrase="calls", NextToken="made up")
    assert code(told) == "InvalidParameterException"


# How long, and the end


def test_a_query_waits_runs_and_can_be_cancelled(lake: Lake, waiting: None, refused: Any) -> None:
    store_id = filled(lake, 1)
    query = lake.client.start_query(QueryStatement=f"SELECT eventID FROM {store_id}", DeliveryS3Uri="s3://results")["QueryId"]
    assert lake.client.describe_query(QueryId=query)["QueryStatus"] == "QUEUED"
    assert lake.client.get_query_results(QueryId=query)["QueryResultRows"] == []
    assert lake.client.cancel_query(QueryId=query)["QueryStatus"] == "CANCELLED"
    lake.answer()
    told = lake.client.describe_query(QueryId=query)
    assert (told["QueryStatus"], told["DeliveryStatus"]) == ("CANCELLED", "CANCELLED")
    assert code(refused(lake.client.cancel_query, QueryId=query)) == "InactiveQueryException"
    assert code(refused(lake.client.cancel_query, QueryId=NOWHERE)) == "QueryIdNotFoundException"


def test_a_query_that_is_cancelled_while_it_runs_ends(akia: World, lake: Lake, waiting: None) -> None:
    store_id = filled(lake, 100)
    endless = f"SELECT count(*) FROM {', '.join(f'{store_id} t{number}' for number in range(20))}"
    query = lake.client.start_query(QueryStatement=endless)["QueryId"]
    looked = 0
    is_lost = lake.queries._is_lost

    def cancelled(held: LakeQuery) -> bool:
        nonlocal looked
        looked += 1
        if looked == 2:
            lake.client.cancel_query(QueryId=query)
        return is_lost(held)

    lake.queries._is_lost = cancelled  # type: ignore[method-assign]
    lake.answer()
    assert looked >= 2
    told = lake.client.describe_query(QueryId=query)
    assert told["QueryStatus"] == "CANCELLED"
    assert not list((akia.directory / "lake").iterdir())


def test_a_query_that_takes_too_long_is_timed_out(akia: World, waiting: None) -> None:
    lake = Lake(akia, Limits(seconds=3))
    store_id = filled(lake, 100)
    endless = f"SELECT count(*) FROM {', '.join(f'{store_id} t{number}' for number in range(20))}"
    query = lake.client.start_query(QueryStatement=endless)["QueryId"]
    lake.answer()
    assert lake.client.describe_query(QueryId=query)["QueryStatus"] == "TIMED_OUT"


def test_ten_queries_wait_at_most(lake: Lake, waiting: None, refused: Any) -> None:
    store_id = filled(lake, 1)
    now = int(time.time())
    for number in range(10):
        query = LakeQuery(f"{number:08}{NOWHERE[8:]}", "123456789012", "us-east-1", store_id, now, "SELECT 1", (store_id,))
        lake.store.lake_queries.add(query)
    told = refused(lake.client.start_query, QueryStatement=f"SELECT eventID FROM {store_id}")
    assert code(told) == "MaxConcurrentQueriesException"


def test_a_query_whose_worker_has_died_is_run_by_another(lake: Lake, waiting: None) -> None:
    store_id = filled(lake, 1)
    query = lake.client.start_query(QueryStatement=f"SELECT eventID FROM {store_id}")["QueryId"]
    found = lake.store.lake_queries.get(query)
    assert found is not None
    held = LakeQuery(**{name: getattr(found, name) for name in found.__slots__} | {"status": RUNNING, "holder": "dead", "until": 1 << 40})
    assert lake.store.lake_queries.advance(found, held)
    lake.answer()
    assert lake.client.describe_query(QueryId=query)["QueryStatus"] == "RUNNING"
    lake.seconds = 1 << 41
    assert [each.id for each in lake.store.lake_queries.waiting(1 << 41, 10)] == [query]
    lake.seconds = 0
    dead = LakeQuery(**{name: getattr(held, name) for name in held.__slots__} | {"until": 1})
    assert lake.store.lake_queries.advance(held, dead)
    lake.answer()
    assert lake.client.describe_query(QueryId=query)["QueryStatus"] == "FINISHED"


def test_of_two_workers_one_runs_a_query(lake: Lake, waiting: None) -> None:
    store_id = filled(lake, 1)
    query = lake.client.start_query(QueryStatement=f"SELECT eventID FROM {store_id}")["QueryId"]
    found = lake.store.lake_queries.get(query)
    assert found is not None
    assert found.status == QUEUED
    taken = LakeQuery(**{name: getattr(found, name) for name in found.__slots__} | {"status": RUNNING, "holder": "one"})
    assert lake.store.lake_queries.advance(found, taken)
    assert not lake.store.lake_queries.advance(found, taken)


def test_a_worker_that_was_too_slow_does_not_take_away_what_another_has_answered(lake: Lake, waiting: None) -> None:
    """It lost the query while it ran; another worker has answered it meanwhile, in pieces of its own."""
    store_id = filled(lake, 3)
    query_id = lake.client.start_query(QueryStatement=f"SELECT eventID FROM {store_id} ORDER BY 1")["QueryId"]
    queued = lake.store.lake_queries.get(query_id)
    assert queued is not None
    slow = replace(queued, status=RUNNING, holder="slow", until=1)
    assert lake.store.lake_queries.advance(queued, slow)
    lake.answer()
    late = Answer(FINISHED, columns=("eventID",), pieces=[Piece(0, 3, zlib.compress(b'[["a"],["b"],["c"]]'))], rows=3)
    asyncio.run(lake.queries._keep(slow, late, lake.do))
    told = lake.client.get_query_results(QueryId=query_id)
    assert [row[0]["eventID"] for row in told["QueryResultRows"]] == ["e-00000", "e-00001", "e-00002"]


def test_a_worker_that_comes_too_late_to_take_a_query_leaves_its_results_alone(lake: Lake, waiting: None) -> None:
    query_id = lake.client.start_query(QueryStatement=f"SELECT eventID FROM {filled(lake, 1)}")["QueryId"]
    queued = lake.store.lake_queries.get(query_id)
    assert queued is not None
    lake.answer()
    asyncio.run(lake.queries._run(queued, lake.do))
    assert lake.client.get_query_results(QueryId=query_id)["QueryResultRows"] == [[{"eventID": "e-00000"}]]


def test_what_a_cancelled_query_had_kept_already_goes(lake: Lake, waiting: None) -> None:
    query_id = lake.client.start_query(QueryStatement=f"SELECT eventID FROM {filled(lake, 1)}")["QueryId"]
    lake.store.lake_queries.keep(query_id, 0, 1, b"[]")
    lake.client.cancel_query(QueryId=query_id)
    assert lake.store.lake_queries.results(query_id, 0, 10) == []


def test_a_worker_runs_what_waits_and_clears_away_what_a_killed_one_has_left(akia: World, lake: Lake, waiting: None) -> None:
    store_id = filled(lake, 1)
    left = akia.directory / "lake" / NOWHERE
    left.mkdir(parents=True)
    (left / "events.duckdb").write_text("events")
    query = lake.client.start_query(QueryStatement=f"SELECT eventID FROM {store_id}")["QueryId"]

    async def until_it_has_ended() -> None:
        job = asyncio.create_task(lake.queries.run(lake.do))
        for _ in range(600):
            found = lake.store.lake_queries.get(query)
            if found is not None and not found.is_active:
                break
            await asyncio.sleep(0.1)
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)

    asyncio.run(until_it_has_ended())
    assert lake.client.describe_query(QueryId=query)["QueryStatus"] == "FINISHED"
    assert not list((akia.directory / "lake").iterdir())


def test_a_store_that_cannot_be_written_keeps_queries_waiting(lake: Lake, waiting: None, monkeypatch: pytest.MonkeyPatch) -> None:
    store_id = filled(lake, 1)
    query = lake.client.start_query(QueryStatement=f"SELECT eventID FROM {store_id}")["QueryId"]
    found = lake.store.lake_queries.get(query)
    assert found is not None

    async def fails(work: Any) -> Any:
        raise ServiceUnavailable("full")

    asyncio.run(lake.queries._carefully(found, fails))
    assert lake.client.describe_query(QueryId=query)["QueryStatus"] == "QUEUED"


def test_queries_and_their_results_are_kept_for_seven_days(lake: Lake, refused: Any) -> None:
    store_id = filled(lake, 1)
    query = lake.client.start_query(QueryStatement=f"SELECT eventID FROM {store_id}")["QueryId"]
    lake.seconds = 6 * DAY
    lake.trim()
    assert lake.client.get_query_results(QueryId=query)["QueryResultRows"] == [[{"eventID": "e-00000"}]]
    lake.seconds = 8 * DAY
    lake.trim()
    assert code(refused(lake.client.get_query_results, QueryId=query)) == "QueryIdNotFoundException"
    assert lake.store.lake_queries.results(query, 0, 10) == []


def test_what_a_deleted_store_has_told_is_not_shown(lake: Lake, refused: Any) -> None:
    store_id = filled(lake, 1)
    query = lake.client.start_query(QueryStatement=f"SELECT eventID FROM {store_id}")["QueryId"]
    lake.client.delete_event_data_store(EventDataStore=store_id)
    assert code(refused(lake.client.get_query_results, QueryId=query)) == "InactiveEventDataStoreException"


def test_a_query_is_asked_for_by_the_right_store(lake: Lake, refused: Any) -> None:
    store_id, other = filled(lake, 1), lake.made("other")
    query = lake.client.start_query(QueryStatement=f"SELECT eventID FROM {store_id}")["QueryId"]
    for operation in ("describe_query", "get_query_results", "cancel_query"):
        call = getattr(lake.client, operation)
        assert code(refused(call, QueryId=query, EventDataStore=other)) == "QueryIdNotFoundException"
        assert code(refused(call, QueryId=NOWHERE)) == "QueryIdNotFoundException"
        assert code(refused(call, QueryId=query, EventDataStore=NOWHERE)) == "EventDataStoreNotFoundException"
    assert code(refused(lake.client.describe_query, EventDataStore=other)) == "InvalidParameterException"
    assert code(refused(lake.client.describe_query, QueryAlias="RootActivity")) == "QueryIdNotFoundException"


# Who may


def test_who_queries_must_be_allowed_to_for_every_store(akia: World, lake: Lake, refused: Any) -> None:
    one, two = lake.made("one"), lake.made("two")
    both = f"SELECT a.eventID FROM {one[-36:]} a JOIN {two[-36:]} b ON a.eventID = b.eventID"
    person = akia.person("person", {"Action": "cloudtrail:*", "Resource": one}).client("cloudtrail")
    assert person.start_query(QueryStatement=f"SELECT eventID FROM {one[-36:]}")["QueryId"]
    for statement in (f"SELECT eventID FROM {two[-36:]}", both, f'SELECT eventID FROM "{two[-36:]}"'):
        told = refused(person.start_query, QueryStatement=statement)
        assert told[0] == "AccessDeniedException"
        assert two in told[2]
    query = lake.client.start_query(QueryStatement=both)["QueryId"]
    for operation in ("describe_query", "get_query_results", "cancel_query"):
        assert refused(getattr(person, operation), QueryId=query)[0] == "AccessDeniedException"
        assert refused(getattr(person, operation), QueryId=query, EventDataStore=one)[0] == "AccessDeniedException"


def test_a_tag_that_forbids_one_store_forbids_a_query_of_both(akia: World, lake: Lake, refused: Any) -> None:
    one, two = lake.made("one"), lake.made("two", TagsList=[{"Key": "secret", "Value": "yes"}])
    deny = {"Effect": "Deny", "Action": "cloudtrail:StartQuery", "Condition": {"StringEquals": {"aws:ResourceTag/secret": "yes"}}}
    person = akia.person("person", {"Action": "cloudtrail:*"}, deny).client("cloudtrail")
    assert person.start_query(QueryStatement=f"SELECT eventID FROM {one[-36:]}")["QueryId"]
    for statement in (f"SELECT eventID FROM {one[-36:]} UNION SELECT eventID FROM {two[-36:]}", f"SELECT eventID FROM {two[-36:]}"):
        assert refused(person.start_query, QueryStatement=statement)[0] == "AccessDeniedException"


def test_a_stranger_starts_no_process(akia: World, lake: Lake, monkeypatch: pytest.MonkeyPatch, refused: Any) -> None:
    store_id = lake.made()[-36:]
    started: list[Any] = []
    monkeypatch.setattr("akia.services.cloudtrail.queries.run", lambda *given: started.append(given))
    nobody = akia.person("nobody").client("cloudtrail")
    assert refused(nobody.start_query, QueryStatement=f"SELECT eventID FROM {store_id}")[0] == "AccessDeniedException"
    assert started == []


# Delivery


@pytest.mark.covers("I5.lake.delivery")
def test_results_are_delivered_and_signed(akia: World, lake: Lake) -> None:
    akia.akia.authority.buckets = buckets = Memory()
    store_id = filled(lake, 2, userAgent='with "quotes", and commas')
    query = lake.client.start_query(
        QueryStatement=f"SELECT eventID, userAgent FROM {store_id} ORDER BY 1", DeliveryS3Uri="s3://results/a/b/"
    )
    told = lake.client.describe_query(QueryId=query["QueryId"])
    assert (told["DeliveryS3Uri"], told["DeliveryStatus"]) == ("s3://results/a/b/", "SUCCESS")
    rows, signed = buckets.order
    folder = f"a/b/AWSLogs/{akia.account}/CloudTrail-Lake/Query/"
    assert rows.startswith(folder)
    assert rows.endswith(f"/{query['QueryId']}/result_1.csv.gz")
    text = gzip.decompress(buckets.read(rows) or b"").decode()
    assert list(csv.reader(text.splitlines())) == [
        ["eventID", "userAgent"],
        ["e-00000", 'with "quotes", and commas'],
        ["e-00001", 'with "quotes", and commas'],
    ]
    sign = json.loads(buckets.read(signed) or b"")
    assert sign["files"] == [{"fileHashValue": sha256(buckets.read(rows) or b"").hexdigest(), "fileName": "result_1.csv.gz"}]
    (key,) = lake.client.list_public_keys()["PublicKeyList"]
    assert key["Fingerprint"] == sign["publicKeyFingerprint"]
    assert verifies(key["Value"], sign["files"][0]["fileHashValue"].encode(), sign["hashSignature"])


@pytest.mark.covers("I5.lake.delivery")
@pytest.mark.parametrize(
    ("uri", "error"),
    [
        ("s3://192.168.5.4/x", "InvalidS3BucketNameException"),
        ("s3://results/../x", "InvalidS3PrefixException"),
        ("s3://results/a//b", "InvalidS3PrefixException"),
        ("s3://absent/x", "S3BucketDoesNotExistException"),
    ],
)
def test_places_that_nothing_can_be_delivered_to(akia: World, lake: Lake, refused: Any, uri: str, error: str) -> None:
    akia.akia.authority.buckets = Memory()
    told = refused(lake.client.start_query, QueryStatement=f"SELECT eventID FROM {lake.made()[-36:]}", DeliveryS3Uri=uri)
    assert code(told) == error


@pytest.mark.covers("I5.lake.delivery")
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BucketRefuses("AccessDenied"), "ACCESS_DENIED"),
        (NoSuchBucket("NoSuchBucket"), "RESOURCE_NOT_FOUND"),
    ],
    ids=["refuses", "gone"],
)
def test_a_bucket_that_does_not_take_results_is_told_of(akia: World, lake: Lake, error: Exception, status: str) -> None:
    class Broken(Memory):
        def put(self, bucket: str, key: str, body: bytes, metadata: Any) -> None:
            raise error

    akia.akia.authority.buckets = Broken()
    query = lake.client.start_query(QueryStatement=f"SELECT eventID FROM {filled(lake, 1)}", DeliveryS3Uri="s3://results")["QueryId"]
    told = lake.client.describe_query(QueryId=query)
    assert (told["QueryStatus"], told["DeliveryStatus"]) == ("FINISHED", status)
    assert lake.client.get_query_results(QueryId=query)["QueryResultRows"] == [[{"eventID": "e-00000"}]]


@pytest.mark.covers("I5.lake.delivery")
def test_a_bucket_that_is_down_is_tried_again(akia: World, lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("akia.jobs.deliver_results.WAIT_SECONDS", 0)
    akia.akia.authority.buckets = buckets = Memory(down="SlowDown")
    query = lake.client.start_query(QueryStatement=f"SELECT eventID FROM {filled(lake, 1)}", DeliveryS3Uri="s3://results")["QueryId"]
    assert buckets.tries == 3
    assert lake.client.describe_query(QueryId=query)["DeliveryStatus"] == "FAILED"


@pytest.mark.covers("I5.lake.delivery")
def test_results_whose_worker_has_died_before_they_were_delivered_are_delivered_by_another(
    akia: World, lake: Lake, waiting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(*_: Any) -> None:
        raise asyncio.CancelledError

    akia.akia.authority.buckets = buckets = Memory()
    query = lake.client.start_query(QueryStatement=f"SELECT eventID FROM {filled(lake, 2)} ORDER BY 1", DeliveryS3Uri="s3://results")
    with monkeypatch.context() as patch, pytest.raises(asyncio.CancelledError):
        patch.setattr("akia.jobs.deliver_results.DeliverResults.deliver", killed)
        lake.answer()
    lake.answer()
    told = lake.client.describe_query(QueryId=query["QueryId"])
    assert (told["QueryStatus"], told["DeliveryStatus"], buckets.order) == ("FINISHED", "PENDING", []), "it may be alive still"
    lake.seconds = 700
    lake.answer()
    assert lake.client.describe_query(QueryId=query["QueryId"])["DeliveryStatus"] == "SUCCESS"
    rows, sign = buckets.order
    text = gzip.decompress(buckets.read(rows) or b"").decode()
    assert text.splitlines() == ['"eventID"', '"e-00000"', '"e-00001"']
    lake.seconds = 1_400
    lake.answer()
    assert buckets.order == [rows, sign]
