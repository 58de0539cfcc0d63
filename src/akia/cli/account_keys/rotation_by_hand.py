"""Rotation where there is no service for it: IAM's own calls, in an order in which there is always a key that works.

    make the new key - prove that it works - put it where the old one is used - wait until nobody uses the old one - make that inactive -
    wait again - delete it

Each step is remembered before and after (`rotation_record`), so that the same command goes on from wherever it was ended.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from akia.cli.account_keys.connection import Failed
from akia.cli.account_keys.gathering import last_use
from akia.cli.account_keys.inventory import Key
from akia.cli.account_keys.remedies import Remedies
from akia.cli.account_keys.rotation_record import CREATED, CREATING, DISTRIBUTED, DISTRIBUTING, OLD_INACTIVE, Record
from akia.rotation_targets import DeliveredKey, NotDelivered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from akia.cli.account_keys.connection import Connection
    from akia.cli.endpoint import Pair
    from akia.rotation_targets import Target

PROOFS = 3
"""How often in a row a new key must work: AWS's servers do not all hear of it at once."""

PATIENCE_SECONDS, POLL_SECONDS = 120.0, 60.0
_UNKNOWN = frozenset({"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch"})

LACKS = "IAM tells when the old key was last used, late, and neither by whom nor whether it is still called once it is inactive."
"""The one line about what is not there."""


