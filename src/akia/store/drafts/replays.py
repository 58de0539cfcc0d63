"""Replays, how far they have come, and their results."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from akia.identity.replay import Replay, ReplayResult, ReplayStatus
from akia.store.core import drafts, insert_once, limited, p, sa
from akia.store.drafts.decided import from_text, is_of_change, to_text
from akia.store.organizations.records import Records, Repository, columns_of, count_where
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.sql import Select

MOST_RESULTS = 10_000
"""How many results of a replay are kept one by one; the counts go on."""

_PROGRESS = (
    "status", "ended", "position", "total", "examined", "decisions", "unanswerable", "outdated", "newly_allowed", "newly_denied",
)  # fmt: skip
_REPLAYS = Records("replays", lambda: drafts.replays, Replay, "id")
_NEWEST = _REPLAYS.query(
    "newest",
    lambda t: limited(sa.select(t).where(t.c.account == p("account"), t.c.id < p("before")).order_by(t.c.id.desc())),
)
_COUNT = _REPLAYS.query("count", count_where("account"))
_RUNNING = _REPLAYS.query("running", lambda t: sa.select(t).where(t.c.status == p("status")).order_by(t.c.started, t.c.id))


def _advance(t: sa.Table) -> Any:
    here = sa.and_(t.c.id == p("old_id"), t.c.position == p("old_position"), t.c.status == p("old_status"))
    return sa.update(t).where(here).values({name: p(f"new_{name}") for name in _PROGRESS})


def _results() -> Select[Any]:
    t = drafts.replay_results.c
    after = sa.tuple_(t.at_ms, t.event_id, t.place) > sa.tuple_(p("after_ms"), p("after_id"), p("after_place"))
    found = sa.select(drafts.replay_results).where(t.replay_id == p("replay_id"), after, is_of_change(t.drafted))
    return limited(found.order_by(t.at_ms, t.event_id, t.place))


_ADVANCE = _REPLAYS.query("advance", _advance)
_ADD_RESULT = Query("replay_results.add", lambda: insert_once(drafts.replay_results, "replay_id", "at_ms", "event_id", "place"))
_RESULTS = Query("replay_results.page", _results)


class Replays(Repository[Replay]):
    """Nothing that is kept in memory depends on them."""

    records = _REPLAYS

    def newest(self, account: str, before: str, limit: int) -> list[Replay]:
        """At most `limit` of the account with ids below `before`, the youngest first: ids grow with time."""
        return [self._value(row) for row in self._connection.rows(_NEWEST, account=account, before=before, limit=limit)]

    def count(self, account: str) -> int:
        return self._connection.count(_COUNT, account=account)

    def running(self) -> list[Replay]:
        """Those of all accounts that are not done, the oldest first."""
        return [self._value(row) for row in self._connection.rows(_RUNNING, status=ReplayStatus.RUNNING.value)]

    def advance(self, before: Replay, after: Replay, results: Sequence[ReplayResult] = ()) -> bool:
        """Writes the progress from `before` to `after`, with the results of that step.

        Whether it was done: not if somebody else has moved or ended the replay meanwhile.
        """
        old = {"old_id": before.id, "old_position": before.position, "old_status": before.status}
        wanted = columns_of(after)
        if not self._connection.run(_ADVANCE, **old, **{f"new_{name}": wanted[name] for name in _PROGRESS}):
            return False
        room = max(0, MOST_RESULTS - before.newly_allowed - before.newly_denied)
        if results[:room]:
            self._connection.run_many(_ADD_RESULT, [(*result[:-1], to_text(result.statements)) for result in results[:room]])
        return True

    def end(self, replay: Replay, status: ReplayStatus, now: int) -> bool:
        """Ends it. Whether it was done, as in `advance`."""
        return self.advance(replay, replace(replay, status=status.value, ended=now))

    def results(self, replay_id: str, outcome: str, after: tuple[int, str, int], limit: int) -> list[ReplayResult]:
        """At most `limit` results that come after the position `after`, oldest first.

        `outcome`: "allowed" for what the draft would allow, another outcome for what it would deny, "" for both.
        """
        after_ms, after_id, place = after
        rows = self._connection.rows(
            _RESULTS, replay_id=replay_id, outcome=outcome, after_ms=after_ms, after_id=after_id, after_place=place, limit=limit
        )
        return [ReplayResult._make((*row[:-1], from_text(row[-1]))) for row in rows]
