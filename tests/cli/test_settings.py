"""Settings: they survive the way to the workers, and fit together or are refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from akia.cli.up import up
from akia.settings import Settings, SettingsError, configuration_directory, default_data_directory, refuse_unknown_variables


def test_settings_reach_the_workers_as_they_are() -> None:
    settings = Settings(
        Path("/data"),
        "192.0.2.1",
        443,
        4,
        Path("/key"),
        True,
        None,
        None,
        ("10.0.0.0/8", "fd00::/8"),
        "https://akia.example.com",
        True,
        ("10.1.0.0/16",),
        event_retention_days=400,
        lake_query_seconds=60,
        alerts_file=Path("/alerts.toml"),
        rotation_targets=Path("/targets.toml"),
    )
    assert Settings.from_json(settings.to_json()) == settings
    assert Settings.from_json(Settings(Path("/data")).to_json()) == Settings(Path("/data"))


@pytest.mark.parametrize(
    ("values", "endpoint"),
    [
        ({}, "http://127.0.0.1:2542"),
        ({"host": "::1", "port": 80}, "http://[::1]:80"),
        ({"host": "0.0.0.0", "tls": True}, "https://127.0.0.1:2542"),
        ({"host": "::", "tls": True}, "https://[::1]:2542"),
        ({"public_url": "https://akia.example.com/"}, "https://akia.example.com"),
    ],
)
def test_the_endpoint_is_the_url_that_clients_use(values: dict[str, Any], endpoint: str) -> None:
    assert Settings(Path("/data"), **values).endpoint == endpoint


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost"])
def test_loopback_needs_no_tls(host: str) -> None:
    assert Settings(Path("/data"), host).checked()


@pytest.mark.parametrize("host", ["127.0.0.1.example.com", "127.evil", "localhost.example.com", "10.0.0.1", "::", "2001:db8::1", ""])
def test_what_only_looks_like_loopback_does_not_pass_for_it(host: str) -> None:
    with pytest.raises(SettingsError, match="without TLS"):
        Settings(Path("/data"), host).checked()


@pytest.mark.parametrize(
    "url", ["akia", "ftp://a", "https://", "https://a/path", "https://a?q", "https://a:0", "https://a:b", "https://[::1"]
)
def test_a_public_url_is_scheme_host_and_port(url: str) -> None:
    with pytest.raises(SettingsError, match="expected a URL"):
        Settings(Path("/data"), public_url=url).checked()


def test_nt_95_every_variable_that_is_accepted_is_an_option_and_documented() -> None:
    options = {param.envvar: param.opts[0] for param in up.params if isinstance(param.envvar, str)}
    with pytest.raises(SettingsError) as caught:
        refuse_unknown_variables({"AKIA_": ""})
    accepted = set(re.findall("AKIA_[A-Z_]+", str(caught.value)))
    assert accepted == {*options, "AKIA_MASTER_KEY"}
    documented = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    assert [name for name, option in options.items() if not re.search(rf"`{option}\b[^|]*\| `{name}`", documented)] == []


def test_directories_follow_xdg_and_the_master_key_is_never_below_the_data(tmp_path: Path) -> None:
    here = {"XDG_DATA_HOME": "/d", "XDG_CONFIG_HOME": "/c"}
    assert (default_data_directory(here), configuration_directory(here)) == (Path("/d/akia"), Path("/c/akia"))
    assert default_data_directory({}) == Path.home() / ".local/share/akia"
    assert configuration_directory({}) == Path.home() / ".config/akia"
