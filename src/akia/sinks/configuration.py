"""The file that says which sinks there are: TOML, one table `[[sink]]` each."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

from akia.sinks import datadog, file, new_relic, otlp, sumo_logic, syslog, webhook
from akia.sinks.table import SinksError, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from akia.sinks.sink import Sink

KINDS: Mapping[str, Callable[[Table], Sink]] = {
    "datadog": datadog.read,
    "file": file.read,
    "newrelic": new_relic.read,
    "otlp": otlp.read,
    "sumologic": sumo_logic.read,
    "syslog": syslog.read,
    "webhook": webhook.read,
}
BEGINNING, NOW = "beginning", "now"
_COMMON = ("name", "kind", "begin")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class Configured(NamedTuple):
    """A sink, by the name that its position is kept under. `from_now`: whether a new one begins with the events to come."""

    name: str
    sink: Sink
    from_now: bool


def read_sinks(path: Path, networks: Iterable[str], environment: Mapping[str, str]) -> list[Configured]:
    """The sinks of the file `path`, in its order. `networks` are those beside the public ones that akia may send to; secrets come from
    `environment` or from files. Raises SinksError."""
    networks = tuple(networks)
    found = [_configured(number, values, networks, environment) for number, values in enumerate(_tables(path), start=1)]
    names = [one.name for one in found]
    for name in names:
        if names.count(name) > 1:
            raise SinksError(f"{path}: two sinks have the name {name}")
    return found


def _tables(path: Path) -> list[Any]:
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SinksError(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeError) as error:
        raise SinksError(f"{path} is not TOML: {error}") from None
    tables = document.pop("sink", [])
    if document or not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise SinksError(f"{path}: expected nothing but tables that begin with [[sink]]")
    return tables


def _configured(number: int, values: Mapping[str, Any], networks: tuple[str, ...], environment: Mapping[str, str]) -> Configured:
    table = Table(f"sink {values.get('name', number)}", values, networks, environment)
    name = table.text("name")
    if not _NAME.fullmatch(name):
        raise table.wrong("name", "expected up to 40 lower-case letters, digits and hyphens")
    kind = table.choice("kind", "", sorted(KINDS))
    begin = table.choice("begin", BEGINNING, (BEGINNING, NOW))
    sink = KINDS[kind](table)
    table.finish(_COMMON)
    return Configured(name, sink, begin == NOW)
