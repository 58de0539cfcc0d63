"""`akia sinks`: how sinks stand, and the end of one that was taken out of the file."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

from akia.store.only_one import OnlyOne

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Home


def listed(home: Home) -> dict[str, Any]:
    result = home.run("sinks", "list", "--json", "--data", str(home.data))
    assert result.code == 0, result.err
    return {each["name"]: each for each in json.loads(result.out)}


def test_a_sink_is_looked_at_and_forgotten_when_it_is_configured_no_more(
    home: Home, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    path, data = home.path / "sinks.toml", ("--data", str(home.data))
    file = f'[[sink]]\nname = "copy"\nkind = "file"\npath = "{home.path / "events.jsonl"}"\n'
    path.write_text(f'{file}[[sink]]\nname = "siem"\nkind = "syslog"\nhost = "127.0.0.1"\n')
    up = home.up("--sinks", str(path))
    eventually(lambda: listed(home)["siem"]["state"] == "failing" and not listed(home)["copy"]["lagEvents"])
    found = listed(home)
    assert found["copy"] == {"name": "copy", "state": "sending", "lagEvents": 0, "oldest": None, "lastError": None}
    assert found["siem"]["lagEvents"] > 0 and found["siem"]["oldest"]
    assert (found["siem"]["lastError"]["over"], "which is not public" in found["siem"]["lastError"]["text"]) == (False, True)
    refused = home.run("sinks", "forget", "siem", *data)
    assert (refused.code, refused.is_readable_error, "siem is configured" in refused.err) == (1, True, True)

    path.write_text(file)
    up.process.send_signal(signal.SIGHUP)
    eventually(lambda: "sink siem is configured no more" in up.log.read_text() and listed(home)["siem"]["state"] == "not configured")
    told = home.run("sinks", "list", *data).out
    assert "siem  not configured\n    " in told and "events wait, the oldest from 20" in told and "it fails since 20" in told
    assert home.run("sinks", "forget", "siem", *data).out == "siem is forgotten.\n"
    assert set(listed(home)) == {"copy"}
    [record] = [record for record in home.events() if record["eventName"] == "ForgetSink"]
    assert record["requestParameters"] == {"sinkName": "siem"}
    again = home.run("sinks", "forget", "siem", *data)
    assert (again.code, "there is no sink siem" in again.err) == (1, True)
    assert up.stop() == 0
    assert listed(home)["copy"]["state"] == "nobody ships for it"


def test_nobody_is_forgotten_for_whom_somebody_ships_or_before_it_is_known_who_is_configured(home: Home) -> None:
    data = ("--data", str(home.data))
    assert home.run("init", *data).code == 0
    assert home.run("sinks", "list", *data).out == "there are no sinks\n"
    unknown = home.run("sinks", "forget", "siem", *data)
    assert (unknown.code, "not known before this akia has been started" in unknown.err) == (1, True)
    path = home.path / "sinks.toml"
    path.write_text(f'[[sink]]\nname = "copy"\nkind = "file"\npath = "{home.path / "events.jsonl"}"\n')
    assert home.up("--sinks", str(path)).stop() == 0
    assert home.up().stop() == 0
    lock = OnlyOne(home.data / "sinks" / "copy.lock")
    assert lock.take()  # a worker from before the reload, which has not ended yet
    held = home.run("sinks", "forget", "copy", *data)
    assert (held.code, "a running akia sends events to copy" in held.err) == (1, True)
    lock.release()
    assert home.run("sinks", "forget", "copy", *data).code == 0
