"""Shadow policies, their findings, replays and their results."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import orjson
import pytest

from akia.identity.replay import Replay, ReplayResult, ReplayStatus
from akia.identity.shadow_policy import ShadowPolicy
from akia.store.drafts import replays as replays_module
from akia.store.drafts.recorded_events import Period
from akia.store.errors import NameTaken, StillReferred
from akia.store.trail.event_row import EventRow

if TYPE_CHECKING:
    from akia.identity.group import Group
    from akia.identity.managed_policy import ManagedPolicy
    from akia.identity.role import Role
    from akia.identity.user import User
    from akia.store.store import Store

pytestmark = pytest.mark.covers("I3.drafts.shadow", "I3.drafts.replay")

ACCOUNT = "111122223333"
REPLAY = Replay("r-1", ACCOUNT, 1, "{}", "", "", "", 0, 100)
END = (2**62, "", 0)


def shadow(target: str, name: str = "s", **more: str) -> ShadowPolicy:
    return ShadowPolicy(f"id-{target}-{name}", ACCOUNT, target, name, 1, **({"document": "{}"} | more))


def event(number: int, *shadows: tuple[str, str], principal: str = "AIDA1", at_ms: int | None = None) -> EventRow:
    decided: dict[str, object] = {
        "principalId": principal,
        "principalArn": "arn",
        "action": "a:B",
        "resources": ["*"],
        "outcome": "allowed",
    }
    if shadows:
        decided["shadows"] = [[shadow_id, outcome, [["p", None, 0]]] for shadow_id, outcome in shadows]
    decision = orjson.dumps([decided]).decode()
    at = number if at_ms is None else at_ms
    return EventRow(f"e{number}", "r", ACCOUNT, at, "n", "s", "u", "AKIA1", True, True, "", "r", "{}", decision)


def test_a_user_has_its_own_shadow_policies_and_those_of_its_groups(
    store: Store, alice: User, bob: User, admins: Group, reader: Role
) -> None:
    own, of_group, of_role = shadow(alice.id), shadow(admins.id), shadow(reader.id)
    for each in (own, of_group, of_role):
        store.shadow_policies.add(each)
    store.groups.add_member(admins, alice)
    assert {found.shadow for found in store.shadow_policies.in_force(alice.id)} == {own, of_group}
    assert [found.shadow for found in store.shadow_policies.in_force(reader.id)] == [of_role]
    assert store.shadow_policies.in_force(bob.id) == []


def test_of_a_managed_policy_the_default_version_is_tried_and_nothing_if_it_is_gone(
    store: Store, alice: User, policy: ManagedPolicy
) -> None:
    tried = shadow(alice.id, policy=str(policy.arn), document="")
    store.shadow_policies.add(tried)
    assert store.shadow_policies.in_force(alice.id) == [(tried, policy.id, '{"Statement": "v1"}')]
    store.managed_policies.delete(policy)
    assert store.shadow_policies.in_force(alice.id) == []


def test_names_are_unique_on_a_target_that_exists(store: Store, alice: User, bob: User) -> None:
    store.shadow_policies.add(shadow(alice.id))
    store.shadow_policies.add(shadow(bob.id))
    with pytest.raises(NameTaken):
        store.shadow_policies.add(replace(shadow(alice.id), id="other"))
    with pytest.raises(StillReferred):
        store.shadow_policies.add(shadow("AIDANOBODY"))


def test_shadow_policies_keep_nobody_from_being_deleted_and_go_with_them(store: Store, bob: User) -> None:
    tried = shadow(bob.id)
    store.shadow_policies.add(tried)
    store.events.add([event(1, (tried.id, "explicitDeny"))])
    store.users.delete(bob)
    assert store.shadow_policies.get(tried.id) is None
    assert store.shadow_findings.counts(tried.id) == {}


def test_findings_are_kept_once_for_each_event_and_only_of_what_is_there(store: Store, bob: User) -> None:
    tried = shadow(bob.id)
    store.shadow_policies.add(tried)
    entries = [event(1, (tried.id, "explicitDeny")), event(2), event(3, ("gone", "allowed"), (tried.id, "allowed"))]
    store.events.add(entries)
    store.events.add(entries)
    assert store.shadow_findings.counts(tried.id) == {"explicitDeny": 1, "allowed": 1}
    assert store.shadow_findings.counts("gone") == {}
    newest, oldest = store.shadow_findings.page(tried.id, "", 0, 10, END, 10)
    assert (newest.event_id, newest.shadow, newest.statements) == ("e3", "allowed", (("p", None, 0),))
    assert oldest.event_id == "e1"
    page = store.shadow_findings.page
    assert page(tried.id, "", 0, 10, (newest.at_ms, newest.event_id, newest.place), 10) == [oldest]
    assert page(tried.id, "allowed", 0, 10, END, 10) == [newest]
    assert page(tried.id, "denied", 0, 10, END, 10) == [oldest]
    assert page(tried.id, "", 2, 10, END, 10) == [newest]
    assert page(tried.id, "", 0, 2, END, 10) == [oldest]
    assert page(tried.id, "", 0, 10, END, 1) == [newest]


def test_findings_are_summed_up_the_most_frequent_first(store: Store, bob: User) -> None:
    tried = shadow(bob.id)
    store.shadow_policies.add(tried)
    store.events.add([event(1, (tried.id, "allowed")), *(event(number, (tried.id, "explicitDeny")) for number in range(2, 5))])
    often, once = store.shadow_findings.summary(tried.id, 10)
    assert (often.shadow, often.number, often.first_ms, often.last_ms) == ("explicitDeny", 3, 2, 4)
    assert (once.shadow, once.number) == ("allowed", 1)
    assert store.shadow_findings.summary(tried.id, 1) == [often]


def test_text_that_looks_like_a_finding_is_none(store: Store) -> None:
    decision = orjson.dumps([{"principalId": "AIDA1", "context": {"aws:useragent": '"shadows":[["s"'}}]).decode()
    store.events.add([event(1)._replace(decision=decision)])
    assert store.events.count() == 1


def test_a_replay_moves_only_from_where_it_was_seen(store: Store) -> None:
    store.replays.add(REPLAY)
    moved = replace(REPLAY, position='["a",1,"b"]', examined=7)
    assert store.replays.advance(REPLAY, moved)
    assert not store.replays.advance(REPLAY, replace(REPLAY, position="other"))
    assert store.replays.get("r-1") == moved
    assert store.replays.running() == [moved]
    assert store.replays.end(moved, ReplayStatus.STOPPED, 9)
    assert not store.replays.advance(moved, replace(moved, examined=8))
    assert store.replays.running() == []
    stopped = store.replays.get("r-1")
    assert stopped is not None
    assert (stopped.status, stopped.ended, stopped.examined) == ("STOPPED", 9, 7)


def test_results_are_paged_up_to_the_most_that_are_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replays_module, "MOST_RESULTS", 3)
    results = [
        ReplayResult("r-1", number, f"e{number}", 0, "arn", "a:B", "*", "allowed", "allowed", outcome, (("draft", "Sid", 1),))
        for number, outcome in enumerate(["explicitDeny", "allowed", "implicitDeny", "allowed"])
    ]
    store.replays.add(REPLAY)
    first = replace(REPLAY, position="1", newly_denied=1, newly_allowed=1)
    store.replays.advance(REPLAY, first, results[:2])
    store.replays.advance(first, replace(first, position="2", newly_denied=2, newly_allowed=2), results[2:])
    assert store.replays.results("r-1", "", (0, "", 0), 10) == results[:3]
    assert store.replays.results("r-1", "allowed", (0, "", 0), 10) == [results[1]]
    assert store.replays.results("r-1", "denied", (0, "e0", 0), 10) == [results[2]]
    store.replays.delete("r-1")
    assert store.replays.results("r-1", "", (0, "", 0), 10) == []


def test_the_youngest_replays_come_first(store: Store) -> None:
    for number in range(3):
        store.replays.add(replace(REPLAY, id=f"r-{number}"))
    store.replays.add(replace(REPLAY, id="r-9", account="444455556666"))
    assert [each.id for each in store.replays.newest(ACCOUNT, "~", 2)] == ["r-2", "r-1"]
    assert [each.id for each in store.replays.newest(ACCOUNT, "r-1", 2)] == ["r-0"]
    assert store.replays.count(ACCOUNT) == 3


def test_recorded_events_are_read_principal_by_principal_within_the_period(store: Store) -> None:
    entries = [
        event(1, principal="AROA1:x"), event(2, principal="AIDA1"), event(3, principal="AROA1:y"), event(4, principal="AROA10:z"),
        event(5, principal="AIDA1"), event(6, principal="AIDA1", at_ms=500), event(7, principal="AROA1:x", at_ms=0),
    ]  # fmt: skip
    store.events.add([*entries, event(8)._replace(decision="[]"), event(9)._replace(account="444455556666")])

    def read(principal: str, limit: int) -> list[str]:
        period = Period(ACCOUNT, principal, 1, 100)
        position, found = period.start, []
        while page := store.recorded_events.page(period, position, limit):
            position = page[-1].position
            found += page
        assert store.recorded_events.count(period) == len(found)
        return [each.event_id for each in found]

    assert read("", 2) == ["e2", "e5", "e4", "e1", "e3"]
    assert read("AROA1", 1) == ["e1", "e3"]
    assert read("AIDA1", 10) == ["e2", "e5"]
