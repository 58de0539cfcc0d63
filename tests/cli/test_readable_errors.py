"""What cannot be done is told in a line or two, with the way out, and an exit code: 2 for what was asked wrongly, 1 for what went wrong."""

from __future__ import annotations

import base64
import os
import socket
from typing import Any

import pytest

pytestmark = pytest.mark.covers("I2.program.readable_errors")


def test_a_taken_port_is_named_and_nothing_is_made(home: Any) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = home.run("up", "--data", str(home.data), "--port", str(port))
    assert (refused.code, refused.is_readable_error) == (1, True)
    assert f"port {port} on 127.0.0.1 is taken" in refused.err
    assert not home.data.exists()


def test_a_second_akia_never_shares_the_port_of_the_first(home: Any) -> None:
    # The server's own sockets would allow it: workers share a port by SO_REUSEPORT.
    first = home.up()
    refused = home.run("up", "--data", str(home.path / "other"), "--port", str(first.port))
    assert refused.code == 1
    assert "is taken" in refused.err


def test_a_data_directory_in_use_is_named(home: Any) -> None:
    home.up()
    for words in (("up", "--port", "0"), ("init",)):
        refused = home.run(*words, "--data", str(home.data))
        assert (refused.code, refused.is_readable_error) == (1, True)
        assert f"{home.data} is in use by another akia" in refused.err


def test_a_data_directory_that_cannot_be_used_is_named(home: Any) -> None:
    (home.path / "file").write_text("")
    refused = home.run("up", "--data", str(home.path / "file" / "data"), "--port", "0")
    assert (refused.code, refused.is_readable_error) == (1, True)
    assert str(home.path / "file" / "data") in refused.err


def test_a_directory_whose_identity_is_damaged_or_gone_is_named(home: Any) -> None:
    home.run("init", "--data", str(home.data))
    for damage in ("{", "[]", '{"id": "../../x", "account": "123456789012"}', '{"id": "00112233445566ff", "account": 123456789012.5}'):
        (home.data / "akia.json").write_text(damage)
        damaged = home.run("up", "--data", str(home.data), "--port", "0")
        assert (damaged.code, damaged.is_readable_error) == (1, True)
        assert "akia.json cannot be read" in damaged.err
    (home.data / "akia.json").unlink()
    refused = home.run("up", "--data", str(home.data), "--port", "0")
    assert (refused.code, refused.is_readable_error) == (1, True)
    assert "holds a database but not its akia.json" in refused.err


def test_a_wrong_or_missing_master_key_stops_the_start_and_none_is_made(home: Any) -> None:
    home.run("init", "--data", str(home.data))
    key = next(home.keys.iterdir())
    wrong = home.run("up", "--data", str(home.data), "--port", "0", AKIA_MASTER_KEY=base64.b64encode(os.urandom(32)).decode())
    assert (wrong.code, wrong.is_readable_error) == (1, True)
    assert "is not the one that the database" in wrong.err
    kept = key.read_bytes()
    key.unlink()
    missing = home.run("up", "--data", str(home.data), "--port", "0")
    assert (missing.code, missing.is_readable_error) == (1, True)
    assert str(key) in missing.err
    assert not key.exists()
    descriptor = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    os.write(descriptor, kept)
    os.close(descriptor)
    exposed = home.run("up", "--data", str(home.data), "--port", "0")
    assert (exposed.code, exposed.is_readable_error) == (1, True)
    assert "can be read by others" in exposed.err


def test_a_master_key_beside_the_data_is_refused(home: Any) -> None:
    refused = home.run("init", "--data", str(home.data), "--master-key-file", str(home.data / "key"))
    assert (refused.code, refused.is_readable_error) == (1, True)
    assert "lies in the data directory" in refused.err


def test_a_damaged_database_is_named(home: Any) -> None:
    home.run("init", "--data", str(home.data))
    (home.data / "akia.db").write_bytes(b"not a database, but long enough to be mistaken for one" * 100)
    refused = home.run("up", "--data", str(home.data), "--port", "0")
    assert (refused.code, refused.is_readable_error) == (1, True)
    assert str(home.data / "akia.db") in refused.err


