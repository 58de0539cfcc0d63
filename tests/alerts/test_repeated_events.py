"""Reads that repeat others are looked at by fewer rules, and nothing else is different."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.alerts.watch import ATTACKER, NO_LEARNING, OFFICE, Watch, ordinary_day, pair, person

from akia.alerts import Known, Thresholds, rule
from akia.alerts.overlap import Overlap
from akia.alerts_out import AlertSettings
from akia.jobs import evaluate_rules
from akia.jobs.evaluate_rules import EvaluateRules
from akia.jobs.repeated_events import FRESH_MS, RepeatedEvents, signature_of

if TYPE_CHECKING:
    from akia.store.trail.event_row import EventRow

pytestmark = pytest.mark.covers("I5.alerts.once")


def events(akia: Any) -> list[EventRow]:
    akia.akia.authority.drain()
    return [numbered.event for numbered in akia.akia.store.event_stream.after(0, 1000)]


def read(akia: Any, client: Any, *, source: str = OFFICE, agent: str = "one/1") -> None:
    akia.source_ip = source
    client("sts", config=Config(user_agent=agent)).get_caller_identity()


def signatures(akia: Any) -> list[str | None]:
    return [signature_of(event) for event in events(akia)]


def test_a_read_repeats_another_only_if_all_is_the_same_but_its_time(akia: Any) -> None:
    key, client = person(akia, "alice")
    other, others = person(akia, "bob")
    before = len(events(akia))
    for use in (client, others):
        read(akia, use)
        read(akia, use)
        read(akia, use, source=ATTACKER)
        read(akia, use, agent="two/1")
    found = signatures(akia)[before:]
    assert None not in found
    assert found[0] == found[1] and found[4] == found[5]
    assert len(set(found)) == 6
    assert key.access_key_id in str(found[0]) and other.access_key_id in str(found[4])


def test_what_changes_something_was_refused_or_is_not_proven_repeats_nothing(akia: Any) -> None:
    key, client = person(akia, "alice")
    before = len(events(akia))
    akia.client("iam", akia.admin).tag_user(UserName="alice", Tags=[{"Key": "a", "Value": "b"}])
    for call in (client("iam").list_users, akia.client("sts", pair({**_texts(key), "SecretAccessKey": "x" * 40})).get_caller_identity):
        with pytest.raises(ClientError):
            call()
    assert signatures(akia)[before:] == [None, None, None]


def _texts(key: Any) -> dict[str, str]:
    return {"AccessKeyId": key.access_key_id}


def sight(akia: Any) -> tuple[EventRow, Any]:
    _, client = person(akia, "alice")
    read(akia, client)
    event = events(akia)[-1]
    return event, evaluate_rules._sighting(event)


def test_an_event_stands_for_others_for_a_minute_and_until_its_actor_does_something_new(akia: Any) -> None:
    event, sighting = sight(akia)
    signature, repeated = signature_of(event), RepeatedEvents()
    repeated.begin(1, 1)
    assert repeated.find(signature, event.at_ms) is None
    repeated.keep(signature, sighting, Known(), was_new=True)
    assert repeated.find(signature, event.at_ms) is None
    repeated.keep(signature, sighting, Known(), was_new=False)
    assert repeated.find(signature, event.at_ms + FRESH_MS) is not None
    assert repeated.find(signature, event.at_ms + FRESH_MS + 1) is None
    assert repeated.find("another", event.at_ms) is None
    repeated.keep(None, sighting, Known(), was_new=True)
    assert repeated.find(signature, event.at_ms) is None


@pytest.mark.parametrize("begun", [(2, 1), (1, 2)], ids=["another worker has written", "something has changed in the store"])
def test_what_was_seen_is_forgotten_when_it_may_not_hold_any_more(akia: Any, begun: tuple[int, int]) -> None:
    event, sighting = sight(akia)
    repeated = RepeatedEvents()
    repeated.begin(1, 1)
    repeated.keep(signature_of(event), sighting, Known(), was_new=False)
    repeated.begin(1, 1)
    assert repeated.find(signature_of(event), event.at_ms) is not None
    repeated.begin(*begun)
    assert repeated.find(signature_of(event), event.at_ms) is None


def a_week(akia: Any, refused: Any) -> None:
    """Many repetitions, and attacks among them."""
    for day in "ab":
        ordinary_day(akia, refused, day)
    _, alice = person(akia, "alice")
    _, bait = person(akia, "bait", tags={"akia:honeytoken": "x"})
    for source, agent in [(OFFICE, "one/1")] * 4 + [(ATTACKER, "one/1"), (OFFICE, "one/2")] * 3 + [(OFFICE, "pacu/1")] * 3:
        read(akia, alice, source=source, agent=agent)
    for _ in range(3):
        read(akia, bait)
        akia.client("sts").get_caller_identity()
    akia.client("iam", akia.admin).tag_user(UserName="alice", Tags=[{"Key": "akia:honeytoken", "Value": "x"}])
    for _ in range(3):
        read(akia, alice)
        read(akia, alice, agent="three/1")


def test_rules_find_and_remember_the_same_as_if_they_looked_at_everything(akia: Any, refused: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    a_week(akia, refused)
    akia.akia.authority.drain()
    found = []
    asked: list[str] = []
    applied = rule.applied

    def counted(one: Any, *rest: Any) -> Any:
        asked.append(one.name)
        return applied(one, *rest)

    monkeypatch.setattr(evaluate_rules, "applied", counted)
    for look in (signature_of, lambda event: None):
        monkeypatch.setattr(evaluate_rules, "signature_of", look)
        asked.clear()
        step = EvaluateRules(akia.akia.authority, AlertSettings(thresholds=NO_LEARNING))
        made = step._next_at_once()
        assert made is not None
        found.append((sorted(map(repr, made.findings)), step._memory._known, len(asked)))
    (some, remembered, fewer), (every, known, more) = found
    assert some == every and len(some) > 10
    assert remembered == known
    assert fewer < more * 0.95


def test_a_key_that_is_found_among_its_own_repetitions_is_told_of(akia: Any) -> None:
    watch = Watch(akia, AlertSettings())
    _, client = person(akia, "alice")
    for _ in range(5):
        read(akia, client)
    assert watch.alerts() == []
    read(akia, client, source=ATTACKER)
    assert watch.rules() == ["impossible-overlap"]
    read(akia, client)
    assert [alert.count for alert in watch.alerts()] == [2]


@pytest.mark.parametrize(("later_ms", "told"), [(0, True), (999, True), (10_000, True), (11_000, False)])
def test_two_places_are_compared_by_the_second_and_nothing_within_the_limit_is_missed(akia: Any, later_ms: int, told: bool) -> None:
    _, sighting = sight(akia)
    overlap = Overlap(Thresholds(overlap_seconds=10))
    for began_ms in (1_795_000_000_000, 1_795_000_000_001, 1_795_000_000_999):
        state, _ = overlap.examine(None, sighting._replace(at_ms=began_ms), Known())
        again, nothing = overlap.examine(state, sighting._replace(at_ms=began_ms // 1000 * 1000 + 500), Known())
        assert (again, nothing) == (state, None)  # not worth a write
        _, found = overlap.examine(state, sighting._replace(at_ms=began_ms + later_ms, source_ip=ATTACKER), Known())
        assert (found is not None) is told
