"""The keys of an account and what is to be known of them, by as few calls as there can be.

IAM needs one call a user and one a key; whether there is a second factor stands in the credential report, who is an administrator in the
authorization details. An akia lists all keys at once, and tells each one's restrictions.
"""

from __future__ import annotations

import csv
import io
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from akia.cli.account_keys.held_policies import Policies
from akia.cli.account_keys.inventory import ROOT, Inventory, Key, Use, User
from akia.cli.account_keys.progress import each, tracked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akia.cli.account_keys.connection import Connection

_NEVER = "N/A"
_REPORT_POLLS, _POLL_SECONDS = 30, 1.0

LACKS = (
    "IAM tells a key's last use late, by service and region only; it knows no callers' addresses, and no expiry and restrictions of keys."
)
"""The one line about what is not there."""


def gather(connection: Connection, *, whole: bool, now: datetime | None = None) -> Inventory:
    """All keys; if `whole`, also what is to be known of users, and of each key's restrictions. Raises what botocore raises.

    What the caller may not ask is left out, with a note.
    """
    moment = now or datetime.now(UTC)
    notes = _Notes()
    if connection.is_akia:
        keys, names = _keys_of_akia(connection.client("akia")), None
        if whole:
            keys = _restricted(connection.client("akia"), keys, notes)
    else:
        notes.add(LACKS)
        names = [user["UserName"] for page in tracked("users", _pages(connection, "list_users")) for user in page["Users"]]
        keys = [key for some in each("keys of users", names, _keys_of_user(connection)) for key in some]
    users: tuple[User, ...] = ()
    if whole:
        report = notes.unless_refused("who has passwords, and whether the root user has keys", lambda: _credential_report(connection))
        policies = notes.unless_refused("who is an administrator", lambda: _policies(connection))
        keys = [*keys, *([] if connection.is_akia else _root_keys(report or {}))]
        keys = [_described(key, policies) for key in keys]
        users = _users(connection, names, keys, policies, report, notes)
    ordered = sorted(keys, key=lambda key: (key.user != ROOT, key.user, key.created))
    return Inventory(connection.account, connection.title, moment, connection.is_akia, users, tuple(ordered), tuple(notes.lines))


