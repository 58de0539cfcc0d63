"""Which events are meant: the options of `akia tail` and `akia audit`, and what LookupEvents can look for by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from akia.aws.errors import DENIALS

if TYPE_CHECKING:
    from collections.abc import Mapping

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--key", metavar="AKIA…", help="Only calls signed with this access key."),
    click.option("--user", metavar="NAME", help="Only calls of this user, role session or `root`."),
    click.option("--event", metavar="NAME", help="Only calls of this operation, such as CreateUser."),
    click.option("--source", metavar="SERVICE", help="Only calls of this service, such as iam."),
    click.option("--resource", metavar="NAME", help="Only calls about this resource, such as a user's name or a role's ARN."),
    click.option("--denied", is_flag=True, help="Only calls that were denied, or whose sender did not verify."),
    click.option("--failed", is_flag=True, help="Only calls that failed, for whatever reason."),
    click.option("--writes", is_flag=True, help="Only calls that change something."),
)
_ADDRESS = ".amazonaws.com"


@dataclass(frozen=True, slots=True)
class Filter:
    """As the options of the same names say; all that are given must hold."""

    key: str | None = None
    user: str | None = None
    event: str | None = None
    source: str | None = None
    resource: str | None = None
    denied: bool = False
    failed: bool = False
    writes: bool = False

    @property
    def attributes(self) -> list[dict[str, str]]:
        """LookupEvents' one attribute (AC6.1): of those that are given, the one that finds the fewest events."""
        source = self.source and self.source.removesuffix(_ADDRESS) + _ADDRESS
        given = (
            ("AccessKeyId", self.key),
            ("ResourceName", self.resource),
            ("Username", self.user),
            ("EventName", self.event),
            ("EventSource", source),
            ("ReadOnly", "false" if self.writes else None),
        )
        return [{"AttributeKey": key, "AttributeValue": value} for key, value in given if value][:1]

    def admits(self, event: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
        """Whether an item of LookupEvents is meant; `record` is its CloudTrailEvent."""
        resources = [each.get("ResourceName") for each in event.get("Resources", ())]
        return (
            self.key in (None, event.get("AccessKeyId"))
            and self.user in (None, event.get("Username"))
            and self.event in (None, event["EventName"])
            and (self.source is None or event["EventSource"] == self.source.removesuffix(_ADDRESS) + _ADDRESS)
            and (self.resource is None or self.resource in resources)
            and (not self.denied or is_denied(record))
            and (not self.failed or "errorCode" in record)
            and (not self.writes or event["ReadOnly"] == "false")
        )


def is_denied(record: Mapping[str, Any]) -> bool:
    """Whether a call was not allowed: denied, or of a sender who did not verify."""
    code: str = record.get("errorCode", "")
    return code in DENIALS or (code != "" and record.get("userIdentity", {}).get("type") == "Unknown")


def filters(command: F) -> F:
    """The options of a Filter."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
