"""The contract of events: once each, newest first, found by every attribute; last used from verified calls alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from akia.identity.access_key import LastUsed
from akia.identity.role import RoleLastUsed
from akia.store.trail.event_row import EventRow
from akia.store.trail.lookup import COLUMNS, Attribute

if TYPE_CHECKING:
    from akia.store.store import Store

ACCOUNT = "111122223333"
OTHER = "444455556666"
KEY = "AKIAALICE00000000001"
NOON = 1_700_000_000_000


def event(number: int, **columns: Any) -> EventRow:
    """An event a second later than the one before."""
    plain = EventRow(
        event_id=f"event-{number:04d}",
        request_id=f"request-{number}",
        account=ACCOUNT,
        at_ms=NOON + number * 1_000,
        name="GetUser",
        source="iam.amazonaws.com",
        username="Alice",
        access_key_id=KEY,
        verified=True,
        read_only=True,
        error_code="",
        region="us-east-1",
        record='{"eventVersion": "1.11"}',
        decision="{}",
    )
    return plain._replace(**columns)


def ids(events: list[EventRow]) -> list[int]:
    return [int(entry.event_id.removeprefix("event-")) for entry in events]


def test_the_row_names_its_columns_in_the_tables_order() -> None:
    assert EventRow._fields == COLUMNS


def test_an_event_is_kept_as_given(empty: Store) -> None:
    entry = event(
        1,
        resources=(("AWS::IAM::User", "Alice"), ("AWS::IAM::User", "é\U0001f511")),
        verified=False,
        read_only=False,
        error_code="AccessDenied",
    )
    assert empty.events.add([entry]) == 1
    assert empty.events.get("event-0001") == entry
    assert empty.events.by_request_id("request-1") == [entry]
    assert empty.events.get("event-0002") is None
    assert empty.events.by_request_id("request-2") == []


def test_an_event_is_added_exactly_once(empty: Store) -> None:
    batch = [event(number, resources=(("AWS::IAM::User", "Alice"),)) for number in range(10)]
    assert empty.events.add(batch[:6]) == 6
    assert empty.events.add(batch) == 4
    assert empty.events.add(batch) == 0
    assert empty.events.count() == 10
    assert ids(empty.events.lookup(ACCOUNT, Attribute.RESOURCE_NAME, "Alice")) == list(range(9, -1, -1))
    assert empty.events.get("event-0003") == batch[3]


def test_an_event_is_never_replaced(empty: Store) -> None:
    empty.events.add([event(1)])
    empty.events.add([event(1, record='{"forged": true}')])
    found = empty.events.get("event-0001")
    assert found is not None
    assert found.record == event(1).record


@pytest.fixture
def history(empty: Store) -> Store:
    """A little of everything."""
    user = ("AWS::IAM::User", "bob")
    empty.events.add(
        [
            event(0),
            event(1, name="CreateUser", read_only=False, resources=(user, ("AWS::IAM::Role", "bob"))),
            event(2, source="sts.amazonaws.com", name="GetCallerIdentity"),
            event(3, username="bob", access_key_id="AKIABOB0000000000001"),
            event(4, resources=(user,)),
            event(5, account=OTHER),
            event(6, account=OTHER, resources=(user,)),
        ]
    )
    return empty


@pytest.mark.parametrize(
    ("attribute", "value", "expected"),
    [
        (None, "", [4, 3, 2, 1, 0]),
        (Attribute.EVENT_ID, "event-0002", [2]),
        (Attribute.EVENT_ID, "event-0005", []),
        (Attribute.EVENT_NAME, "CreateUser", [1]),
        (Attribute.EVENT_NAME, "createuser", []),
        (Attribute.READ_ONLY, "true", [4, 3, 2, 0]),
        (Attribute.READ_ONLY, "false", [1]),
        (Attribute.READ_ONLY, "maybe", []),
        (Attribute.USERNAME, "bob", [3]),
        (Attribute.RESOURCE_TYPE, "AWS::IAM::User", [4, 1]),
        (Attribute.RESOURCE_TYPE, "AWS::IAM::Role", [1]),
        (Attribute.RESOURCE_NAME, "bob", [4, 1]),
        (Attribute.RESOURCE_NAME, "b_b", []),
        (Attribute.EVENT_SOURCE, "sts.amazonaws.com", [2]),
        (Attribute.ACCESS_KEY_ID, "AKIABOB0000000000001", [3]),
    ],
)
def test_ac6_1_events_are_found_by_each_attribute_in_their_own_account(
    history: Store, attribute: Attribute | None, value: str, expected: list[int]
) -> None:
    assert ids(history.events.lookup(ACCOUNT, attribute, value)) == expected


@pytest.mark.parametrize("attribute", [None, *Attribute])
def test_ac6_1_times_bound_a_look_up_on_both_sides(empty: Store, attribute: Attribute | None) -> None:
    empty.events.add([event(number, resources=(("t", "n"),)) for number in range(5)])
    value = {
        None: "",
        Attribute.EVENT_ID: "event-0002",
        Attribute.EVENT_NAME: "GetUser",
        Attribute.READ_ONLY: "true",
        Attribute.USERNAME: "Alice",
        Attribute.RESOURCE_TYPE: "t",
        Attribute.RESOURCE_NAME: "n",
        Attribute.EVENT_SOURCE: "iam.amazonaws.com",
        Attribute.ACCESS_KEY_ID: KEY,
    }[attribute]

    def look(first: int, last: int) -> list[int]:
        return ids(empty.events.lookup(ACCOUNT, attribute, value, start_ms=NOON + first, end_ms=NOON + last))

    only_one = attribute is Attribute.EVENT_ID
    assert look(1_000, 3_000) == ([2] if only_one else [3, 2, 1])
    assert look(1_001, 2_999) == [2]
    assert look(2_001, 2_999) == []


@pytest.mark.parametrize("attribute", [None, Attribute.EVENT_NAME, Attribute.READ_ONLY, Attribute.RESOURCE_TYPE, Attribute.RESOURCE_NAME])
def test_ac6_2_pages_join_without_gap_or_repetition_even_within_one_millisecond(empty: Store, attribute: Attribute | None) -> None:
    empty.events.add([event(number, at_ms=NOON + number // 7, resources=(("t", "n"), ("t", "m"))) for number in range(40)])
    value = {
        None: "",
        Attribute.EVENT_NAME: "GetUser",
        Attribute.READ_ONLY: "true",
        Attribute.RESOURCE_TYPE: "t",
        Attribute.RESOURCE_NAME: "n",
    }
    seen: list[EventRow] = []
    while page := empty.events.lookup(
        ACCOUNT, attribute, value[attribute], before=(seen[-1].at_ms, seen[-1].event_id) if seen else None, limit=6
    ):
        assert len(page) <= 6
        seen += page
    assert ids(seen) == list(range(39, -1, -1))


def test_a_page_never_reaches_behind_the_end_time(empty: Store) -> None:
    empty.events.add([event(number) for number in range(5)])
    later = (NOON + 9_000, "event-9999")
    assert ids(empty.events.lookup(ACCOUNT, end_ms=NOON + 2_000, before=later)) == [2, 1, 0]


def test_nt_93_only_verified_calls_count_as_uses(empty: Store) -> None:
    empty.events.add([event(1, verified=False), event(2, verified=False, error_code="SignatureDoesNotMatch")])
    assert empty.events.last_used(KEY) is None
    empty.events.add([event(3, error_code="AccessDenied", source="sts.amazonaws.com", region="eu-central-1")])
    used = LastUsed(NOON // 1_000 + 3, "sts", "eu-central-1")
    assert empty.events.last_used(KEY) == used
    empty.events.add([event(4, verified=False)])
    assert empty.events.last_used(KEY) == used


def test_last_used_is_the_latest_call_in_whatever_order_events_arrive(empty: Store) -> None:
    empty.events.add([event(9, source="s3.amazonaws.com"), event(3)])
    empty.events.add([event(5), event(4)])
    empty.events.add([event(9, source="s3.amazonaws.com")])
    assert empty.events.last_used(KEY) == LastUsed(NOON // 1_000 + 9, "s3", "us-east-1")
    assert empty.events.last_used("AKIABOB0000000000001") is None


def test_uses_of_session_keys_are_not_kept(empty: Store) -> None:
    empty.events.add([event(1, access_key_id="ASIASESSION000000001")])
    assert empty.events.last_used("ASIASESSION000000001") is None


def by_session(number: int, role: str = "AROA1", **columns: Any) -> EventRow:
    """An event of a session of the role."""
    record = f'{{"eventVersion":"1.11","userIdentity":{{"type":"AssumedRole","principalId":"{role}:anyone"}}}}'
    return event(number, **{"access_key_id": "ASIA1", "record": record, **columns})


def test_a_role_was_last_used_by_the_latest_verified_call_of_any_session_in_whatever_order_they_arrive(empty: Store) -> None:
    assert empty.events.role_last_used("AROA1") is None
    empty.events.add([by_session(9, region="eu-central-1"), by_session(3), by_session(5, "AROA2")])
    empty.events.add([by_session(4), by_session(10, verified=False)])
    assert empty.events.role_last_used("AROA1") == RoleLastUsed(NOON // 1_000 + 9, "eu-central-1")
    assert empty.events.role_last_used("AROA2") == RoleLastUsed(NOON // 1_000 + 5, "us-east-1")


def test_only_the_beginning_of_a_record_tells_whose_session_it_was(empty: Store) -> None:
    """What callers write comes later; here they write what the beginning of a record looks like."""
    said = '"userIdentity":{"type":"AssumedRole","principalId":"AROA1:x"}'
    user = '{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDA1","arn":"arn:aws:iam::111122223333:user/u"}'
    empty.events.add([event(1, record=f'{user},"requestParameters":{{{said}}}}}')])
    assert empty.events.role_last_used("AROA1") is None


def test_events_are_gone_through_in_the_order_in_which_they_came_in(store: Store) -> None:
    late, early = event(2), event(1)
    store.events.add([late])
    store.events.add([early, late])
    first, second = store.event_stream.after(0, 10)
    assert [first.event, second.event] == [late, early]
    assert store.event_stream.after(first.number, 10) == [second]
    assert store.event_stream.after(0, 1) == [first]
    assert store.event_stream.newest() == second.number


def test_a_reader_goes_on_where_it_was(store: Store) -> None:
    assert store.event_stream.position("sink/one") is None
    store.event_stream.advance("sink/one", 7)
    store.event_stream.advance("sink/two", 9)
    store.event_stream.advance("sink/one", 8)
    assert (store.event_stream.position("sink/one"), store.event_stream.position("sink/two")) == (8, 9)
    store.event_stream.forget("sink/one")
    assert store.event_stream.position("sink/one") is None
