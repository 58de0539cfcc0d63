"""Analysis jobs: questions that were asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.identity.analysis_job import AnalysisJob, AnalysisKind
from akia.store.core import p, sa, trail
from akia.store.statement import Query

if TYPE_CHECKING:
    from sqlalchemy.sql import Select

    from akia.store.connection import Connection, Row

_COLUMNS = ("id", "account", "kind", "subject", "started", "token", "details", "canceled")


def _jobs() -> Select[tuple[object, ...]]:
    return sa.select(*(trail.analysis_jobs.c[name] for name in _COLUMNS))


_ADD = Query("analysis_jobs.add", lambda: sa.insert(trail.analysis_jobs))
_GET = Query("analysis_jobs.get", lambda: _jobs().where(trail.analysis_jobs.c.id == p("id")))
_WITH_TOKEN = Query(
    "analysis_jobs.with_token",
    lambda: _jobs().where(
        trail.analysis_jobs.c.account == p("of"), trail.analysis_jobs.c.kind == p("wanted"), trail.analysis_jobs.c.token == p("given")
    ),
)
_ALL = Query(
    "analysis_jobs.all",
    lambda: (
        _jobs()
        .where(trail.analysis_jobs.c.account == p("of"), trail.analysis_jobs.c.kind == p("wanted"))
        .order_by(trail.analysis_jobs.c.started.desc(), trail.analysis_jobs.c.id)
    ),
)
_SINCE = Query(
    "analysis_jobs.count_since",
    lambda: (
        sa.select(sa.func.count())
        .select_from(trail.analysis_jobs)
        .where(trail.analysis_jobs.c.account == p("of"), trail.analysis_jobs.c.kind == p("wanted"))
        .where(trail.analysis_jobs.c.started > p("since"))
    ),
)
_CANCEL = Query(
    "analysis_jobs.cancel",
    lambda: sa.update(trail.analysis_jobs).where(trail.analysis_jobs.c.id == p("job")).values(canceled=sa.literal_column("1")),
)


class AnalysisJobs:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, job: AnalysisJob) -> None:
        """Raises IdTaken, NameTaken (the token)."""
        self._connection.run(
            _ADD,
            id=job.id,
            account=job.account,
            kind=job.kind.value,
            subject=job.subject,
            started=job.started,
            canceled=int(job.canceled),
            token=job.token,
            details=job.details,
        )

    def get(self, id: str) -> AnalysisJob | None:  # noqa: A002 - as in every repository
        row = self._connection.row(_GET, id=id)
        return _job(row) if row else None

    def with_token(self, account: str, kind: AnalysisKind, token: str) -> AnalysisJob | None:
        row = self._connection.row(_WITH_TOKEN, of=account, wanted=kind.value, given=token)
        return _job(row) if row else None

    def all(self, account: str, kind: AnalysisKind) -> list[AnalysisJob]:
        """The account's jobs of a kind, newest first."""
        return [_job(row) for row in self._connection.rows(_ALL, of=account, wanted=kind.value)]

    def count_since(self, account: str, kind: AnalysisKind, since: int) -> int:
        """How many the account has asked for after `since` (epoch seconds)."""
        return self._connection.count(_SINCE, of=account, wanted=kind.value, since=since)

    def cancel(self, job_id: str) -> None:
        """It has no answer from now on."""
        self._connection.run(_CANCEL, job=job_id)


def _job(row: Row) -> AnalysisJob:
    id, account, kind, subject, started, token, details, canceled = row  # noqa: A001 - the column's name
    return AnalysisJob(id, account, AnalysisKind(kind), subject, started, token, details, bool(canceled))
