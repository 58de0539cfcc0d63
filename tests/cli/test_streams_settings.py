"""`--sinks` and `--metrics-listen` are looked at before anything is made or served."""

from __future__ import annotations

import json
import signal
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest
from tests.served import free_port

from akia.settings import Settings, SettingsError
from akia.store.only_one import OnlyOne

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Home


@pytest.mark.parametrize("address", ["127.0.0.1:2543", "127.8.9.10:1", "[::1]:2543", "localhost:65535"])
def test_metrics_are_told_on_loopback(address: str, tmp_path: Path) -> None:
    settings = Settings(tmp_path, metrics_listen=address).checked()
    assert settings.metrics_address is not None
    assert f"{settings.metrics_address[0]}:{settings.metrics_address[1]}" == address.replace("[", "").replace("]", "")


@pytest.mark.parametrize(
    "address", ["0.0.0.0:2543", "10.0.0.1:2543", "[::]:2543", "example.com:1", "127.0.0.1", "127.0.0.1:", ":2543", "2543", "127.0.0.1:0"]
)
def test_metrics_are_told_nowhere_else(address: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--metrics-listen"):
        Settings(tmp_path, metrics_listen=address).checked()


def test_settings_of_streams_reach_the_workers(tmp_path: Path) -> None:
    settings = Settings(tmp_path, sinks=tmp_path / "sinks.toml", metrics_listen="127.0.0.1:2543")
    assert Settings.from_json(settings.to_json()) == settings


def test_a_wrong_file_of_sinks_ends_the_start_and_nothing_is_made(home: Home) -> None:
    path = home.path / "sinks.toml"
    path.write_text('[[sink]]\nname = "a"\nkind = "datadog"\nkey_variable = "DD_KEY"\n')
    result = home.run("up", "--data", str(home.data), "--port", "0", "--sinks", str(path))
    assert (result.code, result.is_readable_error) == (2, True)
    assert "sink a, key_variable: the variable DD_KEY is not set" in result.err
    assert not home.data.exists()
    result = home.run("up", "--data", str(home.data), "--port", "0", AKIA_SINKS=str(home.path / "none.toml"))
    assert "none.toml cannot be read: No such file" in result.err


def test_a_throw_away_akia_sends_nothing(home: Home) -> None:
    (home.path / "sinks.toml").write_text("")
    result = home.run("up", "--ephemeral", "--sinks", str(home.path / "sinks.toml"))
    assert (result.code, "--sinks does not go with --ephemeral" in result.err) == (2, True)


def test_a_port_for_metrics_that_is_taken_ends_the_start(home: Home) -> None:
    import socket

    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = taken.getsockname()[1]
        result = home.run("up", "--data", str(home.data), "--port", "0", "--metrics-listen", f"127.0.0.1:{port}")
    assert (result.code, result.is_readable_error) == (1, True)
    assert f"port {port} on 127.0.0.1 is taken" in result.err
    assert not home.data.exists()


def test_the_public_port_tells_no_metrics(home: Home) -> None:
    import urllib.error
    import urllib.request

    metrics = free_port()
    up = home.up("--metrics-listen", f"127.0.0.1:{metrics}")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{up.endpoint}/metrics", timeout=10)
    assert caught.value.code in {400, 403, 404}
    assert b"akia_" not in caught.value.read()
    with urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics", timeout=10) as answer:
        assert b"akia_requests_total{" in answer.read()
    assert up.stop() == 0


def test_a_file_that_is_broken_later_costs_the_streams_and_not_the_service(
    home: Home, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    path, copy = home.path / "sinks.toml", home.path / "events.jsonl"
    good = f'[[sink]]\nname = "a"\nkind = "file"\npath = "{copy}"\n'
    path.write_text(good)
    up = home.up("--sinks", str(path))
    eventually(lambda: copy.exists() and "CreateAccessKey" in copy.read_text())
    path.write_text("rubbish")
    up.process.send_signal(signal.SIGHUP)
    eventually(lambda: "events are sent nowhere" in up.log.read_text())
    home.client("iam").create_user(UserName="meanwhile")
    path.write_text(good)
    up.process.send_signal(signal.SIGHUP)
    eventually(lambda: "meanwhile" in copy.read_text())
    ids = [json.loads(line)["eventID"] for line in copy.read_text().splitlines()]
    assert len(ids) == len(set(ids))
    assert up.stop() == 0


@pytest.mark.covers("I5.retention")
def test_a_sink_keeps_events_from_the_moment_it_is_configured(home: Home, eventually: Callable[[Callable[[], bool]], None]) -> None:
    """Old events, a retention of a day, and a sink that is new and that nobody gets to ship for: its lock is held. Without the sink the
    events go, so it is the sink that keeps them."""
    up = home.up()
    home.client("iam").create_user(UserName="old")
    assert up.stop() == 0
    with sqlite3.connect(home.data / "akia.db") as database:
        database.execute("UPDATE events SET at_ms = at_ms - 864000000")
    path = home.path / "sinks.toml"
    path.write_text(f'[[sink]]\nname = "new"\nkind = "syslog"\nhost = "127.0.0.1"\nport = {free_port()}\n')

    def told(query: str) -> list[Any]:
        with sqlite3.connect(home.data / "akia.db") as database:
            return [text for (text,) in database.execute(query)]

    everything = told("SELECT event_id FROM events ORDER BY rowid")
    assert len(everything) > 1
    lock = OnlyOne(home.data / "sinks" / "new.lock")
    assert lock.take()
    up = home.up("--sinks", str(path), "--event-retention-days", "1")
    eventually(lambda: told("SELECT number FROM event_cursors WHERE reader = 'sink/new'") == [0])
    passed = "SELECT reader FROM event_cursors WHERE number = (SELECT max(rowid) FROM events)"
    eventually(lambda: "alerts" in told(passed))
    assert up.stop() == 0
    lock.release()
    assert told("SELECT event_id FROM events ORDER BY rowid") == everything
    with sqlite3.connect(home.data / "akia.db") as database:
        database.execute("DELETE FROM event_cursors WHERE reader = 'sink/new'")
    up = home.up("--event-retention-days", "1")
    eventually(lambda: told("SELECT event_id FROM events") == everything[-1:])
    assert up.stop() == 0
