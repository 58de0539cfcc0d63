"""Every kind of channel against a small server of its kind."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.alerts.receivers import mail_server, syslog_server, webhook
from tests.outbound.server import LOOPBACK, Authority, authority
from tests.sinks.test_syslog_sink import answer, just_close, reset
from tests.sinks.test_syslog_sink import server as ended_by

if TYPE_CHECKING:
    from pathlib import Path

    from akia.alerts_out.message import Message

from akia.alerts_out import ChannelSettings, NotSent, channel, message_of
from akia.identity.alert import Alert

pytestmark = pytest.mark.covers("I5.alerts.channels", "D6")

ALERT = Alert(
    "01a20d1a-5b36-7541-9da1-76607c53890b",
    "111122223333",
    "new-network",
    "AKIAIOSFODNN7EXAMPLE",
    "198.51.100.0/24",
    "HIGH",
    "The key has <!channel> come [here](http://x) from the network 198.51.100.0/24.",
    1_700_000_000_000,
    1_700_000_000_000,
    '["e-1","e-2"]',
)
MESSAGE = message_of(ALERT)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("tls"), "127.0.0.1", "localhost")


def send(settings: ChannelSettings, message: Message = MESSAGE, networks: tuple[str, ...] = LOOPBACK) -> None:
    channel(settings, networks).send(message)


def hook(kind: str, url: str, made: Authority) -> ChannelSettings:
    return ChannelSettings("ops", kind, url=url, thumbprints=(made.thumbprint,))


def test_a_webhook_gets_json(made: Authority) -> None:
    with webhook(made) as taken:
        send(hook("webhook", taken.url, made))
    [(path, headers, body)] = taken.requests
    assert (path, headers["content-type"]) == ("/hooks/s3cret-path", "application/json")
    assert body == {
        "id": ALERT.id,
        "rule": "new-network",
        "severity": "HIGH",
        "account": "111122223333",
        "subject": "AKIAIOSFODNN7EXAMPLE",
        "detail": "198.51.100.0/24",
        "summary": ALERT.summary,
        "time": "2023-11-14T22:13:20Z",
        "eventIds": ["e-1", "e-2"],
        "response": "",
    }


def test_slack_gets_blocks_and_nobody_is_called_by_what_a_caller_wrote(made: Authority) -> None:
    with webhook(made) as taken:
        send(hook("slack", taken.url, made))
    [(_, _, body)] = taken.requests
    assert body["text"].startswith("[akia] HIGH: new-network: The key has &lt;!channel&gt; come")
    assert [block["type"] for block in body["blocks"]] == ["header", "section", "section"]
    assert {"type": "mrkdwn", "text": "*Subject*\nAKIAIOSFODNN7EXAMPLE", "verbatim": True} in body["blocks"][2]["fields"]
    assert len(body["blocks"][2]["fields"]) <= 10
    assert "<" not in str(body)
    texts = [body["blocks"][1]["text"], *body["blocks"][2]["fields"]]
    assert all(text["verbatim"] is True for text in texts), "else Slack makes links of names and addresses by itself"


def test_teams_gets_an_adaptive_card(made: Authority) -> None:
    with webhook(made) as taken:
        send(hook("teams", taken.url, made))
    [(_, _, body)] = taken.requests
    [attachment] = body["attachments"]
    card = attachment["content"]
    assert (body["type"], attachment["contentType"], card["type"]) == (
        "message",
        "application/vnd.microsoft.card.adaptive",
        "AdaptiveCard",
    )
    title, text, facts = card["body"]
    assert title["text"] == "[akia] HIGH: new-network" and title["color"] == "Attention"
    assert "\\[here\\](http" in text["text"]
    assert {"title": "Severity", "value": "HIGH"} in facts["facts"]


@pytest.mark.parametrize("status", [302, 400, 404, 500])
def test_a_webhook_that_does_not_take_it_is_told_without_its_secret(made: Authority, status: int) -> None:
    with webhook(made, [status]) as taken, pytest.raises(NotSent, match=str(status)) as caught:
        send(hook("webhook", taken.url, made))
    assert "s3cret" not in str(caught.value) and "s3cret" not in repr(hook("webhook", taken.url, made))


@pytest.mark.covers("NT-23")
def test_nt_23_channels_reach_public_addresses_and_allowed_networks_only(made: Authority) -> None:
    goals = [
        hook("webhook", "https://127.0.0.1:9/x", made),
        ChannelSettings("m", "smtp", host="127.0.0.1", port=9, sender="a@x", recipients=("b@x",)),
        ChannelSettings("s", "syslog", host="169.254.169.254", port=9),
    ]
    for goal in goals:
        with pytest.raises(NotSent, match="not public"):
            send(goal, networks=())


def test_a_certificate_that_is_not_trusted_gets_nothing(made: Authority) -> None:
    with webhook(made) as taken:
        with pytest.raises(NotSent):
            send(replace(hook("webhook", taken.url, made), thumbprints=()))
        assert taken.requests == []
    with syslog_server(made, "implicit") as taken:
        with pytest.raises(NotSent, match="certificate"):
            send(ChannelSettings("s", "syslog", host="127.0.0.1", port=taken.port))
        assert taken.lines == []
    with mail_server(made, "starttls") as taken:
        with pytest.raises(NotSent, match="SSLCert"):
            send(mail(taken.port, "starttls", made, ca_file=""))
        assert (taken.mails, taken.logins) == ([], [])


def mail(port: int, tls: str, made: Authority, **more: Any) -> ChannelSettings:
    settings = ChannelSettings(
        "mail",
        "smtp",
        host="127.0.0.1",
        port=port,
        tls=tls,
        ca_file=str(made.chain.with_name("ca.pem")),
        sender="akia@example.com",
        recipients=("security@example.com", "ops@example.com"),
    )
    return replace(settings, **more)


@pytest.mark.parametrize("tls", ["starttls", "implicit", "none"])
def test_mail_is_taken(made: Authority, tls: str) -> None:
    credentials = {"username": "akia", "password": "s3cret"} if tls != "none" else {}
    with mail_server(made, tls) as taken:
        send(mail(taken.port, tls, made, **credentials))
    [(sender, recipients, told)] = taken.mails
    assert (sender, recipients) == ("akia@example.com", ["security@example.com", "ops@example.com"])
    assert told["Subject"] == "[akia] HIGH: new-network" and told["To"] == "security@example.com, ops@example.com"
    assert told["Message-ID"] == f"<{ALERT.id}@akia.invalid>" and told["Date"] is not None
    text = told.get_content()
    assert text.startswith(ALERT.summary) and "Events: e-1, e-2" in text
    assert taken.encrypted == [tls != "none"]
    assert taken.logins == (["akia s3cret"] if credentials else [])


def test_mail_never_goes_in_the_clear_where_starttls_is_wanted(made: Authority) -> None:
    with mail_server(made, "none") as taken:
        with pytest.raises(NotSent):
            send(mail(taken.port, "starttls", made, username="akia", password="s3cret"))
        assert (taken.mails, taken.logins) == ([], [])


def test_mail_without_tls_is_for_this_machine_alone(made: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("akia.alerts_out.mail.is_loopback", lambda connection: False)
    with mail_server(made, "none") as taken:
        with pytest.raises(NotSent, match="another machine"):
            send(mail(taken.port, "none", made))
        assert taken.mails == []


def test_mail_that_is_refused_is_told_without_what_the_server_said(made: Authority) -> None:
    with mail_server(made, "starttls", accepts=False) as taken, pytest.raises(NotSent) as caught:
        send(mail(taken.port, "starttls", made))
    assert "554" in str(caught.value) and "s3cret" not in str(caught.value)


def test_a_recipient_who_is_refused_for_good_has_the_others_not_called_again_and_again(
    made: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    with mail_server(made, "starttls", refuses={"ops@example.com": "550 no s3cret here"}) as taken:
        send(mail(taken.port, "starttls", made))
    [(_, recipients, _)] = taken.mails
    assert recipients == ["security@example.com"]
    assert "refuses 1 of the 2 recipients" in caplog.text and "s3cret" not in caplog.text


@pytest.mark.parametrize("refuses", [{"ops@example.com": "450 later"}, {"ops@example.com": "550 no", "security@example.com": "550 no"}])
def test_recipients_who_may_be_taken_later_and_a_mail_to_nobody_are_tried_again(made: Authority, refuses: dict[str, str]) -> None:
    with mail_server(made, "starttls", refuses=refuses) as taken, pytest.raises(NotSent):
        send(mail(taken.port, "starttls", made))


def test_what_a_caller_wrote_makes_no_line_of_a_mail(made: Authority) -> None:
    with mail_server(made, "starttls") as taken:
        send(mail(taken.port, "starttls", made), {**MESSAGE, "subject": "x\nResponse: contained", "detail": "y\rz"})
    [(_, _, told)] = taken.mails
    assert "\nResponse" not in told.get_content() and "Subject: x Response: contained\r\n" in told.get_content()


def test_nt_71_what_a_caller_wrote_makes_no_header(made: Authority) -> None:
    with mail_server(made, "starttls") as taken:
        send(mail(taken.port, "starttls", made), {**MESSAGE, "summary": "one\r\n.\r\nBcc: x@example.com"})
    [(_, recipients, told)] = taken.mails
    assert told["Bcc"] is None and len(recipients) == 2
    assert "Bcc: x@example.com" in told.get_content()


@pytest.mark.parametrize("tls", ["implicit", "none"])
def test_syslog_gets_rfc_5424(made: Authority, tls: str) -> None:
    with syslog_server(made, tls) as taken:
        settings = ChannelSettings("s", "syslog", host="127.0.0.1", port=taken.port, tls=tls, ca_file=str(made.chain.with_name("ca.pem")))
        send(settings, {**MESSAGE, "subject": 'a"b]c\\d'})
        assert taken.arrived.wait(10)
    [line] = taken.lines
    assert taken.encrypted == [tls == "implicit"]
    assert re.fullmatch(
        rb'<83>1 2023-11-14T22:13:20\.000Z \S+ akia - alert \[akia@32473 id="01a20d1a-[^"]+" rule="new-network" severity="HIGH" '
        rb'account="111122223333" subject="a\\"b\\]c\\\\d" detail="198\.51\.100\.0/24"\] \xef\xbb\xbfThe key has .*',
        line,
    )


def over_syslog(port: int, made: Authority) -> ChannelSettings:
    return ChannelSettings("s", "syslog", host="127.0.0.1", port=port, ca_file=str(made.chain.with_name("ca.pem")))


@pytest.mark.parametrize("end", [answer, just_close])
def test_a_syslog_server_that_ends_the_connection_has_read_the_message(made: Authority, end: Any) -> None:
    with ended_by(made.chain.parent, end) as (port, got):
        send(over_syslog(port, made))
    assert b"new-network" in got[0]


def test_a_connection_that_is_reset_tells_of_a_message_that_nobody_has_read(made: Authority) -> None:
    with ended_by(made.chain.parent, reset) as (port, _), pytest.raises(NotSent, match="does not confirm"):
        send(over_syslog(port, made))


def test_nobody_listens(made: Authority) -> None:
    with webhook(made) as gone:
        pass
    for goal in (
        hook("slack", gone.url, made),
        mail(gone.port, "implicit", made),
        ChannelSettings("s", "syslog", host="127.0.0.1", port=gone.port),
    ):
        with pytest.raises(NotSent, match=f"no connection to 127.0.0.1:{gone.port}"):
            send(goal)


def test_a_file_of_authorities_that_is_none_is_told(made: Authority, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("none")
    with mail_server(made, "starttls") as taken, pytest.raises(NotSent, match=re.escape(os.fspath(tmp_path))):
        send(mail(taken.port, "starttls", made, ca_file=str(tmp_path / "ca.pem")))