@pytest.mark.parametrize(("words", "code"), [(("root-key",), 1), (("backup", "somewhere"), 1), (("keys", "list"), 2)])
def test_a_directory_without_an_akia_is_named(home: Any, words: tuple[str, ...], code: int) -> None:
    refused = home.run(*words, "--data", str(home.data))
    assert (refused.code, refused.is_readable_error) == (code, True)
    assert f"{home.data} holds no akia" in refused.err


@pytest.mark.covers("NT-95")
@pytest.mark.parametrize(
    ("words", "variables", "said"),
    [
        (("up", "--prot", "1"), {}, "No such option"),
        (("up",), {"AKIA_PROT": "1"}, "AKIA_PROT is not a setting of akia"),
        (("up",), {"AKIA_SETTINGS": "{}"}, "AKIA_SETTINGS is not a setting of akia"),
        (("up",), {"AKIA_EPHEMERAL": "1"}, "AKIA_EPHEMERAL is not a setting of akia"),
        (("version",), {"AKIA_DISABLE_AUTH": "1"}, "AKIA_DISABLE_AUTH is not a setting of akia"),
        (("up",), {"AKIA_PORT": "many"}, "'many' is not a valid integer"),
        (("up",), {"AKIA_TLS": "perhaps"}, "perhaps"),
        (("up", "--port", "65536"), {}, "a port is between 0 and 65535"),
        (("up", "--workers", "0"), {}, "between 1 and 60"),
        (("up", "--account", "12345"), {}, "is not an account id"),
        (("up", "--account", "\uff11" * 12), {}, "is not an account id"),
        (("up", "--tls-cert", "a.pem"), {}, "belong together"),
        (("up", "--tls", "--tls-cert", "a.pem", "--tls-key", "a.key"), {}, "makes a certificate of its own"),
        (("up", "--trusted-proxy", "10.0.0.0/33"), {}, "--trusted-proxy 10.0.0.0/33"),
        (("up", "--public-url", "akia.example.com"), {}, "expected a URL"),
        (("up", "--json"), {}, "--json belongs to --ephemeral"),
        (("up", "--ephemeral", "--workers", "2"), {}, "--workers does not go with --ephemeral"),
        (("up", "--ephemeral", "--data", "here"), {}, "--data does not go with --ephemeral"),
        (("frobnicate",), {}, "No such command"),
    ],
)
def test_nt_95_what_is_misspelt_or_makes_no_sense_stops_the_start(
    home: Any, words: tuple[str, ...], variables: dict[str, str], said: str
) -> None:
    refused = home.run(*words, **variables)
    assert refused.code == 2
    assert said in refused.err
    assert "Traceback" not in refused.err
    assert not home.data.exists()


@pytest.mark.covers("I2.program.exposure")
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "127.evil.example"])
def test_an_address_other_than_loopback_is_refused_without_tls_or_a_declared_proxy(home: Any, host: str) -> None:
    for options in ((), ("--trusted-proxy", "10.0.0.0/8"), ("--public-url", "https://akia.example.com")):
        refused = home.run("up", "--data", str(home.data), "--port", "0", "--host", host, *options)
        assert refused.code == 2
        assert f"akia does not listen on {host} without TLS" in refused.err
    assert not home.data.exists()


@pytest.mark.covers("I2.program.exposure")
def test_behind_a_declared_proxy_every_address_may_be_listened_on(home: Any) -> None:
    served = home.up("--host", "0.0.0.0", "--trusted-proxy", "127.0.0.2/32", "--public-url", "https://akia.example.com")
    assert "TLS ends at https://akia.example.com; forwarding headers are believed from 127.0.0.2/32 only" in served.said
    assert home.profile()["endpoint_url"] == "https://akia.example.com"


def test_every_setting_can_come_from_its_variable(home: Any) -> None:
    made = home.run(
        "init", AKIA_DATA=str(home.data), AKIA_PORT="2599", AKIA_HOST="localhost", AKIA_MASTER_KEY_FILE=str(home.path / "master.key")
    )
    assert made.code == 0
    assert home.profile()["endpoint_url"] == "http://localhost:2599"
    assert (home.path / "master.key").exists()
