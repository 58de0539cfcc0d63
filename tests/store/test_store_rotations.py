"""Rotations, their histories, and the calls of their keys."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from akia.identity.access_key import KeyStatus
from akia.identity.key_rotation import KeyRotation, RotationStep
from akia.store.rotations.called_keys import INACTIVE_KEY
from akia.store.trail.event_row import EventRow

if TYPE_CHECKING:
    from akia.identity.access_key import AccessKey
    from akia.store.store import Store

pytestmark = pytest.mark.covers("I6.rotation.once")

ACCOUNT = "111122223333"
ROTATION = KeyRotation("k-1", ACCOUNT, "AIDAALICE00000000000A", "alice", "AKIA1", "AKIA2", 1, "me", 1, 1)
STEP = RotationStep("k-1", 1, 1, "", "OPEN", "STARTED", "me", "{}")


def call(number: int, at_ms: int, verified: bool = True, record: str = "{}", key: str = "AKIA1", account: str = ACCOUNT) -> EventRow:
    return EventRow(f"e-{number}", "r", account, at_ms, "n", "s", "u", key, verified, True, "", "r", record, "[]")


def test_a_rotation_is_written_by_whoever_saw_it_last_and_by_nobody_else(store: Store) -> None:
    store.rotations.start(ROTATION, STEP)
    moved = replace(ROTATION, state="DISTRIBUTED", version=1, due_ms=5)
    assert store.rotations.advance(ROTATION, moved, replace(STEP, number=2, before="OPEN", after="DISTRIBUTED"))
    assert not store.rotations.advance(ROTATION, replace(ROTATION, version=1), replace(STEP, number=3))
    assert store.rotations.get("k-1") == moved
    assert [step.number for step in store.rotations.history("k-1")] == [1, 2]


def test_a_rotation_that_is_over_is_written_by_nobody(store: Store) -> None:
    over = replace(ROTATION, state="DELETED", ended_ms=9)
    store.rotations.add(over)
    assert not store.rotations.advance(over, replace(over, version=1))
    assert store.rotations.open_of(over.owner) is None and store.rotations.due(10, 5) == []


def test_the_longest_due_come_first_and_only_those_that_are(store: Store) -> None:
    for number, due in enumerate((30, 10, 20, 40)):
        store.rotations.add(replace(ROTATION, id=f"k-{number}", due_ms=due))
    assert [rotation.due_ms for rotation in store.rotations.due(30, 2)] == [10, 20]
    assert [rotation.due_ms for rotation in store.rotations.due(30, 9)] == [10, 20, 30]


def test_what_somebody_else_decides_about_a_key_no_rotation_takes_back(store: Store, key: AccessKey) -> None:
    store.rotations.add(replace(ROTATION, old_key=key.id, stilled=key.id))
    store.access_keys.set_status(key.id, KeyStatus.INACTIVE, by_rotation=True)
    assert store.rotations.get("k-1") == replace(ROTATION, old_key=key.id, stilled=key.id)
    store.access_keys.set_status(key.id, KeyStatus.INACTIVE)
    assert store.rotations.get("k-1") == replace(ROTATION, old_key=key.id, version=1)


def test_calls_of_a_key_are_those_that_were_proven(store: Store) -> None:
    refused = f'{{"additionalEventData":{{{INACTIVE_KEY}}}}}'
    store.events.add(
        [
            call(1, 10),
            call(2, 30),
            call(3, 40, verified=False),
            call(4, 50, verified=False, record=refused),
            call(5, 60, key="AKIA2"),
            call(6, 70, account="999999999999"),
        ]
    )
    called = store.called_keys
    assert called.latest(ACCOUNT, "AKIA1", 0) == 30
    assert called.latest(ACCOUNT, "AKIA1", 31) == 0
    found = called.refused(ACCOUNT, "AKIA1", 0)
    assert found == (50, "e-4")
    assert called.refused(ACCOUNT, "AKIA1", 51) is None
    [number] = [each.number for each in store.event_stream.after(0, 9) if each.event.event_id == "e-4"]
    assert called.refused(ACCOUNT, "AKIA1", 0, number - 1) == found
    assert called.refused(ACCOUNT, "AKIA1", 0, number) is None
    assert [event.event_id for event in called.recent(ACCOUNT, "AKIA1", 11, 9)] == ["e-4", "e-2"]


def test_calls_are_found_by_an_index(store: Store) -> None:
    for name in ("latest", "refused", "recent"):
        values: dict[str, Any] = {"account": "a", "key_id": "k", "since_ms": 1, "after": 1, "mark": "m", "limit": 1}
        plan = store.connection.execute("EXPLAIN QUERY PLAN " + _query(f"called_keys.{name}"), **values)
        assert "USING INDEX ix_events_account_access_key_id_at_ms" in str(plan) and "SCAN" not in str(plan)


def _query(name: str) -> str:
    from akia.store.statement import REGISTRY

    return REGISTRY[name].sqlite


def test_a_claim_that_quotes_the_mark_is_no_proof(store: Store) -> None:
    """A user agent or an error message is text in JSON: its quotes are escaped, so it cannot look like the mark."""
    import orjson

    record = orjson.dumps({"userAgent": INACTIVE_KEY, "errorMessage": '","inactiveKey":true'}).decode()
    store.events.add([call(1, 10, verified=False, record=record)])
    assert store.called_keys.refused(ACCOUNT, "AKIA1", 0) is None
