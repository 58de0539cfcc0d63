"""The file of `--rotation-targets`: which targets there are on the server, and whose keys each takes. A caller names one, never makes one.

[targets.ci]
kind = "profile"
account = "123456789012"
users = ["ci"]
file = "/srv/ci/.aws/credentials"
profile = "default"
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from akia.rotation_targets.command import LONGEST_SECONDS, SECONDS, Command
from akia.rotation_targets.environment_file import EnvironmentFile
from akia.rotation_targets.kubernetes_secret import KubernetesSecret
from akia.rotation_targets.profile_file import ProfileFile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akia.rotation_targets.target import Target

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
_USER = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}", re.ASCII)
_ENTRY = re.compile(r"[A-Za-z0-9._-]{1,253}", re.ASCII)
_PROFILE = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)


class TargetsError(Exception):
    """The file cannot be honoured. The message names what is wrong."""


@dataclass(frozen=True, slots=True)
class NamedTarget:
    """A target that keys of `users` (names) of `account` may be delivered to, and no others: else one user's key could take the place of
    another's, and those who use that would be somebody else from then on."""

    name: str
    account: str
    users: tuple[str, ...]
    target: Target


@dataclass(frozen=True, slots=True)
class Targets:
    """Those of a file, by name. Without a file there is none."""

    by_name: Mapping[str, NamedTarget] = field(default_factory=dict)

    def of(self, account: str) -> list[NamedTarget]:
        """Those of an account, by name."""
        return [target for _, target in sorted(self.by_name.items()) if target.account == account]

    def get(self, name: str, account: str, user_name: str) -> NamedTarget | None:
        """The target `name`, if it takes keys of this user; None is also what there is for others."""
        found = self.by_name.get(name)
        return found if found is not None and found.account == account and user_name in found.users else None

    def for_user(self, account: str, user_name: str) -> list[str]:
        """The names of all that take keys of this user."""
        return [target.name for target in self.of(account) if user_name in target.users]


def read_targets(path: Path) -> Targets:
    """The targets in the file `path`. Raises TargetsError, also if others than its owner can write it: it may name commands."""
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            document = tomllib.loads(file.read().decode("utf-8"))
    except OSError as error:
        raise TargetsError(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeError) as error:
        raise TargetsError(f"{path} is no TOML: {error}") from None
    if found.st_uid not in (0, os.geteuid()) or stat.S_IMODE(found.st_mode) & 0o022:
        raise TargetsError(f"others can write {path}, which may name commands: chmod 600 {path}")
    try:
        return parsed(document)
    except TargetsError as error:
        raise TargetsError(f"{path}: {error}") from None


def parsed(document: Mapping[str, Any]) -> Targets:
    """The targets that the tables of a file spell. Raises TargetsError."""
    tables = document.get("targets", {})
    if set(document) - {"targets"} or not isinstance(tables, dict):
        raise TargetsError("expected nothing but tables [targets.NAME]")
    return Targets({name: _named(name, table) for name, table in tables.items()})


def _named(name: str, table: Any) -> NamedTarget:
    where = f"[targets.{name}]"
    if not _NAME.fullmatch(name) or not isinstance(table, dict):
        raise TargetsError("targets are tables [targets.NAME], with a name of letters, digits, _ and -")
    values = _Values(where, dict(table))
    account, users = values.text("account", _ACCOUNT), values.texts("users")
    if not users or not all(_USER.fullmatch(user) for user in users):
        raise TargetsError(f"{where} users must be names of users, one at least")
    kind = values.text("kind")
    if kind not in _KINDS:
        raise TargetsError(f"{where} kind must be one of {', '.join(_KINDS)}")
    target = _KINDS[kind](values)
    values.finish()
    return NamedTarget(name, account, users, target)


@dataclass(slots=True)
class _Values:
    """The values of a table, each taken once."""

    where: str
    left: dict[str, Any]

    def text(self, name: str, pattern: re.Pattern[str] | None = None, default: str | None = None) -> str:
        value = self.left.pop(name, default)
        if not isinstance(value, str) or not (value or default == "") or (value and pattern is not None and not pattern.fullmatch(value)):
            raise TargetsError(f"{self.where} needs a proper {name}")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        value = self.left.pop(name, None)
        if not isinstance(value, list) or not all(isinstance(text, str) and text for text in value):
            raise TargetsError(f"{self.where} {name} must be a list of texts")
        return tuple(value)

    def path(self, name: str) -> Path:
        path = Path(self.text(name))
        if not path.is_absolute():
            raise TargetsError(f"{self.where} {name} must be a whole path")
        return path

    def finish(self) -> None:
        if self.left:
            raise TargetsError(f"{self.where} has no {', '.join(map(repr, sorted(self.left)))}")


def _profile(values: _Values) -> Target:
    return ProfileFile(values.path("file"), values.text("profile", _PROFILE, "default"))


def _environment(values: _Values) -> Target:
    id_variable = values.text("id_variable", _VARIABLE, "AWS_ACCESS_KEY_ID")
    return EnvironmentFile(values.path("file"), id_variable, values.text("secret_variable", _VARIABLE, "AWS_SECRET_ACCESS_KEY"))


def _kubernetes(values: _Values) -> Target:
    return KubernetesSecret(
        values.path("file"),
        values.text("name", _ENTRY),
        values.text("namespace", _ENTRY, ""),
        values.text("id_entry", _ENTRY, "AWS_ACCESS_KEY_ID"),
        values.text("secret_entry", _ENTRY, "AWS_SECRET_ACCESS_KEY"),
    )


def _command(values: _Values) -> Target:
    arguments, seconds = values.texts("command"), values.left.pop("seconds", SECONDS)
    if not arguments or not Path(arguments[0]).is_absolute():
        raise TargetsError(f"{values.where} command must begin with the whole path of a program")
    if type(seconds) not in (int, float) or not 0 < seconds <= LONGEST_SECONDS:
        raise TargetsError(f"{values.where} seconds must be a number up to {LONGEST_SECONDS:g}")
    return Command(arguments, float(seconds))


_KINDS: Mapping[str, Callable[[_Values], Target]] = {
    "profile": _profile,
    "environment": _environment,
    "kubernetes": _kubernetes,
    "command": _command,
}