class _Notes:
    """What could not be found out."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, line: str) -> None:
        self.lines.append(line)

    def unless_refused(self, what: str, ask: Callable[[], Any]) -> Any:
        from botocore.exceptions import ClientError

        try:
            return ask()
        except ClientError as error:
            self.add(f"It could not be found out {what}: {error.response['Error']['Code']} when calling {error.operation_name}.")
            return None


def _pages(connection: Connection, operation: str, **parameters: Any) -> Any:
    return connection.client("iam").get_paginator(operation).paginate(**parameters)


def _keys_of_akia(client: Any) -> list[Key]:
    pages = client.get_paginator("list_access_keys").paginate(PaginationConfig={"PageSize": 100})
    return [_key_of_akia(told) for page in tracked("keys", pages) for told in page["AccessKeys"]]


def _restricted(client: Any, keys: list[Key], notes: _Notes) -> list[Key]:
    found = notes.unless_refused("how keys are restricted", lambda: each("restrictions", keys, lambda key: _restrictions(client, key)))
    return [replace(key, restrictions=some) for key, some in zip(keys, found or [None] * len(keys), strict=True)]


def _key_of_akia(told: Mapping[str, Any]) -> Key:
    use, said = told.get("LastUse"), told["Attributes"]
    return Key(
        told.get("UserName", ROOT),
        told["AccessKeyId"],
        told["Status"] == "Active",
        told["CreateDate"],
        Use(use["Time"], use["Service"], use["Region"], use.get("SourceAddress", ""), use.get("UserAgent", "")) if use else None,
        said.get("Description", ""),
        said.get("Owner", ""),
        told.get("ExpiresAt"),
    )


def _restrictions(client: Any, key: Key) -> Mapping[str, Any]:
    from botocore.exceptions import ClientError

    try:
        found: Mapping[str, Any] = client.get_access_key_restrictions(AccessKeyId=key.access_key_id)["Restrictions"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":  # no restrictions, or deleted meanwhile
            return {}
        raise
    return found


def _keys_of_user(connection: Connection) -> Callable[[str], list[Key]]:
    iam = connection.client("iam")

    def ask(name: str) -> list[Key]:
        from botocore.exceptions import ClientError

        try:
            pages = iam.get_paginator("list_access_keys").paginate(UserName=name)
            return [_key_of_iam(iam, name, told) for page in pages for told in page["AccessKeyMetadata"]]
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchEntity":  # deleted meanwhile
                return []
            raise

    return ask


def _key_of_iam(iam: Any, user: str, told: Mapping[str, Any]) -> Key:
    return Key(user, told["AccessKeyId"], told["Status"] == "Active", told["CreateDate"], last_use(iam, told["AccessKeyId"]))


def last_use(iam: Any, access_key_id: str) -> Use | None:
    """The last use of a key, as IAM tells it; None if there was none."""
    used = iam.get_access_key_last_used(AccessKeyId=access_key_id)["AccessKeyLastUsed"]
    if "LastUsedDate" not in used:
        return None
    return Use(used["LastUsedDate"], *("" if used.get(name) == _NEVER else used.get(name, "") for name in ("ServiceName", "Region")))


def _credential_report(connection: Connection) -> dict[str, dict[str, str]]:
    iam = connection.client("iam")
    for _ in range(_REPORT_POLLS):
        if iam.generate_credential_report()["State"] == "COMPLETE":
            break
        time.sleep(_POLL_SECONDS)
    rows = csv.DictReader(io.StringIO(iam.get_credential_report()["Content"].decode("utf-8")))
    return {row["user"]: row for row in rows}


def _root_keys(report: Mapping[str, Mapping[str, str]]) -> list[Key]:
    row = report.get(ROOT, {})
    return [
        Key(ROOT, "", True, datetime.fromisoformat(row[f"access_key_{n}_last_rotated"]), _reported_use(row, n))
        for n in (1, 2)
        if row.get(f"access_key_{n}_active") == "true"
    ]


def _reported_use(row: Mapping[str, str], number: int) -> Use | None:
    try:
        moment = datetime.fromisoformat(row[f"access_key_{number}_last_used_date"])
    except (KeyError, ValueError):  # "N/A"
        return None
    return Use(moment, row.get(f"access_key_{number}_last_used_service", ""), row.get(f"access_key_{number}_last_used_region", ""))


def _policies(connection: Connection) -> Policies:
    users, groups, policies = [], [], []
    for page in tracked(
        "policies", _pages(connection, "get_account_authorization_details", Filter=["User", "Group", "LocalManagedPolicy"])
    ):
        users += page.get("UserDetailList", [])
        groups += page.get("GroupDetailList", [])
        policies += page.get("Policies", [])
    return Policies(users, groups, policies)


def _described(key: Key, policies: Policies | None) -> Key:
    """AWS's console keeps a key's description in a tag of its user that is named after the key (B6)."""
    if key.description or policies is None or key.user not in policies.users:
        return key
    return replace(key, description=policies.tags(key.user).get(key.access_key_id, ""))


def _users(
    connection: Connection,
    listed: list[str] | None,
    keys: list[Key],
    policies: Policies | None,
    report: Mapping[str, Mapping[str, str]] | None,
    notes: _Notes,
) -> tuple[User, ...]:
    known = set(policies.users) if policies is not None else set()
    names = sorted({*known, *(listed or ()), *(key.user for key in keys)} - {ROOT})
    holders = {key.user for key in keys if key.active}
    asked = [name for name in names if _second_factor(report, name) is not True and (name in holders or _password(report, name))]
    devices = notes.unless_refused("who has a second factor", lambda: dict(each("second factors", asked, _devices(connection))))
    return tuple(
        User(
            name,
            _password(report, name),
            _second_factor(report, name) if devices is None or name not in devices else devices[name],
            policies.grants(name) if policies is not None and name in known else None,
            policies.binds_to_sources(name) if policies is not None and name in known else None,
        )
        for name in names
    )


def _devices(connection: Connection) -> Callable[[str], tuple[str, bool | None]]:
    """The credential report may be four hours old: who has no second factor in it is asked for once more."""
    iam = connection.client("iam")

    def ask(name: str) -> tuple[str, bool | None]:
        from botocore.exceptions import ClientError

        try:
            return name, bool(iam.list_mfa_devices(UserName=name)["MFADevices"])
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchEntity":
                return name, None
            raise

    return ask


def _password(report: Mapping[str, Mapping[str, str]] | None, name: str) -> bool | None:
    return _flag(report, name, "password_enabled")


def _second_factor(report: Mapping[str, Mapping[str, str]] | None, name: str) -> bool | None:
    return _flag(report, name, "mfa_active")


def _flag(report: Mapping[str, Mapping[str, str]] | None, name: str, column: str) -> bool | None:
    value = (report or {}).get(name, {}).get(column)
    return None if value is None else value == "true"
