"""The credential report: a line of CSV for the root user and for each user, in the columns and words of AWS (AC9)."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from akia.identity.access_key import KeyStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from akia.identity.access_key import AccessKey, LastUsed

COLUMNS = (
    *("user", "arn", "user_creation_time"),
    *("password_enabled", "password_last_used", "password_last_changed", "password_next_rotation", "mfa_active"),
    *("access_key_1_active", "access_key_1_last_rotated"),
    *("access_key_1_last_used_date", "access_key_1_last_used_region", "access_key_1_last_used_service"),
    *("access_key_2_active", "access_key_2_last_rotated"),
    *("access_key_2_last_used_date", "access_key_2_last_used_region", "access_key_2_last_used_service"),
    *("cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated"),
)
"""AC9.2, in this order."""
ROOT = "<root_account>"
NONE, UNKNOWN, UNSUPPORTED = "N/A", "no_information", "not_supported"
"""AC9.5: there is nothing; nothing is known; the root user has no such thing."""
SHOWN = 2
"""Keys and certificates that a line has room for. Whoever has more keys than that, as during a rotation, shows the two newest (O15)."""


@dataclass(frozen=True, slots=True)
class CredentialReport:
    """A report that was made at `generated` (epoch seconds)."""

    account: str
    generated: int
    content: str


@dataclass(frozen=True, slots=True)
class PasswordFacts:
    """Of a password that may be signed in with. Times are in epoch seconds; None for never."""

    changed: int
    used: int | None
    expires: int | None


@dataclass(frozen=True, slots=True)
class CredentialFacts:
    """What a line tells of a user or, with the name ROOT, of the root user. Keys and certificates are in order of age."""

    name: str
    arn: str
    created: int
    password: PasswordFacts | None = None
    mfa: bool = False
    keys: Sequence[tuple[AccessKey, LastUsed | None]] = ()
    certificates: Sequence[tuple[int, KeyStatus]] = field(default=())
    """When each was uploaded, and its status."""

    def line(self) -> list[str]:
        """The values of COLUMNS."""
        keys, certificates = list(self.keys[-SHOWN:]), list(self.certificates[-SHOWN:])
        shown = [self.name, self.arn, moment(self.created), *_password(self), flag(self.mfa)]
        for key, used in [*keys, *[(None, None)] * (SHOWN - len(keys))]:
            shown += _key(key, used)
        for created, status in [*certificates, *[(None, KeyStatus.INACTIVE)] * (SHOWN - len(certificates))]:
            shown += [flag(status is KeyStatus.ACTIVE), moment(created) if created is not None else NONE]
        return shown


def to_csv(lines: Iterable[CredentialFacts]) -> str:
    """The whole report, the root user's line first (AC9.4)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(facts.line() for facts in lines)
    return text.getvalue().rstrip("\n")


def moment(epoch: int) -> str:
    """AC9.5: `2026-07-25T10:00:00+00:00`."""
    return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="seconds")


def flag(value: bool) -> str:
    """In lower case, which is what every reader compares with (AC9.6)."""
    return "true" if value else "false"


def _password(facts: CredentialFacts) -> list[str]:
    """Whether there is one, when it was used, when changed, when it must be changed (AC9.5)."""
    password = facts.password
    used = moment(password.used) if password is not None and password.used is not None else UNKNOWN
    if facts.name == ROOT:
        return [UNSUPPORTED, used, UNSUPPORTED, UNSUPPORTED]
    if password is None:
        return [flag(False), NONE, NONE, NONE]
    return [flag(True), used, moment(password.changed), moment(password.expires) if password.expires is not None else NONE]


def _key(key: AccessKey | None, used: LastUsed | None) -> list[str]:
    """Whether it is active, when it was made, when, where and for what it was used (AC9.7)."""
    if key is None:
        return [flag(False), *[NONE] * 4]
    last = [moment(used.at), used.region, used.service] if used is not None else [NONE] * 3
    return [flag(key.status is KeyStatus.ACTIVE), moment(key.created), *last]
