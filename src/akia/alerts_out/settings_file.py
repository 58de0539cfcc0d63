"""The file of `--alerts-file`: thresholds, channels, responses. What it says wrongly stops the start (NT-95)."""

from __future__ import annotations

import re
import stat
import tomllib
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from akia.alerts import NAMES, Severity, Thresholds
from akia.outbound.destination import destination, host_and_port
from akia.outbound.errors import OutboundRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from akia.outbound.destination import Destination

_CHANNEL_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_KEY_ID = re.compile(r"AKIA[A-Z2-7]{16}", re.ASCII)


class AlertsFileError(Exception):
    """The file cannot be honoured. The message names what is wrong, and no value that may be secret."""


class Response(StrEnum):
    """What akia may do by itself."""

    DEACTIVATE_KEY = "deactivate-key"
    QUARANTINE = "quarantine"
    CONTAIN = "contain"


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """One channel. Which fields count depends on `kind`."""

    name: str
    kind: str
    least: Severity = Severity.LOW
    url: str = field(default="", repr=False)
    thumbprints: tuple[str, ...] = ()
    host: str = ""
    port: int = 0
    tls: str = ""
    ca_file: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Without a file: every rule with its defaults, no channel, no response."""

    thresholds: Thresholds = field(default_factory=Thresholds)
    off: tuple[str, ...] = ()
    honeytokens: tuple[str, ...] = ()
    channels: tuple[ChannelSettings, ...] = ()
    responses: Mapping[str, Response] = field(default_factory=dict)

    def channel(self, name: str) -> ChannelSettings | None:
        return next((channel for channel in self.channels if channel.name == name), None)


_OF_KIND: dict[str, tuple[set[str], set[str]]] = {
    "webhook": ({"url"}, {"thumbprints"}),
    "slack": ({"url"}, {"thumbprints"}),
    "teams": ({"url"}, {"thumbprints"}),
    "smtp": ({"host", "sender", "recipients"}, {"port", "tls", "ca_file", "username", "password"}),
    "syslog": ({"host"}, {"port", "tls", "ca_file"}),
}
"""What each kind of channel must say, and what it may."""
_NEVER_ANSWERED = ("root-used", "signature-failures", "sign-in-failures", "credentials-exposed", "key-expires")
"""Rules that speak of the root user, or never of a key that somebody has proven to hold."""
_TLS = {"smtp": ("starttls", "implicit", "none"), "syslog": ("implicit", "none")}


def read(path: Path) -> AlertSettings:
    """The settings in the file `path`. Raises AlertsFileError, also if it holds secrets and others can read it."""
    try:
        text = path.read_text("utf-8")
        found = tomllib.loads(text)
        exposed = bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
    except (OSError, UnicodeError) as error:
        raise AlertsFileError(f"{path} cannot be read: {type(error).__name__}") from None
    except tomllib.TOMLDecodeError as error:
        raise AlertsFileError(f"{path} is no TOML: {error}") from None
    try:
        settings = parsed(found)
    except AlertsFileError as error:
        raise AlertsFileError(f"{path}: {error}") from None
    if exposed and any(channel.url or channel.password for channel in settings.channels):
        raise AlertsFileError(f"{path} holds secrets, and others can read it: chmod 600 {path}")
    return settings


def parsed(found: Mapping[str, Any]) -> AlertSettings:
    """The settings that the tables of a file spell. Raises AlertsFileError."""
    _require_known("the file", found, {"rules", "honeytokens", "channels", "responses"})
    rules = _table(found, "rules")
    numbers = {each.name for each in fields(Thresholds)}
    _require_known("[rules]", rules, {*numbers, "off"})
    for name in numbers & rules.keys():
        least = 0 if name in ("learning_seconds", "overlap_seconds", "fold_seconds") else 1
        if type(rules[name]) is not int or not least <= rules[name] <= 10**9:
            raise AlertsFileError(f"[rules] {name} must be a whole number from {least} on")
    off = _texts("[rules] off", rules.get("off", []))
    honeytokens = _texts("honeytokens", found.get("honeytokens", []))
    for rule in off:
        _require_rule("[rules] off", rule)
    if not all(_KEY_ID.fullmatch(key) for key in honeytokens):
        raise AlertsFileError("honeytokens must be ids of access keys; users and roles are marked with the tag akia:honeytoken")
    channels = tuple(_channel(name, table) for name, table in _table(found, "channels").items())
    responses = {rule: _response(rule, action) for rule, action in _table(found, "responses").items()}
    return AlertSettings(Thresholds(**{name: rules[name] for name in numbers & rules.keys()}), off, honeytokens, channels, responses)


def _channel(name: str, table: Any) -> ChannelSettings:
    where = f"[channels.{name}]"
    if not _CHANNEL_NAME.fullmatch(name) or not isinstance(table, dict):
        raise AlertsFileError("channels are tables [channels.NAME], with a name of letters, digits, _ and -")
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in _OF_KIND:
        raise AlertsFileError(f"{where} kind must be one of {', '.join(_OF_KIND)}")
    required, optional = _OF_KIND[kind]
    _require_known(where, table, required | optional | {"kind", "least"})
    for missing in sorted(required - table.keys()):
        raise AlertsFileError(f"{where} needs {missing}")
    values = {each: _value(f"{where} {each}", each, value) for each, value in table.items()}
    made = ChannelSettings(name, **values)
    _require_sense(where, made)
    return made


def _value(where: str, name: str, value: Any) -> Any:
    if name in ("recipients", "thumbprints"):
        return _texts(where, value)
    if name == "port":
        if type(value) is not int or not 1 <= value <= 65_535:
            raise AlertsFileError(f"{where} must be between 1 and 65535")
        return value
    if not isinstance(value, str) or not value or not value.isprintable():
        raise AlertsFileError(f"{where} must be a text")
    if name == "least":
        if value.upper() not in list(Severity):
            raise AlertsFileError(f"{where} must be one of {', '.join(each.lower() for each in Severity)}")
        return Severity(value.upper())
    return value


def _require_sense(where: str, made: ChannelSettings) -> None:
    if made.url and not _can_be_asked(lambda: destination(made.url)):
        raise AlertsFileError(f"{where} url must begin with https://, name a host, and have no user and no fragment")
    if made.host and not _can_be_asked(lambda: host_and_port(made.host, made.port or 1)):
        raise AlertsFileError(f"{where} host must be a name or an address, without brackets")
    if made.tls and made.tls not in _TLS[made.kind]:
        raise AlertsFileError(f"{where} tls must be one of {', '.join(_TLS[made.kind])}")
    if bool(made.username) != bool(made.password):
        raise AlertsFileError(f"{where} username and password belong together")
    if made.password and made.tls == "none":
        raise AlertsFileError(f"{where} a password is not sent without TLS")
    if made.kind == "smtp" and not made.recipients:
        raise AlertsFileError(f"{where} needs recipients")


def _can_be_asked(where: Callable[[], Destination]) -> bool:
    try:
        where()
    except OutboundRefused:
        return False
    return True


def _response(rule: str, action: Any) -> Response:
    _require_rule("[responses]", rule)
    if action not in list(Response):
        raise AlertsFileError(f"[responses] {rule} must be one of {', '.join(Response)}")
    if rule in _NEVER_ANSWERED:
        raise AlertsFileError(f"[responses] {rule}: nothing is ever done by itself about {', '.join(_NEVER_ANSWERED)}")
    return Response(action)


def _require_rule(where: str, rule: str) -> None:
    if rule not in NAMES:
        raise AlertsFileError(f"{where}: there is no rule {rule!r}; the rules are {', '.join(NAMES)}")


def _require_known(where: str, table: Mapping[str, Any], known: set[str]) -> None:
    for name in sorted(table.keys() - known):
        raise AlertsFileError(f"{where} has no {name!r}; it may have {', '.join(sorted(known))}")


def _table(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = found.get(name, {})
    if not isinstance(table, dict):
        raise AlertsFileError(f"[{name}] must be a table")
    return table


def _texts(where: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) and text and text.isprintable() for text in value):
        raise AlertsFileError(f"{where} must be a list of texts")
    return tuple(value)
