"""Event data stores: which events are kept to be queried, since when and for how long. Times are in epoch seconds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from akia.aws.arn import Arn
from akia.identity import periods

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.identity.periods import Periods

DAY = 86_400
EXTENDABLE, FIXED = "EXTENDABLE_RETENTION_PRICING", "FIXED_RETENTION_PRICING"
LONGEST_RETENTION = {EXTENDABLE: 3_653, FIXED: 2_557}
DEFAULT_RETENTION = {EXTENDABLE: 366, FIXED: 2_557}
PENDING_SECONDS = 7 * DAY
"""How long a deleted store can be restored."""
ENABLED, STOPPED, PENDING_DELETION = "ENABLED", "STOPPED_INGESTION", "PENDING_DELETION"
DEFAULT_SELECTORS: tuple[Mapping[str, Any], ...] = (
    {"Name": "Default management events", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
)
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
"""The last part of a store's ARN: what queries name it by."""


class LakeEvent(NamedTuple):
    """An event as a store keeps it: when it happened (epoch milliseconds) and its record, which is JSON."""

    event_id: str
    at_ms: int
    record: str = ""


@dataclass(frozen=True, slots=True)
class EventDataStore:
    """`selectors` and `configuration` (of events) are as the API has them. `retention` is in days.

    `ingestion` are the periods in which it takes events. `deleted` is when its deletion was asked for, 0 for never; `resumes` says whether
    it takes events again when it is restored.
    """

    id: str
    account: str
    region: str
    name: str
    created: int
    updated: int = 0
    selectors: tuple[Mapping[str, Any], ...] = DEFAULT_SELECTORS
    multi_region: bool = True
    organization: bool = False
    retention: int = DEFAULT_RETENTION[EXTENDABLE]
    protected: bool = True
    billing: str = EXTENDABLE
    ingestion: Periods = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    configuration: Mapping[str, Any] = field(default_factory=dict)
    deleted: int = 0
    resumes: bool = False

    @property
    def arn(self) -> Arn:
        return Arn("cloudtrail", self.region, self.account, f"eventdatastore/{self.id}")

    @property
    def reader(self) -> str:
        """The name under which it goes through the events."""
        return f"lake/{self.id}"

    @property
    def takes_events(self) -> bool:
        return periods.goes_on(self.ingestion)

    @property
    def status(self) -> str:
        return PENDING_DELETION if self.deleted else ENABLED if self.takes_events else STOPPED

    @property
    def categories(self) -> frozenset[str]:
        """The categories of events that it is for: `Management`, `ActivityAuditLog`..."""
        fields = [each for selector in self.selectors for each in selector["FieldSelectors"] if each["Field"] == "eventCategory"]
        return frozenset(value for each in fields for value in each.get("Equals", ()))

    def kept_from_ms(self, now: int) -> int:
        """Events from before this moment (epoch milliseconds) are too old for it."""
        return (now - self.retention * DAY) * 1000

    def started(self, now: int) -> EventDataStore:
        """Taking events from `now` on, unless it does already."""
        return replace(self, ingestion=periods.begun(self.ingestion, now))

    def stopped(self, now: int) -> EventDataStore:
        """Taking no more events."""
        return replace(self, ingestion=periods.ended(self.ingestion, now))

    def takes_at(self, at_ms: int) -> bool:
        """Whether it takes what happened at `at_ms` (epoch milliseconds), the calls that started and ended it included."""
        return periods.cover(self.ingestion, at_ms)

    def is_over(self, now: int) -> bool:
        """Whether it was deleted and cannot be restored any more."""
        return bool(self.deleted) and self.deleted + PENDING_SECONDS <= now

    def deleted_at(self, now: int) -> EventDataStore:
        """On its way out: it takes nothing, answers nothing, and can be restored for a while."""
        return replace(self.stopped(now), deleted=now, resumes=self.takes_events, updated=now)

    def restored(self, now: int) -> EventDataStore:
        """As it was before its deletion, but for the events of the time in between."""
        back = replace(self, deleted=0, resumes=False, updated=now)
        return back.started(now) if self.resumes else back
