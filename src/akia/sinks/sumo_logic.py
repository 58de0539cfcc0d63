"""A HTTP source of Sumo Logic: one record a line. Its URL is its key, so it comes from where secrets come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.sinks.intake import Intake
from akia.sinks.sink import Limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.sinks.table import Table
    from akia.store.trail.event_row import EventRow

LIMITS = Limits(events=1_000, bytes=900_000)
"""Sumo Logic asks for posts of 100 kB to 1 MB, before they are compressed."""
CATEGORY = "aws/cloudtrail"
"""Where the parsers of its CloudTrail app look."""


class SumoLogic:
    limits = LIMITS

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def send(self, events: Sequence[EventRow]) -> int:
        self._intake.post("\n".join(event.record for event in events).encode())
        return 0


def read(table: Table) -> SumoLogic:
    """A sink from its settings: `url_file` or `url_variable`; `category`, `source_name`, `host`, `fields`."""
    headers = {"Content-Type": "application/json", "X-Sumo-Category": table.text("category", CATEGORY)}
    headers |= {"X-Sumo-Name": table.text("source_name", "akia"), "X-Sumo-Host": table.text("host", "akia")}
    fields = table.pairs("fields")
    if any("," in value for value in fields.values()):
        raise table.wrong("fields", "no value may hold a comma, which stands between fields")
    if fields:
        headers["X-Sumo-Fields"] = ",".join(f"{name}={value}" for name, value in fields.items())
    return SumoLogic(Intake(table.client(), table.secret_url("url"), headers))
