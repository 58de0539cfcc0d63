"""The file of sinks is read strictly, and its errors help: they name the sink, the setting and what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from akia.sinks import SinksError, read_sinks
from akia.sinks.configuration import KINDS

if TYPE_CHECKING:
    from pathlib import Path

EVERY_KIND = """
[[sink]]
name = "dd"
kind = "datadog"
site = "datadoghq.eu"
key_variable = "DD_KEY"
tags = ["env:prod"]
begin = "now"

[[sink]]
name = "nr"
kind = "newrelic"
region = "eu"
key_variable = "NR_KEY"
attributes = { environment = "prod" }

[[sink]]
name = "sumo"
kind = "sumologic"
url_file = "URL_FILE"

[[sink]]
name = "collector"
kind = "otlp"
url = "https://collector.example.com:4318/v1/logs"
secret_headers = { Authorization = "COLLECTOR" }

[[sink]]
name = "siem"
kind = "syslog"
host = "syslog.example.com"

[[sink]]
name = "own"
kind = "webhook"
url = "https://hooks.example.com/akia"
secret_variable = "HOOK"

[[sink]]
name = "copy"
kind = "file"
path = "FOLDER/events.jsonl"
"""
VARIABLES = {
    "DD_KEY": "0123456789abcdef",
    "NR_KEY": "eu01xxNRAL",
    "COLLECTOR": "Bearer of-a-token",
    "HOOK": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz",
}


def written(tmp_path: Path, text: str) -> Path:
    (tmp_path / "sumo.url").write_text("https://endpoint1.collection.example.com/receiver/v1/http/c2VjcmV0\n")
    path = tmp_path / "sinks.toml"
    path.write_text(text.replace("URL_FILE", str(tmp_path / "sumo.url")).replace("FOLDER", str(tmp_path)))
    return path


def test_every_kind_can_be_configured(tmp_path: Path) -> None:
    found = read_sinks(written(tmp_path, EVERY_KIND), (), VARIABLES)
    assert [one.name for one in found] == ["dd", "nr", "sumo", "collector", "siem", "own", "copy"]
    assert [one.from_now for one in found] == [True] + 6 * [False]
    assert {type(one.sink).__module__.rpartition(".")[2] for one in found} == {
        "datadog",
        "file",
        "new_relic",
        "otlp",
        "sumo_logic",
        "syslog",
        "webhook",
    }
    assert len(KINDS) == len(found)


def test_a_file_without_sinks_has_none(tmp_path: Path) -> None:
    assert read_sinks(written(tmp_path, ""), (), {}) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[sink]\n", "is not TOML"),
        ("[sink]\nname='a'", r"nothing but tables that begin with \[\[sink\]\]"),
        ("sinks = 1", r"nothing but tables that begin with \[\[sink\]\]"),
        ("[[sink]]\nkind='file'", "sink 1, name: is missing"),
        ("[[sink]]\nname='A'\nkind='file'", "sink A, name: expected up to 40 lower-case"),
        ("[[sink]]\nname='../a'\nkind='file'", "name: expected up to 40 lower-case"),
        ("[[sink]]\nname='a'", "sink a, kind: expected one of datadog, file, newrelic, otlp, sumologic, syslog, webhook"),
        ("[[sink]]\nname='a'\nkind='kafka'", "kind: expected one of"),
        ("[[sink]]\nname='a'\nkind='file'\npath='FOLDER/x'\nbegin='later'", "begin: expected one of beginning, now"),
        ("[[sink]]\nname='a'\nkind='file'\npath='FOLDER/x'\nmode=1", "mode: no such setting; this kind of sink has begin, "),
        ("[[sink]]\nname='a'\nkind='file'\npath='relative'", "path: expected the absolute path"),
        ("[[sink]]\nname='a'\nkind='file'\npath='FOLDER/none/x'", "path: expected the absolute path"),
        ("[[sink]]\nname='a'\nkind='file'\npath='FOLDER'", "path: expected the absolute path"),
        ("[[sink]]\nname='a'\nkind='file'\npath='FOLDER/x'\n" * 2, "two sinks have the name a"),
        ("[[sink]]\nname='a'\nkind='datadog'", "key: give either key_file or key_variable"),
        ("[[sink]]\nname='a'\nkind='datadog'\nkey='0123'", "key: give either key_file or key_variable"),
        ("[[sink]]\nname='a'\nkind='datadog'\nkey_file='a'\nkey_variable='b'", "key: give either"),
        ("[[sink]]\nname='a'\nkind='datadog'\nkey_variable='NONE'", "key_variable: the variable NONE is not set"),
        ("[[sink]]\nname='a'\nkind='datadog'\nkey_file='FOLDER/none'", "key_file: .*none cannot be read: No such file"),
        ("[[sink]]\nname='a'\nkind='datadog'\nkey_variable='TWO_LINES'", "key_variable: expected 1 to 8192 printable ASCII"),
        ("[[sink]]\nname='a'\nkind='datadog'\nkey_variable='EMPTY'", "key_variable: expected 1 to 8192 printable ASCII"),
        ("[[sink]]\nname='a'\nkind='datadog'\nkey_variable='DD_KEY'\nsite='a/b'", "site: that is not one"),
        ("[[sink]]\nname='a'\nkind='datadog'\nkey_variable='DD_KEY'\ntags='env'", "tags: expected a list"),
        ("[[sink]]\nname='a'\nkind='newrelic'\nkey_variable='DD_KEY'\nregion='cn'", "region: expected one of us, eu, jp, gov"),
        ("[[sink]]\nname='a'\nkind='newrelic'\nkey_variable='DD_KEY'\nregion=['us']", "region: expected one of us, eu, jp, gov"),
        ("[[sink]]\nname='a'\nkind='newrelic'\nkey_variable='DD_KEY'\nattributes={a=1}", "attributes: expected a table"),
        ("[[sink]]\nname='a'\nkind='sumologic'\nurl='https://example.com/secret'", "url: give either url_file or url_variable"),
        ("[[sink]]\nname='a'\nkind='sumologic'\nurl_variable='DD_KEY'", "url: expected an https URL"),
        ("[[sink]]\nname='a'\nkind='otlp'\nurl='http://example.com'", "url: expected an https URL"),
        ("[[sink]]\nname='a'\nkind='otlp'\nurl='https://user:pw@example.com'", "url: expected an https URL"),
        ("[[sink]]\nname='a'\nkind='otlp'\nurl='https://example.com'\nheaders={'a b'='c'}", "headers: expected a table"),
        ("[[sink]]\nname='a'\nkind='otlp'\nurl='https://example.com'\nheaders={a=\"b\\r\\nc\"}", "headers: expected a table"),
        ("[[sink]]\nname='a'\nkind='otlp'\nurl='https://example.com'\nheaders={a='b '}", "headers: expected a table"),
        ("[[sink]]\nname='a'\nkind='sumologic'\nurl_file='URL_FILE'\nfields={a='b,c'}", "fields: no value may hold a comma"),
        ("[[sink]]\nname='a'\nkind='otlp'\nurl='https://example.com'\nca_file='FOLDER/none'", "ca_file: No such file"),
        ("[[sink]]\nname='a'\nkind='otlp'\nurl='https://example.com'\nca_file='FOLDER/sumo.url'", "ca_file: .*expected PEM files"),
        ("[[sink]]\nname='a'\nkind='otlp'\nurl='https://example.com'\ncertificate_file='FOLDER/a'", "belong together"),
        ("[[sink]]\nname='a'\nkind='syslog'\nhost='tls://h'", "host: expected a name or an address"),
        ("[[sink]]\nname='a'\nkind='syslog'\nhost='h'\nport=0", "port: expected a number between 1 and 65535"),
        ("[[sink]]\nname='a'\nkind='syslog'\nhost='h'\nport=true", "port: expected a number"),
        ("[[sink]]\nname='a'\nkind='syslog'\nhost='h'\nfacility=24", "facility: expected a number between 0 and 23"),
        ("[[sink]]\nname='a'\nkind='syslog'\nhost='h'\nhostname='a b'", "hostname: expected at most 255"),
        ("[[sink]]\nname='a'\nkind='webhook'\nurl='https://example.com'\nsecret_variable='DD_KEY'", "secret: expected whsec_ and 24 to 64"),
    ],
)
def test_what_cannot_be_honoured_is_told_by_its_name(tmp_path: Path, text: str, message: str) -> None:
    variables = VARIABLES | {"TWO_LINES": "a\r\nb", "EMPTY": ""}
    with pytest.raises(SinksError, match=message) as caught:
        read_sinks(written(tmp_path, text), (), variables)
    assert not any(secret in str(caught.value) for secret in VARIABLES.values())


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(SinksError, match=r"none.toml cannot be read: No such file"):
        read_sinks(tmp_path / "none.toml", (), {})
