"""What principals have used, and the questions about it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from akia.identity.analysis_job import AnalysisJob, AnalysisKind
from akia.store.errors import IdTaken, NameTaken
from akia.store.trail.event_row import EventRow
from akia.store.trail.evidence import Use

if TYPE_CHECKING:
    from akia.store.store import Store

ACCOUNT = "111122223333"
JOB = AnalysisJob("j1", ACCOUNT, AnalysisKind.POLICY_GENERATION, "arn:aws:iam::111122223333:user/ann", 5, "t1", '{"a": 1}')


def _event(number: int, principal: str, *decided: tuple[str, str, str], **more: Any) -> EventRow:
    decisions = [
        {"principalId": principal, "action": action, "resources": [resource], "outcome": outcome} for action, resource, outcome in decided
    ]
    text = json.dumps(decisions, separators=(",", ":"))
    row = EventRow(f"e{number}", f"r{number}", ACCOUNT, number, "n", "s", "u", "AKIA1", True, True, "", "eu-west-1", "{}", text)
    return row._replace(**more)


def test_uses_are_told_once_with_their_latest_time(store: Store) -> None:
    get, put = ("s3:GetObject", "arn:aws:s3:::b/k", "allowed"), ("s3:PutObject", "*", "implicitDeny")
    store.events.add(
        [_event(1, "AIDA1", get), _event(2, "AIDA1", get, put), _event(3, "AIDA12", get), _event(4, "AIDA1", get, account="444455556666")]
    )
    assert set(store.evidence.uses(ACCOUNT, "AIDA1", 0, 99)) == {
        Use("s3:GetObject", "arn:aws:s3:::b/k", True, 2, "eu-west-1"),
        Use("s3:PutObject", "*", False, 2, "eu-west-1"),
    }
    assert [use.action for use in store.evidence.uses(ACCOUNT, "AIDA1", 1, 1)] == ["s3:GetObject"]


def test_uses_of_a_role_are_those_of_its_sessions(store: Store) -> None:
    one = ("s3:GetObject", "*", "allowed")
    store.events.add(
        [_event(1, "AROA1:monday", one), _event(2, "AROA1:tuesday", one), _event(3, "AROA12:monday", one), _event(4, "AROA1", one)]
    )
    (use,) = store.evidence.uses(ACCOUNT, "AROA1", 0, 99, sessions=True)
    assert use.last_ms == 2


def test_events_that_decided_nothing_are_no_evidence(store: Store) -> None:
    store.events.add([_event(1, "AIDA1"), _event(2, "AIDA1", decision="{}")])
    assert store.evidence.uses(ACCOUNT, "AIDA1", 0, 99) == []


def test_jobs_are_found_by_id_token_and_kind_newest_first(store: Store) -> None:
    later = replace(JOB, id="j2", token="t2", started=9)
    for job in (JOB, later, replace(JOB, id="j3", kind=AnalysisKind.LAST_ACCESSED)):
        store.analysis_jobs.add(job)
    assert store.analysis_jobs.get("j1") == JOB
    assert store.analysis_jobs.with_token(ACCOUNT, JOB.kind, "t2") == later
    assert store.analysis_jobs.with_token("444455556666", JOB.kind, "t2") is None
    assert store.analysis_jobs.all(ACCOUNT, JOB.kind) == [later, JOB]


def test_a_job_id_and_a_token_are_taken_once(store: Store) -> None:
    store.analysis_jobs.add(JOB)
    with pytest.raises(IdTaken):
        store.analysis_jobs.add(replace(JOB, token="t2"))
    with pytest.raises(NameTaken):
        store.analysis_jobs.add(replace(JOB, id="j2"))


def test_a_canceled_job_says_so(store: Store) -> None:
    store.analysis_jobs.add(JOB)
    store.analysis_jobs.cancel("j1")
    assert store.analysis_jobs.get("j1") == replace(JOB, canceled=True)
