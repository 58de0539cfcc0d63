"""Which worker does what only one should do at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.store.core import deliveries, p, sa, upsert
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.connection import Connection


_HOLDER = Query(
    "job_leases.holder",
    lambda: sa.select(deliveries.job_leases.c.holder).where(
        deliveries.job_leases.c.job == p("job"), deliveries.job_leases.c.until > p("now")
    ),
)
_PUT = Query("job_leases.put", lambda: upsert(deliveries.job_leases, ("job",), "holder", "until"))


class JobLeases:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, job: str, holder: str, now: int, until: int) -> bool:
        """Whether `holder` has the job until `until` (epoch seconds): not if somebody else has it `now`. Inside a write transaction."""
        row = self._connection.row(_HOLDER, job=job, now=now)
        if row is not None and row[0] != holder:
            return False
        self._connection.run(_PUT, job=job, holder=holder, until=until)
        return True
