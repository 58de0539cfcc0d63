"""What the tests of sinks share: a certificate of 127.0.0.1, settings of sinks, events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.outbound.server import LOOPBACK, authority
from tests.sinks.intakes import KEY

from akia.sinks import read_sinks
from akia.store.trail.event_row import EventRow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from akia.sinks import Sink


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A folder with `ca.pem`, `chain.pem` and `key.pem` for 127.0.0.1."""
    authority(tmp_path / "tls", "127.0.0.1")
    return tmp_path / "tls"


@pytest.fixture
def sink(tmp_path: Path, certificate: Path) -> Callable[..., Sink]:
    return maker(tmp_path, certificate)


def maker(folder: Path, certificate: Path) -> Callable[..., Sink]:
    """Makes the sink of the settings it is given, as the file would hold them."""

    def make(kind: str, variables: Mapping[str, str] | None = None, **settings: Any) -> Sink:
        values = {"name": "one", "kind": kind, **({"ca_file": str(certificate / "ca.pem")} if kind != "file" else {}), **settings}
        path = folder / "sinks.toml"
        path.write_text("[[sink]]\n" + "".join(f"{name} = {toml(value)}\n" for name, value in values.items()))
        (configured,) = read_sinks(path, LOOPBACK, variables or {"KEY": KEY})
        return configured.sink

    return make


def toml(value: Any) -> str:
    """A value as TOML has it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {toml(one)}" for name, one in value.items()) + "}"
    return json.dumps(value)


def event(number: int, *, account: str = "123456789012", error: str = "", name: str = "CreateUser", padding: str = "") -> EventRow:
    """An event whose id tells its number."""
    record = {"eventVersion": "1.11", "eventName": name, "eventID": f"id-{number}", "userAgent": "é€ " + padding}
    if error:
        record["errorCode"] = error
    text = json.dumps(record, ensure_ascii=False)
    at_ms = 1_700_000_000_000 + number
    return EventRow(
        f"id-{number}", f"r-{number}", account, at_ms, name, "iam.amazonaws.com", "u", "", True, False, error, "us-east-1", text, "[]"
    )


@pytest.fixture(name="event")
def _event() -> Callable[..., EventRow]:
    return event
