"""Reports of compromised keys. They are never changed, and stay when the key goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.identity.compromise_report import CompromiseReport
from akia.store.core import keys, limited, p, sa
from akia.store.organizations.records import columns_of
from akia.store.statement import Query

if TYPE_CHECKING:
    from sqlalchemy.sql import Select

    from akia.store.connection import Connection


def _page() -> Select[tuple[object, ...]]:
    reports = keys.compromise_reports.c
    before = sa.tuple_(reports.reported, reports.id) < sa.tuple_(p("before"), p("before_id"))
    found = sa.select(keys.compromise_reports).where(reports.account == p("account"), before)
    return limited(found.order_by(reports.reported.desc(), reports.id.desc()))


_ADD = Query("compromise_reports.add", lambda: sa.insert(keys.compromise_reports))
_GET = Query("compromise_reports.get", lambda: sa.select(keys.compromise_reports).where(keys.compromise_reports.c.id == p("id")))
_PAGE = Query("compromise_reports.page", _page)


class CompromiseReports:
    """Nothing that is kept in memory depends on them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, report: CompromiseReport) -> None:
        """Raises IdTaken."""
        self._connection.run(_ADD, **columns_of(report))

    def get(self, report_id: str) -> CompromiseReport | None:
        row = self._connection.row(_GET, id=report_id)
        return CompromiseReport(*row) if row else None

    def page(self, account: str, before: tuple[int, str], limit: int) -> list[CompromiseReport]:
        """At most `limit` of the account that come before the time and the id `before`, the latest first."""
        at, report_id = before
        rows = self._connection.rows(_PAGE, account=account, before=at, before_id=report_id, limit=limit)
        return [CompromiseReport(*row) for row in rows]
