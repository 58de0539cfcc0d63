"""The settings of one sink, read strictly: what is missing, misspelt or unreadable is told by its name (NT-95)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from akia.outbound.destination import destination
from akia.outbound.errors import OutboundError, OutboundRefused
from akia.sinks.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from akia.outbound.client import OutboundClient

_TEXT = re.compile(r"[!-~](?:[ -~]*[!-~])?")
"""Printable ASCII, without spaces at its ends, which no header may have."""
_HEADER_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_SECRET = re.compile(r"[!-~]+")
LONGEST_SECRET = 8_192


class SinksError(Exception):
    """Settings of sinks that cannot be honoured. The message names the place and says what to do; it never holds a secret."""


class Table:
    """`values` as the file has them, `networks` beside the public ones that akia may send to, `environment` where variables are looked up.

    Every method raises SinksError for a value that is not what it asks for. A setting without a default must be there.
    """

    def __init__(self, place: str, values: Mapping[str, Any], networks: Iterable[str], environment: Mapping[str, str]) -> None:
        self._place = place
        self._values = values
        self._networks = tuple(networks)
        self._environment = environment
        self._asked: set[str] = set()

    def text(self, name: str, default: str | None = None, pattern: re.Pattern[str] = _TEXT) -> str:
        """Printable ASCII."""
        value = self._value(name, default)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise self.wrong(name, "expected a text of printable ASCII characters" if pattern is _TEXT else "that is not one")
        return value

    def texts(self, name: str) -> list[str]:
        value = self._value(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) and _TEXT.fullmatch(one) for one in value):
            raise self.wrong(name, "expected a list of texts of printable ASCII characters")
        return value

    def pairs(self, name: str) -> dict[str, str]:
        """A table of names and texts."""
        value = self._value(name, {})
        if not isinstance(value, dict) or not all(
            _HEADER_NAME.fullmatch(key) and isinstance(one, str) and _TEXT.fullmatch(one) for key, one in value.items()
        ):
            raise self.wrong(name, "expected a table of names and texts of printable ASCII characters")
        return dict(value)

    def choice(self, name: str, default: str, choices: Collection[str]) -> str:
        value = self._value(name, default)
        if not isinstance(value, str) or value not in choices:
            raise self.wrong(name, f"expected one of {', '.join(choices)}")
        return value

    def integer(self, name: str, default: int, least: int, most: int) -> int:
        value = self._value(name, default)
        if type(value) is not int or not least <= value <= most:
            raise self.wrong(name, f"expected a number between {least} and {most}")
        return value

    def url(self, name: str, default: str | None = None) -> str:
        return self._https(name, self.text(name, default))

    def secret(self, name: str) -> Secret:
        """What is in the file that `<name>_file` names, or in the variable that `<name>_variable` names."""
        file, variable = f"{name}_file", f"{name}_variable"
        if (file in self._values) == (variable in self._values):
            raise self.wrong(name, f"give either {file} or {variable}")
        if variable in self._values:
            return self._checked(variable, self._variable(variable, self.text(variable)))
        path = Path(self.text(file))
        try:
            text = path.read_text("ascii")
        except (OSError, UnicodeError) as error:
            raise self.wrong(file, f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}") from None
        return self._checked(file, text.strip())

    def secret_url(self, name: str) -> str:
        """A URL that is a key itself."""
        return self._https(name, self.secret(name).value)

    def secrets(self, name: str) -> dict[str, str]:
        """A table of names and variables: the names with what the variables hold."""
        return {key: self._checked(name, self._variable(name, variable), _TEXT).value for key, variable in self.pairs(name).items()}

    def client(self) -> OutboundClient:
        """A client that trusts the authorities of `ca_file`, else the system's, and shows `certificate_file`, whose key is in
        `certificate_key_file`, if it is given."""
        names = ("ca_file", "certificate_file", "certificate_key_file")
        files = [Path(self.text(name)) if name in self._values else None for name in names]
        if (files[1] is None) != (files[2] is None):
            raise self.wrong("certificate_file", "certificate_file and certificate_key_file belong together")
        from akia.outbound.client import OutboundClient  # here: slow to import, and few starts need it

        try:
            return OutboundClient(self._networks, authorities=files[0], certificate=files[1], certificate_key=files[2])
        except OutboundError as error:
            raise self.wrong("ca_file" if files[0] else "certificate_file", str(error)) from None

    def wrong(self, name: str, what: str) -> SinksError:
        """The error to raise for the setting `name`."""
        return SinksError(f"{self._place}, {name}: {what}")

    def finish(self, common: Collection[str]) -> None:
        """Raises SinksError if there is a setting that nobody has asked for."""
        files = {"ca_file", "certificate_file", "certificate_key_file"}
        unknown = sorted(set(self._values) - self._asked - set(common))
        if unknown:
            known = sorted(self._asked | set(common) | files)
            raise self.wrong(unknown[0], f"no such setting; this kind of sink has {', '.join(known)}")

    def _value(self, name: str, default: Any) -> Any:
        self._asked.add(name)
        value = self._values.get(name, default)
        if value is None:
            raise self.wrong(name, "is missing")
        return value

    def _variable(self, name: str, variable: str) -> str:
        if variable not in self._environment:
            raise self.wrong(name, f"the variable {variable} is not set")
        return self._environment[variable]

    def _checked(self, name: str, value: str, pattern: re.Pattern[str] = _SECRET) -> Secret:
        if len(value) > LONGEST_SECRET or not pattern.fullmatch(value):
            raise self.wrong(name, f"expected 1 to {LONGEST_SECRET} printable ASCII characters in one line")
        return Secret(value)

    def _https(self, name: str, url: str) -> str:
        try:
            destination(url)
        except OutboundRefused:
            raise self.wrong(name, "expected an https URL with a host and no user, password or fragment") from None
        return url
