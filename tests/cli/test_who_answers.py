"""How commands reach what they ask: who answers there, whether it is an akia, and what is told when nobody does."""

from __future__ import annotations

import http.server
import threading
import time
from typing import TYPE_CHECKING, Any

import click
import pytest
from botocore.exceptions import ClientError, SSLError
from tests.served import free_port

from akia.cli import endpoint
from akia.cli.endpoint import Akia, akia_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.covers("I6.anywhere", "I2.program.readable_errors")


class Stranger(http.server.BaseHTTPRequestHandler):
    """A web server that knows nothing of AWS."""

    status = 200

    def do_POST(self) -> None:
        body = b"<html><body>Welcome</body></html>"
        self.send_response(self.status)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture(params=[200, 404])
def stranger(request: pytest.FixtureRequest) -> Iterator[str]:
    handler = type("Handler", (Stranger,), {"status": request.param})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def made(url: str) -> Callable[[str], Any]:
    from botocore.config import Config

    session = endpoint.own_session(None, "us-east-1")
    make = endpoint.of_own_files(session, url)
    return lambda service: make(service, Config(retries={"mode": "standard", "total_max_attempts": 2}), ("AKIAX", "x"))


def answering(code: str) -> Callable[[str], Any]:
    """Clients of something that is not AWS, and answers with this error."""

    class Client:
        meta = type("Meta", (), {"endpoint_url": "http://127.0.0.1:1"})

        def list_access_keys(self, **_: Any) -> Any:
            raise ClientError({"Error": {"Code": code}}, "ListAccessKeys")

    return lambda service: Client()


def test_an_akia_is_known_by_its_own_service(akia: Any) -> None:
    assert akia_at(akia.client) is Akia.OPEN


def test_an_akia_is_known_by_whoever_may_not_ask_its_own_service(akia: Any) -> None:
    assert akia_at(akia.person("bob", {"Action": "iam:*"}).client) is Akia.CLOSED


@pytest.mark.parametrize("code", ["UnknownOperationException", "InvalidAction", "404"])
def test_what_does_not_know_the_service_is_no_akia(code: str) -> None:
    assert akia_at(answering(code)) is Akia.ABSENT


@pytest.mark.parametrize("code", ["ThrottlingException", "UnrecognizedClientException", "ServiceUnavailableException"])
def test_an_answer_that_does_not_tell_is_not_taken_for_one(code: str) -> None:
    with pytest.raises(ClientError):
        akia_at(answering(code))


def test_a_web_server_is_no_akia(stranger: str) -> None:
    assert akia_at(made(stranger)) is Akia.ABSENT


def test_what_speaks_another_language_is_told_in_a_line(home: Any, stranger: str) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "AKIAX", "AWS_SECRET_ACCESS_KEY": "x"}
    for words in (("keys", "list"), ("keys", "rotate", KEY), ("report",)):
        refused = home.run(*words, "--endpoint-url", stranger, **keys)
        assert (refused.code, refused.is_readable_error) == (2, True), refused
        assert "does not speak AWS's protocols" in refused.err


KEY = "AKIA" + "X" * 16
COMMANDS = (
    ("keys", "describe", KEY), ("limits", "list"), ("why", "x"), ("tail",), ("audit", "search"), ("audit", "verify", "."),
    ("revoke", KEY), ("compromised", KEY), ("rotation", "list"), ("shadow", "list"), ("alerts", "list"),
)  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_profile_that_does_not_exist_is_told_in_a_line(home: Any, words: tuple[str, ...]) -> None:
    refused = home.run(*words, "--profile", "nobody")
    assert (refused.code, refused.is_readable_error) == (1, True), refused
    assert "(nobody) could not be found" in refused.err


