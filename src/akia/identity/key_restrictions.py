"""What an access key may not be used for (O1, O2, O4): each restriction is off by default, and none ever widens.

Where, when and what for are written as policy documents, so that one engine decides on them and one explanation shows them. How long a key
lives is not: a key that has expired is refused as a dead one is (O1).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from akia.aws.regions import GLOBAL_SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterator

LATEST = 253_402_300_799
"""The last second of the year 9999, beyond which no date can be told."""
_VERSION = "2012-10-17"


class GlobalServices(StrEnum):
    """What the regions of a key mean for services that have none (O2): clients sign for them with whatever region is theirs."""

    EXEMPT = "EXEMPT"
    HOME_REGION = "HOME_REGION"
    """They count as being in us-east-1, as `aws:RequestedRegion` has it (P4.3-3)."""


@dataclass(frozen=True, slots=True)
class KeyRestrictions:
    """Times are in epoch seconds; None and empty mean that there is no such restriction.

    `grace_until`: a key that has expired is refused from then on only. `networks` are CIDR blocks, `services` prefixes of actions (`s3`),
    `policy` is a document without principals: the key may do what both it and the owner's policies allow.
    """

    not_before: int | None = None
    expires: int | None = None
    grace_until: int | None = None
    regions: tuple[str, ...] = ()
    global_services: GlobalServices = GlobalServices.EXEMPT
    networks: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    policy: str | None = None

    @property
    def is_none(self) -> bool:
        """Whether nothing is restricted."""
        return self == KeyRestrictions(global_services=self.global_services)

    def inherited(self, seconds: int) -> KeyRestrictions:
        """What binds a key that is made `seconds` later in the place of this one: the same, for as long as this one was made to last."""
        ends = [None if time is None else min(time + seconds, LATEST) for time in (self.expires, self.grace_until)]
        return replace(self, not_before=None, expires=ends[0], grace_until=ends[1])

    def documents(self) -> Iterator[tuple[str, str]]:
        """Name and text of the documents that say where and what for; they make one layer of the decision. None at all if nothing does."""
        denials = [*self._of_regions(), *self._of_networks(), *self._of_services()]
        yield from ((name, _document(statement)) for name, statement in denials)
        if self.policy is not None:
            yield "Policy", self.policy
        elif denials:
            yield "Rest", _document({"Effect": "Allow", "Action": "*", "Resource": "*"})

    def _of_regions(self) -> Iterator[tuple[str, dict[str, Any]]]:
        if self.regions:
            exempt = self.global_services is GlobalServices.EXEMPT
            what = {"NotAction": [f"{service}:*" for service in sorted(GLOBAL_SERVICES)]} if exempt else {"Action": "*"}
            yield "Regions", _deny(what, StringNotEquals={"aws:RequestedRegion": sorted(self.regions)})

    def _of_networks(self) -> Iterator[tuple[str, dict[str, Any]]]:
        if self.networks:
            yield "Networks", _deny({"Action": "*"}, NotIpAddress={"aws:SourceIp": sorted(self.networks)})

    def _of_services(self) -> Iterator[tuple[str, dict[str, Any]]]:
        if self.services:
            yield "Services", _deny({"NotAction": [f"{service}:*" for service in sorted(self.services)]})


def _deny(what: dict[str, Any], **condition: dict[str, list[str]]) -> dict[str, Any]:
    return {"Effect": "Deny", **what, "Resource": "*"} | ({"Condition": condition} if condition else {})


def _document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": _VERSION, "Statement": statement})
