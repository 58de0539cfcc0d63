"""What shadow policies would have changed: an index of the decision records, filled when events are added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from akia.identity.shadow_policy import ShadowFinding, ShadowSummary
from akia.store.core import drafts, insert_once, limited, p, sa
from akia.store.drafts.decided import from_text, is_of_change, to_text
from akia.store.statement import Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy.sql import Select

    from akia.store.connection import Connection
    from akia.store.trail.event_row import EventRow

_MARK = '"shadows":['
"""Only a member of a record is spelt so: inside of texts JSON escapes the quotation marks."""


def _page() -> Select[Any]:
    t = drafts.shadow_findings.c
    before = sa.tuple_(t.at_ms, t.event_id, t.place) < sa.tuple_(p("before_ms"), p("before_id"), p("before_place"))
    found = sa.select(drafts.shadow_findings).where(t.shadow_id == p("shadow_id"), t.at_ms >= p("since"), t.at_ms <= p("until"), before)
    return limited(found.where(is_of_change(t.shadow)).order_by(t.at_ms.desc(), t.event_id.desc(), t.place.desc()))


def _summary() -> Select[Any]:
    t = drafts.shadow_findings.c
    alike = (t.principal, t.action, t.resource, t.shadow)
    count = sa.func.count().label("count")
    found = sa.select(*alike, count, sa.func.min(t.at_ms), sa.func.max(t.at_ms)).where(t.shadow_id == p("shadow_id"))
    return limited(found.group_by(*alike).order_by(count.desc(), *alike))


def _counts() -> Select[Any]:
    t = drafts.shadow_findings.c
    return sa.select(t.shadow, sa.func.count()).where(t.shadow_id == p("shadow_id")).group_by(t.shadow)


_ADD = Query("shadow_findings.add", lambda: insert_once(drafts.shadow_findings, "shadow_id", "at_ms", "event_id", "place"))
_EXISTS = Query(
    "shadow_findings.exists",
    lambda: sa.select(drafts.shadow_policies.c.id).where(drafts.shadow_policies.c.id == p("shadow_id")),
)
_PAGE = Query("shadow_findings.page", _page)
_SUMMARY = Query("shadow_findings.summary", _summary)
_COUNTS = Query("shadow_findings.counts", _counts)


class ShadowFindings:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(self, entries: Iterable[EventRow]) -> None:
        """Takes note of what the decisions beside the events say of shadow policies that are still there."""
        found = [finding for entry in entries if _MARK in entry.decision for finding in _findings(entry)]
        if found:
            there = {shadow for shadow in {finding.shadow_id for finding in found} if self._connection.row(_EXISTS, shadow_id=shadow)}
            rows = [(*finding[:-1], to_text(finding.statements)) for finding in found if finding.shadow_id in there]
            if rows:
                self._connection.run_many(_ADD, rows)

    def page(
        self, shadow_id: str, outcome: str, since_ms: int, until_ms: int, before: tuple[int, str, int], limit: int
    ) -> list[ShadowFinding]:
        """At most `limit` from `since_ms` to `until_ms` (both included), newest first, that come after the position `before`.

        `outcome`: "allowed" for those that the shadow policy would have allowed, another outcome for those that it would have denied, ""
        for both.
        """
        before_ms, before_id, place = before
        rows = self._connection.rows(
            _PAGE, shadow_id=shadow_id, outcome=outcome, since=since_ms, until=until_ms,
            before_ms=before_ms, before_id=before_id, before_place=place, limit=limit,
        )  # fmt: skip
        return [ShadowFinding._make((*row[:-1], from_text(row[-1]))) for row in rows]

    def summary(self, shadow_id: str, limit: int) -> list[ShadowSummary]:
        """At most `limit` kinds of findings, the most frequent first."""
        return [ShadowSummary(*row) for row in self._connection.rows(_SUMMARY, shadow_id=shadow_id, limit=limit)]

    def counts(self, shadow_id: str) -> dict[str, int]:
        """How many findings there are, by the outcome under the shadow policy."""
        return dict(self._connection.rows(_COUNTS, shadow_id=shadow_id))


def _findings(entry: EventRow) -> Iterator[ShadowFinding]:
    for place, decided in enumerate(orjson.loads(entry.decision)):
        for shadow_id, outcome, statements in decided.get("shadows", ()):
            yield ShadowFinding(
                shadow_id,
                entry.at_ms,
                entry.event_id,
                place,
                decided["principalArn"],
                decided["action"],
                decided["resources"][0],
                decided["outcome"],
                outcome,
                tuple((policy, sid, position) for policy, sid, position in statements),
            )
