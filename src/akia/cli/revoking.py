"""Ending keys and sessions: on akia by its own service, on anything else that speaks IAM by what plain IAM can do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

import click

from akia.cli.endpoint import Akia, akia_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

OLDER_SESSIONS = "AWSRevokeOlderSessions"
"""The inline policy that AWS's console writes to end sessions of a role."""


@dataclass(frozen=True, slots=True)
class Key:
    """A user's access key. `created` is aware."""

    user: str
    id: str
    active: bool
    created: datetime


class Ending(Protocol):
    """How sessions are ended here. Each method says what was done, in a line each, and raises what botocore raises."""

    def sessions_of_keys(self, keys: Sequence[Key]) -> Iterator[str]: ...

    def sessions_of_user(self, user: str) -> str: ...

    def sessions_of_role(self, role: str) -> str: ...


class OnIam:
    """By a Deny for whoever has a token that is older than now, in AWS's own form. It takes a while to count at AWS, and must be removed
    by hand."""

    def __init__(self, iam: Any) -> None:
        self._iam = iam

    def sessions_of_keys(self, keys: Sequence[Key]) -> Iterator[str]:
        return (self.sessions_of_user(user) for user in dict.fromkeys(key.user for key in keys))

    def sessions_of_user(self, user: str) -> str:
        document, now = _older_than_now()
        self._iam.put_user_policy(UserName=user, PolicyName=OLDER_SESSIONS, PolicyDocument=document)
        lacks = "IAM cannot tell which key a session is from, nor reach sessions of roles that the user has taken: see --sessions-of-role"
        return f"{user}: {OLDER_SESSIONS} denies its sessions made before {now}. {lacks}"

    def sessions_of_role(self, role: str) -> str:
        document, now = _older_than_now()
        self._iam.put_role_policy(RoleName=role, PolicyName=OLDER_SESSIONS, PolicyDocument=document)
        return f"{role}: {OLDER_SESSIONS} denies its sessions made before {now}"


class OnAkia:
    """By lineage: the sessions of one key, and those of roles that were taken with it. Whoever may not do that does what IAM can."""

    def __init__(self, akia: Any, iam: Any) -> None:
        self._akia = akia
        self._otherwise = OnIam(iam)

    def sessions_of_keys(self, keys: Sequence[Key]) -> Iterator[str]:
        for place, key in enumerate(keys):
            until = self._until(AccessKeyId=key.id)
            if not until:
                yield from self._otherwise.sessions_of_keys(keys[place:])
                return
            yield f"{key.id}: sessions that descend from it have ended, {until}"

    def sessions_of_user(self, user: str) -> str:
        until = self._until(UserName=user)
        whose = f"{user}: its sessions and those that descend from its keys"
        return f"{whose} have ended, {until}" if until else self._otherwise.sessions_of_user(user)

    def sessions_of_role(self, role: str) -> str:
        until = self._until(RoleName=role)
        return f"{role}: sessions of the role have ended, {until}" if until else self._otherwise.sessions_of_role(role)

    def _until(self, **named: str) -> str:
        from botocore.exceptions import ClientError

        try:
            until = self._akia.revoke_sessions(**named)["IssuedBefore"]
        except ClientError as error:
            if not is_denial(error):
                raise
            return ""
        return f"if they were made until {until.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def is_denial(error: Any) -> bool:
    """Whether akia has refused, which is told in a line."""
    denied = bool(error.response["Error"]["Code"] == "AccessDeniedException")
    if denied:
        click.echo(f"{error.response['Error'].get('Message', 'access denied')}; what plain IAM can do is done", err=True)
    return denied


def _older_than_now() -> tuple[str, str]:
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000Z"
    condition = {"DateLessThan": {"aws:TokenIssueTime": now}}
    statement = {"Effect": "Deny", "Action": ["*"], "Resource": ["*"], "Condition": condition}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}), now


def own_service_of(clients: Callable[[str], Any]) -> Any | None:
    """A client of the service `akia`, if it is an akia that answers there, whatever it lets the caller do; else None, with a line that says
    so. Raises what botocore raises."""
    if akia_at(clients) is not Akia.ABSENT:
        return clients("akia")
    click.echo(f"no service akia at {clients('iam').meta.endpoint_url}: what plain IAM can do is done", err=True)
    return None


def keys_of(iam: Any, user: str) -> Iterator[Key]:
    for page in iam.get_paginator("list_access_keys").paginate(UserName=user):
        for key in page["AccessKeyMetadata"]:
            yield Key(user, key["AccessKeyId"], key["Status"] == "Active", key["CreateDate"])


def keys_of_everybody(iam: Any) -> Iterator[Key]:
    for page in iam.get_paginator("list_users").paginate():
        for user in page["Users"]:
            yield from keys_of(iam, user["UserName"])


def user_of(iam: Any, key_id: str) -> str:
    """The name of the user whose key it is. Ends the command if there is none: only the root user itself ends its keys through IAM."""
    user = iam.get_access_key_last_used(AccessKeyId=key_id).get("UserName")
    if not user:
        raise click.ClickException(f"{key_id} is no user's key; one of the root user is ended by the root user, or by `akia compromised`")
    return str(user)


def own_key(sts: Any) -> str:
    """The id of the key that signs the caller's requests: whoever ends it ends their own work with it."""
    seen = [""]

    def look(request: Any, **_: Any) -> None:
        text = request.headers.get("Authorization", b"")
        text = text.decode("ascii", "replace") if isinstance(text, bytes) else text
        seen.append(text.partition("Credential=")[2].partition("/")[0])

    sts.meta.events.register_first("before-send.sts.GetCallerIdentity", look)
    sts.get_caller_identity()
    return seen[-1]
