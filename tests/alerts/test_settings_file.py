"""The file of alerts: what it says is done, and what it says wrongly is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from akia.alerts import NAMES, Severity, Thresholds
from akia.alerts_out import AlertSettings, AlertsFileError, Response, read
from akia.settings import Settings, SettingsError

pytestmark = pytest.mark.covers("I5.alerts.settings")

EVERYTHING = """
honeytokens = ["AKIAIOSFODNN7EXAMPLE"]
[rules]
learning_seconds = 0
denials = 3
off = ["new-service"]
[channels.chat]
kind = "slack"
url = "https://hooks.example.com/s3cret"
thumbprints = ["00"]
least = "high"
[channels.mail]
kind = "smtp"
host = "mail.example.com"
sender = "akia@example.com"
recipients = ["ops@example.com"]
username = "akia"
password = "s3cret"
[channels.siem]
kind = "syslog"
host = "siem.example.com"
port = 6514
[responses]
"honeytoken-used" = "deactivate-key"
"impossible-overlap" = "quarantine"
"""


@pytest.fixture
def file(tmp_path: Path) -> Any:
    """Write the file; its path."""

    def write(text: str, mode: int = 0o600) -> Path:
        path = tmp_path / "alerts.toml"
        path.write_text(text)
        path.chmod(mode)
        return path

    return write


def test_what_the_file_says(file: Any) -> None:
    settings = read(file(EVERYTHING))
    assert settings.thresholds == Thresholds(learning_seconds=0, denials=3)
    assert (settings.off, settings.honeytokens) == (("new-service",), ("AKIAIOSFODNN7EXAMPLE",))
    assert settings.responses == {"honeytoken-used": Response.DEACTIVATE_KEY, "impossible-overlap": Response.QUARANTINE}
    assert [(each.name, each.kind, each.least) for each in settings.channels] == [
        ("chat", "slack", Severity.HIGH),
        ("mail", "smtp", Severity.LOW),
        ("siem", "syslog", Severity.LOW),
    ]
    assert "s3cret" not in repr(settings)
    assert read(file("")) == AlertSettings()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[rule]", "the file has no 'rule'"),
        ("rules = 1", r"\[rules\] must be a table"),
        ("[rules]\ndenial = 3", "has no 'denial'"),
        ("[rules]\ndenials = 0", "denials must be a whole number from 1 on"),
        ("[rules]\ndenials = true", "denials must be a whole number"),
        ('[rules]\ndenials = "3"', "denials must be a whole number"),
        ('[rules]\noff = ["none"]', "there is no rule 'none'"),
        ('[rules]\noff = "new-region"', "must be a list of texts"),
        ('honeytokens = ["bait"]', "ids of access keys"),
        ('[responses]\n"none" = "quarantine"', "there is no rule 'none'"),
        ('[responses]\n"root-used" = "shout"', "must be one of deactivate-key, quarantine, contain"),
        ('[channels."a b"]\nkind = "slack"', "channels are tables"),
        ("channels.x = 1", "channels are tables"),
        ('[channels.x]\nkind = "pigeon"', "kind must be one of webhook"),
        ('[channels.x]\nkind = "slack"', "needs url"),
        ('[channels.x]\nkind = "slack"\nurl = "http://s3cret"', "must begin with https"),
        ('[channels.x]\nkind = "slack"\nurl = "https://s3cret"\nhost = "h"', "has no 'host'"),
        ('[channels.x]\nkind = "slack"\nurl = "https://s3cret"\nleast = "worst"', "least must be one of low"),
        ('[channels.x]\nkind = "syslog"\nhost = "h"\nport = 0', "port must be between"),
        ('[channels.x]\nkind = "syslog"\nhost = "h"\ntls = "starttls"', "tls must be one of implicit, none"),
        ('[channels.x]\nkind = "syslog"\nhost = "a\\nb"', "host must be a text"),
        ('[channels.x]\nkind = "smtp"\nhost = "h"\nsender = "s"\nrecipients = []', "needs recipients"),
        ('[channels.x]\nkind = "smtp"\nhost = "h"\nsender = "s"\nrecipients = ["r"]\nusername = "u"', "belong together"),
        (
            '[channels.x]\nkind = "smtp"\nhost = "h"\nsender = "s"\nrecipients = ["r"]\nusername = "u"\npassword = "s3cret"\ntls = "none"',
            "a password is not sent without TLS",
        ),
        ('[channels.x]\nkind = ["slack"]\nurl = "https://s3cret"', "kind must be one of webhook"),
        ('[channels.x]\nkind = "slack"\nurl = "https://u:s3cret@example.com/"', "url must begin with https"),
        ('[channels.x]\nkind = "slack"\nurl = "https://example.com/#s3cret"', "url must begin with https"),
        ('[channels.x]\nkind = "syslog"\nhost = "tls://h"', "host must be a name or an address"),
        ('[channels.x]\nkind = "smtp"\nhost = "[::1]"\nsender = "s"\nrecipients = ["r"]', "host must be a name or an address"),
        ('[responses]\n"root-used" = "deactivate-key"', "nothing is ever done by itself"),
        ('[responses]\n"signature-failures" = "contain"', "nothing is ever done by itself"),
        ("[rules", "is no TOML"),
    ],
)
def test_nt_95_what_means_nothing_is_refused_and_no_secret_is_told(file: Any, text: str, told: str) -> None:
    path = file(text)
    with pytest.raises(AlertsFileError, match=told) as caught:
        read(path)
    assert "s3cret" not in str(caught.value) and str(path) in str(caught.value)
    with pytest.raises(SettingsError, match="--alerts-file"):
        Settings(Path("/data"), alerts_file=path).checked()


def test_nt_68_secrets_that_others_can_read_are_refused(file: Any, tmp_path: Path) -> None:
    with pytest.raises(AlertsFileError, match="chmod 600"):
        read(file(EVERYTHING, 0o640))
    read(file("[rules]\ndenials = 3", 0o644))
    with pytest.raises(AlertsFileError, match="FileNotFoundError"):
        read(tmp_path / "none")


def test_every_rule_and_threshold_is_documented_with_its_default() -> None:
    text = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text()
    assert [name for name in NAMES if f"| `{name}` |" not in text] == []
    numbers = {name: getattr(Thresholds(), name) for name in Thresholds.__slots__}
    assert [name for name, number in numbers.items() if f"| `{name}` | {number} |" not in text] == []
