"""Events of what an operator does at the machine itself, without a signed request: they stand in the trail like every other call."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from akia.aws.ids import new_guid
from akia.store.trail.event_row import EventRow
from akia.trail.event import Happening, event_region, event_source, record

if TYPE_CHECKING:
    from collections.abc import Mapping

_KIND = {"eventType": "AwsServiceEvent"}
_ROOT = "root"


@dataclass(frozen=True, slots=True)
class Operator:
    """Whoever runs `command` ("akia init") on the account's data directory."""

    account: str
    command: str

    def did(
        self,
        operation: str,
        parameters: Mapping[str, Any],
        response: Mapping[str, Any] | None = None,
        resources: tuple[tuple[str, str], ...] = (),
        service: str = "iam",
    ) -> EventRow:
        """The event (AC2.6) of `operation`. `parameters` and `response` may hold no secret; `resources` are pairs of type and name."""
        happening = self._happening(service, operation, parameters, response)
        return EventRow(
            event_id=happening.event_id,
            request_id=happening.request_id,
            account=self.account,
            at_ms=int(happening.ended * 1000),
            name=operation,
            source=event_source(service),
            username=self.command,
            access_key_id="",
            verified=True,
            read_only=False,
            error_code="",
            region=event_region(service, ""),
            record=json.dumps(record(happening) | _KIND, separators=(",", ":")),
            decision="[]",
            resources=resources,
        )

    def _happening(self, service: str, operation: str, parameters: Mapping[str, Any], response: Mapping[str, Any] | None) -> Happening:
        event_id = new_guid()
        return Happening(
            event_id=event_id,
            request_id=event_id,
            ended=time.time(),
            service=service,
            operation=operation,
            identity={"type": "AWSService", "invokedBy": self.command},
            account=self.account,
            source_ip=self.command,
            user_agent=self.command,
            region="",
            read_only=False,
            parameters=parameters or None,
            response=response,
        )

    def made_key(self, access_key_id: str, user: str | None) -> EventRow:
        """The event of a new key of `user` (None: the root user)."""
        response = {"accessKey": {"userName": user or _ROOT, "accessKeyId": access_key_id, "status": "Active"}}
        return self.did("CreateAccessKey", _owner(user), response, _key_resources(access_key_id, user))

    def deleted_key(self, access_key_id: str, user: str | None) -> EventRow:
        """The event of a key of `user` (None: the root user) that is no more."""
        return self.did("DeleteAccessKey", _owner(user) | {"accessKeyId": access_key_id}, None, _key_resources(access_key_id, user))


def _owner(user: str | None) -> dict[str, str]:
    return {"userName": user} if user is not None else {}


def _key_resources(access_key_id: str, user: str | None) -> tuple[tuple[str, str], ...]:
    return (("AWS::IAM::AccessKey", access_key_id), *((("AWS::IAM::User", user),) if user is not None else ()))