class Rotation:
    """One rotation by hand. `say` tells people; `targets` are by their spelling."""

    def __init__(self, connection: Connection, say: Callable[[str], None], targets: Mapping[str, Target]) -> None:
        self._connection, self._told, self._targets, self._last = connection, say, targets, ""
        self._iam = connection.client("iam")
        self._remedies = Remedies.of(connection)

    def begin(self, path: Path, key: str, times: Mapping[str, float]) -> tuple[Record, Pair]:
        """Make the new key and prove that it works. Raises Failed, and then there is none."""
        user = self._iam.get_access_key_last_used(AccessKeyId=key).get("UserName")
        keys = {each["AccessKeyId"]: each for each in self._keys(user)} if user else {}
        if key not in keys:
            raise Failed(f"{key} is no key of a user of account {self._connection.account}")
        if keys[key]["Status"] != "Active":
            raise Failed(f"{key} is inactive: there is nothing to rotate")
        for other in keys.values():
            if other["AccessKeyId"] != key and len(keys) > 1:
                lines = (
                    f"{user} has a second key, and AWS allows no third: delete it first if nobody needs it",
                    self._deletion(user, other),
                )
                raise Failed("\n  ".join(lines))
        account, now = self._connection.account, datetime.now(UTC)
        record = Record(path, account, user, key, now, sorted(keys), list(self._targets))
        record.save(**times)
        return record, self._make(record)

    def _make(self, record: Record) -> Pair:
        made = self._iam.create_access_key(UserName=record.user)["AccessKey"]
        record.save(state=CREATED, new=made["AccessKeyId"], others=record.others)
        pair = made["AccessKeyId"], made["SecretAccessKey"]
        self._say(f"{record.new} of {record.user} is made")
        try:
            self._prove(record, pair)
        except Failed:
            self._drop_new(record)
            raise
        if record.old == self._connection.own_key:  # from now on these calls are signed with the new one
            self._iam = self._connection.client("iam", pair)
        return pair

    def _prove(self, record: Record, pair: Pair) -> None:
        from botocore.exceptions import ClientError

        sts = self._connection.client("sts", pair)
        until, pause, proofs = time.monotonic() + PATIENCE_SECONDS, 0.5, 0
        while proofs < PROOFS:
            try:
                whose = sts.get_caller_identity()["Arn"]
                if not whose.endswith(f"/{record.user}"):
                    raise Failed(f"the new key belongs to {whose}")
                proofs += 1
            except ClientError as error:
                if error.response["Error"]["Code"] not in _UNKNOWN:  # refused for what it does, and so it is known
                    return
                if time.monotonic() > until:
                    raise Failed(f"the new key does not work after {PATIENCE_SECONDS:.0f} seconds: {error}") from None
                proofs, pause = 0, min(pause * 2, 8.0)
                time.sleep(pause)
        self._say("it works")

    def distribute(self, record: Record, pair: Pair) -> None:
        """Put the new key everywhere. If the first place does not take it, nothing has happened. Raises Failed."""
        record.save(state=DISTRIBUTING)
        key = DeliveredKey(record.account, record.user, *pair, replaces=record.old)
        for spelling, target in self._targets.items():
            try:
                target.deliver(key)
            except NotDelivered as error:
                if not record.delivered:
                    self._drop_new(record)
                    raise Failed(f"{error}. The new key is deleted, and all is as it was.") from None
                lines = (
                    f"{error}. Both keys work; {', '.join(record.delivered)} has the new one.",
                    f"Put it into {spelling} yourself from there, then --confirm; or --roll-back.",
                )
                raise Failed("\n".join(lines)) from None
            record.save(delivered=[*record.delivered, spelling])
            self._say(f"{spelling} has it")
        self.confirm(record)

    def confirm(self, record: Record) -> None:
        """Whoever needs the new key has it. Raises Failed if there is none yet."""
        if record.state != DISTRIBUTING:
            raise Failed(f"nothing is to be confirmed: the rotation is {record.state}")
        record.save(state=DISTRIBUTED, distributed=datetime.now(UTC))

    def resume(self, record: Record) -> Pair | None:
        """Clear up after a run that was ended. A key that is made anew, if the secret of the one before was lost with that run."""
        if record.state == CREATING:
            self._look_for_lost_key(record)
        elif record.state == CREATED:
            self._say(f"the secret of {record.new} was lost when a run was ended, and nobody has it: another key is made")
            self._delete(record.user, record.new)
            record.save(state=CREATING, new="")
        elif record.state == DISTRIBUTING and record.targets and set(record.targets) <= set(record.delivered):
            self.confirm(record)
        elif record.state == DISTRIBUTING:
            has = f"; {', '.join(record.delivered)} has it" if record.delivered else ""
            raise Failed(
                f"a run was ended, or has left it to you, while {record.new} was on its way to those who need it{has}. "
                "When all of them have it say --confirm; else --roll-back, and begin anew."
            )
        return self._make(record) if record.state == CREATING else None

    def _look_for_lost_key(self, record: Record) -> None:
        """A key was perhaps made whose id was not remembered. It may also be somebody else's: whoever is at the terminal decides."""
        for key in self._keys(record.user):
            if key["AccessKeyId"] not in record.others:
                raise Failed(
                    f"{key['AccessKeyId']} was made since {record.started:%Y-%m-%d %H:%M:%S} UTC, by a run that was ended or by another. "
                    f"If nobody has it, delete it and come again:\n  {self._deletion(record.user, key)}"
                )

    def go_on(self, record: Record, *, watch: bool) -> bool:
        """Take each step whose time has come; with `watch` wait for it. True if the rotation is over."""
        while True:
            due = self._step(record)
            if due is None:
                return True
            left = (due - datetime.now(UTC)).total_seconds()
            if left <= 0:
                continue
            if not watch:
                self._say(f"The next step is due on {due:%Y-%m-%d %H:%M} UTC: the same command takes it.")
                return False
            time.sleep(min(left, POLL_SECONDS))

    def _step(self, record: Record) -> datetime | None:
        """Take the step that is due; when the next look is due, None if there is none."""
        status = {key["AccessKeyId"]: key["Status"] for key in self._keys(record.user)}
        if status.get(record.new) != "Active":
            raise Failed(
                f"somebody has taken the new key {record.new} away: it is {status.get(record.new, 'deleted').lower()}. --roll-back"
            )
        if record.old not in status:
            record.forget()
            self._say(f"{record.old} is deleted. The rotation is over.")
            return None
        if record.state == OLD_INACTIVE and status[record.old] == "Active":
            self._say(f"somebody has made {record.old} active again: the wait begins anew")
            record.save(state=DISTRIBUTED, distributed=datetime.now(UTC), deactivated=None)
        return self._while_observing(record) if record.state == DISTRIBUTED else self._while_inactive(record)

    def _while_observing(self, record: Record) -> datetime:
        old, new = last_use(self._iam, record.old), last_use(self._iam, record.new)
        moments = [moment for moment in (record.distributed, old.time if old else None) if moment is not None]
        due = max(moments) + timedelta(hours=record.quiet_hours)
        if due > datetime.now(UTC):
            used = f"last used {old.time:%Y-%m-%d %H:%M} UTC for {old.service} in {old.region}" if old else "was never used"
            self._say(f"{record.old}: {used}; {record.new}: {f'last used {new.time:%Y-%m-%d %H:%M} UTC' if new else 'not used yet'}")
            return due
        if new is None or (record.distributed is not None and new.time <= record.distributed):  # the proof was a use, too
            self._say(f"{record.new} has not been used since it was distributed: if it should have been, --roll-back")
        self._iam.update_access_key(UserName=record.user, AccessKeyId=record.old, Status="Inactive")
        record.save(state=OLD_INACTIVE, deactivated=datetime.now(UTC))
        self._say(f"{record.old} is inactive. --roll-back makes it work again.")
        return datetime.now(UTC)

    def _while_inactive(self, record: Record) -> datetime:
        since = record.deactivated or datetime.now(UTC)
        old = last_use(self._iam, record.old)
        if old is not None and old.time > since:
            self._iam.update_access_key(UserName=record.user, AccessKeyId=record.old, Status="Active")
            record.save(state=DISTRIBUTED, distributed=datetime.now(UTC), deactivated=None)
            self._say(f"{record.old} was used since it is inactive: it is active again, and the wait begins anew")
            return datetime.now(UTC)
        due = since + timedelta(hours=record.inactive_hours)
        if due <= datetime.now(UTC):
            self._delete(record.user, record.old)
            return datetime.now(UTC)
        return due

    def roll_back(self, record: Record) -> None:
        """The old key works again. The new one goes if nobody can have it; else it stays until you delete it."""
        held = {key["AccessKeyId"] for key in self._keys(record.user)}
        if record.old not in held:
            record.forget()
            raise Failed(f"{record.old} is deleted: there is nothing to go back to")
        self._iam.update_access_key(UserName=record.user, AccessKeyId=record.old, Status="Active")
        if record.state in (CREATING, CREATED) and record.new in held:
            self._delete(record.user, record.new)
        elif record.new in held:
            key = {"AccessKeyId": record.new, "Status": "Active", "CreateDate": record.started}
            self._say(
                f"{record.new} works still, for whoever has it. When they have the old one back:\n  {self._deletion(record.user, key)}"
            )
        record.forget()
        self._say(f"{record.old} works. The rotation is rolled back.")

    def _say(self, line: str) -> None:
        """Tell what has not just been told."""
        if line != self._last:
            self._told(line)
        self._last = line

    def _drop_new(self, record: Record) -> None:
        self._connection.client("iam").delete_access_key(UserName=record.user, AccessKeyId=record.new)
        record.forget()

    def _delete(self, user: str, key: str) -> None:
        from botocore.exceptions import ClientError

        try:
            self._iam.delete_access_key(UserName=user, AccessKeyId=key)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchEntity":  # a run before this one has done it
                raise

    def _keys(self, user: str) -> list[Any]:
        pages = self._iam.get_paginator("list_access_keys").paginate(UserName=user)
        return [key for page in pages for key in page["AccessKeyMetadata"]]

    def _deletion(self, user: str, key: Mapping[str, Any]) -> str:
        return self._remedies.delete(Key(user, key["AccessKeyId"], key["Status"] == "Active", key["CreateDate"]))


def told(line: str) -> None:
    """To people: on stderr, since stdout may hold the key."""
    click.echo(line, err=True)
