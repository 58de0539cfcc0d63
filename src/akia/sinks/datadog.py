"""Datadog's logs intake, version 2: an array of entries, each with one record as its message, so that Datadog's
CloudTrail pipeline reads it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from akia.sinks.intake import Intake
from akia.sinks.sink import Limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.sinks.table import Table
    from akia.store.trail.event_row import EventRow

LIMITS = Limits(events=400, bytes=2_000_000)
"""Datadog takes 1,000 entries, 5 MB in all and 1 MB each; its own forwarder sends 400."""
_SITE = re.compile(r"[a-z0-9.-]{4,100}")
_INSTANCE = re.compile(r'"arn":"[^"]*[:/](i-[0-9a-f]{8,17})"')


class Datadog:
    limits = LIMITS

    def __init__(self, intake: Intake, service: str, tags: str) -> None:
        self._intake = intake
        self._service = service
        self._tags = tags

    def send(self, events: Sequence[EventRow]) -> int:
        self._intake.post(orjson.dumps([self._entry(event) for event in events]))
        return 0

    def _entry(self, event: EventRow) -> dict[str, Any]:
        entry = {"ddsource": "cloudtrail", "ddtags": self._tags, "service": self._service, "message": event.record}
        instance = _INSTANCE.search(event.record)
        return entry | {"hostname": instance[1]} if instance else entry


def read(table: Table) -> Datadog:
    """A sink from its settings: `key_file` or `key_variable`; `site`, `url`, `service`, `tags`."""
    site = table.text("site", "datadoghq.com", _SITE)
    url = table.url("url", f"https://http-intake.logs.{site}/api/v2/logs")
    headers = {"DD-API-KEY": table.secret("key").value, "Content-Type": "application/json"}
    return Datadog(Intake(table.client(), url, headers), table.text("service", "cloudtrail"), ",".join(table.texts("tags")))