def test_nobody_who_answers_is_told_at_once_with_the_way_out(home: Any) -> None:
    home.run("init", "--data", str(home.data), "--port", str(port := free_port()))
    for words, code in (*((words, 1) for words in COMMANDS), (("keys", "list"), 2), (("report",), 2)):
        began = time.monotonic()
        refused = home.run(*words, "--data", str(home.data))
        assert (refused.code, refused.is_readable_error) == (code, True), refused
        assert f"nobody answers at http://127.0.0.1:{port}; `akia up` starts an akia" in refused.err
        assert time.monotonic() - began < 15  # and not after ten tries with growing pauses


def test_times_are_told_in_utc_wherever_the_machine_stands(akia: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        factory = endpoint.with_own_models().get_component("response_parser_factory")
        parser = factory.create_parser("json")
        assert str(parser._timestamp_parser(1_764_000_000)) == "2025-11-24 16:00:00+00:00"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_akias_own_service_is_called_where_iam_is(home: Any) -> None:
    """Never at a name that botocore makes up."""
    (home.path / ".aws").mkdir()
    (home.path / ".aws" / "config").write_text(
        "[profile other]\nendpoint_url = http://127.0.0.1:1\naws_access_key_id = A\naws_secret_access_key = x\n"
    )
    refused = home.run("limits", "list", "--profile", "other")
    assert (refused.code, refused.is_readable_error) == (1, True), refused
    assert "nobody answers at http://127.0.0.1:1" in refused.err


def test_a_profile_of_the_environment_that_does_not_exist_is_in_nobodys_way(home: Any) -> None:
    home.run("init", "--data", str(home.data), "--port", str(free_port()))
    (home.path / ".aws").mkdir()
    (home.path / ".aws" / "config").write_text("[profile other]\nendpoint_url = http://127.0.0.1:1\n")
    for words in (("--data", str(home.data)), ("--profile", "other")):
        for command, code in ((("keys", "list"), 2), (("limits", "list"), 1)):
            refused = home.run(*command, *words, AWS_PROFILE="nobody", AWS_ACCESS_KEY_ID="A", AWS_SECRET_ACCESS_KEY="x")
            assert (refused.code, "could not be found" in refused.err) == (code, False), refused


def test_where_there_is_neither_an_akia_nor_a_key_the_ways_out_are_told(home: Any) -> None:
    refused = home.run("keys", "list", AWS_EC2_METADATA_DISABLED="true")
    assert (refused.code, refused.is_readable_error) == (2, True), refused
    assert "--profile" in refused.err and "--data" in refused.err


def test_an_endpoint_that_is_no_url_is_asked_wrongly(home: Any) -> None:
    refused = home.run("keys", "list", "--endpoint-url", "nonsense", AWS_ACCESS_KEY_ID="A", AWS_SECRET_ACCESS_KEY="x")
    assert (refused.code, "Invalid endpoint: nonsense" in refused.err, "Traceback" in refused.err) == (2, True, False)


def test_a_wrong_secret_is_told_in_a_line_without_what_should_have_been_signed(capsys: pytest.CaptureFixture[str]) -> None:
    message = "The request signature \x1b[2Jwe calculated does not match.\n\nThe Canonical String for this request should have been\n'POST"
    error = ClientError({"Error": {"Code": "InvalidSignatureException", "Message": message}}, "ListLimits")
    with pytest.raises(click.ClickException) as caught, endpoint.readable_errors():
        raise error
    assert caught.value.message.endswith("does not match.")
    assert "\x1b" not in caught.value.message


@pytest.mark.parametrize("bundle", [True, False])
def test_a_certificate_that_is_not_believed_is_told_with_the_variable_that_may_be_the_reason(
    monkeypatch: pytest.MonkeyPatch, bundle: bool
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/etc/ssl/all.pem")
    if not bundle:
        monkeypatch.delenv("AWS_CA_BUNDLE")
    with pytest.raises(click.ClickException) as caught, endpoint.readable_errors():
        raise SSLError(endpoint_url="https://x", error=OSError("unknown"))
    assert ("AWS_CA_BUNDLE" in caught.value.message) is bundle
