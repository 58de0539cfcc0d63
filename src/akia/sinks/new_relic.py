"""New Relic's Log API: one block with the attributes that all its logs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

import akia
from akia.sinks.intake import Intake
from akia.sinks.sink import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from akia.sinks.table import Table
    from akia.store.trail.event_row import EventRow

LIMITS = Limits(events=500, bytes=480_000)
"""New Relic takes 1 MB, compressed; this is below it without any compression."""
_HOSTS = {
    "us": "log-api.newrelic.com",
    "eu": "log-api.eu.newrelic.com",
    "jp": "log-api.jp.newrelic.com",
    "gov": "gov-log-api.newrelic.com",
}


class NewRelic:
    limits = LIMITS

    def __init__(self, intake: Intake, attributes: Mapping[str, str]) -> None:
        self._intake = intake
        self._common = {"attributes": dict(attributes)}

    def send(self, events: Sequence[EventRow]) -> int:
        logs = [
            {"timestamp": event.at_ms, "message": event.record, "attributes": {"eventID": event.event_id, "aws.accountId": event.account}}
            for event in events
        ]
        self._intake.post(orjson.dumps([{"common": self._common, "logs": logs}]))
        return 0


def read(table: Table) -> NewRelic:
    """A sink from its settings: `key_file` or `key_variable`; `region`, `url`, `attributes`."""
    url = table.url("url", f"https://{_HOSTS[table.choice('region', 'us', _HOSTS)]}/log/v1")
    headers = {"Api-Key": table.secret("key").value, "Content-Type": "application/json"}
    attributes = {"logtype": "cloudtrail", "plugin": f"akia-{akia.__version__}"} | table.pairs("attributes")
    return NewRelic(Intake(table.client(), url, headers), attributes)
