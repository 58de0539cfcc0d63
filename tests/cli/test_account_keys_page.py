"""The report's page, its CSV and its tables: their structure, and what an account full of hostile names cannot make of them."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import shlex
from datetime import UTC, datetime, timedelta
from html import escape
from html.parser import HTMLParser
from typing import Any

import pytest

from akia.cli.account_keys import records, tables
from akia.cli.account_keys.cells import cell
from akia.cli.account_keys.connection import Where
from akia.cli.account_keys.findings import RULES, Limits, find
from akia.cli.account_keys.held_policies import Policies
from akia.cli.account_keys.inventory import ROOT, HeldPolicy, Inventory, Key, Use, User
from akia.cli.account_keys.page import html_page
from akia.cli.account_keys.remedies import Remedies
from akia.cli.printing import printable, to_json

pytestmark = pytest.mark.covers("I6.anywhere", "D1", "D2")

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
REMEDIES = Remedies(Where(endpoint_url="https://keys.example"), is_akia=True)


def key(user: str, days: int = 0, *, idle: int | None = 0, active: bool = True, **more: Any) -> Key:
    use = Use(NOW - timedelta(days=idle), "s3", "eu-west-1", "192.0.2.7", "Boto3/1") if idle is not None else None
    return Key(user, f"AKIA{user.upper():X<16.16}", active, NOW - timedelta(days=days), use, **more)


def inventory(*keys: Key, users: tuple[User, ...] = (), notes: tuple[str, ...] = ()) -> Inventory:
    return Inventory("123456789012", "account 123456789012 at https://keys.example (akia)", NOW, True, users, keys, notes)


class Structure(HTMLParser):
    """The elements of a page as an outline, and whether each one is closed."""

    VOID = frozenset({"meta", "rect"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.outline: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.outline.append("/".join([*self.open, tag]))
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.outline.append("/".join([*self.open, tag]))
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "p", "ul", "li", "b", "section", "figure", "figcaption", "svg",
    "rect", "text", "div", "table", "thead", "tbody", "tr", "th", "td", "span", "code",
}  # fmt: skip
HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</style><script>", "' onmouseover='x", "javascript:alert(1)",
    "]]><svg onload=x>", "\x1b]0;owned\x07\x1b[2J", "a\u202egnp.exe", "[bold red]markup[/]", "=cmd|'/C calc'!A0",
    "a'; rm -rf ~ #", "$(id)`id`",
    "x\nInjected: y", "<!--", "&lt;b&gt;",
]  # fmt: skip


def test_golden_the_page_has_this_structure() -> None:
    world = inventory(key("old", 100), key("bob", 3, idle=None), users=(User("old", has_mfa=False),), notes=("a note",))
    page = Structure(html_page(world, find(world, REMEDIES), "export AWS_PROFILE=akia"))
    assert page.open == []
    assert [element for element in page.outline if element.count("/") <= 2] == [
        "html", "html/head", "html/head/meta", "html/head/meta", "html/head/meta", "html/head/meta", "html/head/meta", "html/head/title",
        "html/head/style", "html/body", "html/body/header", "html/body/ul", "html/body/section", "html/body/section", "html/body/section",
        "html/body/section",
    ]  # fmt: skip
    assert page.outline.count("html/body/section/figure/svg") == 3
    rows = "html/body/section/div/table/tbody/tr"
    assert page.outline.count(rows) == 2 + len(find(world, REMEDIES))
    assert ("html", "lang", "en") in page.attributes


def test_the_page_may_load_and_run_nothing() -> None:
    page = html_page(inventory(key("bob")), [])
    [style] = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'" in page
    names = {name for _, name, _ in Structure(page).attributes}
    assert not names & {"src", "href", "style", "action", "onload", "onclick", "xlink:href"}
    assert "url(" not in style
    assert "@import" not in style
    assert "prefers-color-scheme: dark" in style


def test_the_words_of_a_command_stay_whole_and_are_copied_as_they_are() -> None:
    world = inventory(key("old", 100))
    found = find(world, REMEDIES)
    page = html_page(world, found)
    for finding in found:
        words = "".join(f" <span>{escape(word)}</span>" for word in finding.command.split(" "))[1:]
        assert f'<code class="command">{words}</code>' in page
    [style] = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    assert ".command span { display: inline-block; max-width: 100%; }" in style
    assert '<td data-name="Command">' in page  # a narrow screen has no columns


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_nt_nothing_that_somebody_has_written_becomes_markup(text: str) -> None:
    bad = Key(text, text, True, NOW - timedelta(days=400), Use(NOW, text, text, text, text), text, text, None, {text: text})
    user = User(text, has_password=True, has_mfa=False, grants=(HeldPolicy(text, text),), bound_to_sources=False)
    world = Inventory(text, text, NOW, True, (user,), (bad,), (text,))
    found = find(world, REMEDIES)
    assert {"key-age", "no-mfa", "admin-policy", "no-ip-restriction"} <= {finding.rule for finding in found}
    page = html_page(world, found, text)
    structure = Structure(page)
    assert structure.open == []
    assert {element.rpartition("/")[2] for element in structure.outline} <= ALLOWED
    assert not any(name.startswith("on") for _, name, _ in structure.attributes)
    assert not any(character in page for character in "\x1b\x07\u202e")
    assert printable(text) in structure.texts or printable(text) in "".join(structure.texts)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_nt_nothing_that_somebody_has_written_acts_on_a_terminal(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    world = inventory(Key(text, "AKIAX", True, NOW - timedelta(days=400), None, text, text), users=(User(text, has_mfa=False),))
    tables.print_keys(world)
    tables.print_findings(find(world, REMEDIES))
    shown = capsys.readouterr().out
    assert not any(character in shown for character in "\x1b\x07\u202e\r")
    assert "[bold red]" in shown or "[bold red]" not in text


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_nt_names_in_commands_are_one_word_each(text: str) -> None:
    bad = Key(text, text, True, NOW - timedelta(days=400))
    quoted = [REMEDIES.delete(bad), REMEDIES.deactivate(bad), REMEDIES.activate(bad), REMEDIES.take_away(text, HeldPolicy(text))]
    for command in quoted:
        assert text in shlex.split(command)
    assert text in shlex.split(REMEDIES.rotate(bad))
    assert any(text in word for word in shlex.split(REMEDIES.describe(bad)))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\u00a0=1"])
def test_nt_no_cell_is_a_formula(text: str) -> None:
    assert cell(text).startswith("'")
    assert "\t" not in cell(text)
    world = inventory(Key("bob", "AKIAX", True, NOW, None, text, text))
    [row] = csv.DictReader(io.StringIO(records.keys_as_csv(world, find(world, REMEDIES))))
    assert row["description"].startswith("'")
    assert row["owner"].startswith("'")


def test_csv_is_utf_8_without_a_mark_and_json_is_ascii() -> None:
    world = inventory(Key("bob", "AKIAX", True, NOW, None, "für Zoë"))
    assert "für Zoë" in records.keys_as_csv(world)
    assert not records.keys_as_csv(world).startswith("\ufeff")
    assert to_json(records.of_report(world, [])).isascii()
    assert json.loads(to_json(records.of_report(world, [])))["keys"][0]["description"] == "für Zoë"


@pytest.mark.parametrize(
    ("made", "rule", "severity"),
    [
        (key("u", 74), "key-age", None), (key("u", 75), "key-age", "medium"), (key("u", 89), "key-age", "medium"),
        (key("u", 90), "key-age", "high"), (key("u", 900, active=False), "key-age", None),
        (key("u", 60, idle=44), "key-unused", None), (key("u", 60, idle=45), "key-unused", "medium"),
        (key("u", 95, idle=90), "key-unused", "high"), (key("u", 95, idle=90, active=False), "key-unused", None),
        (key("u", 6, idle=None), "key-never-used", None), (key("u", 7, idle=None), "key-never-used", "low"),
        (key("u", 45, idle=None), "key-never-used", "medium"), (key("u", 90, idle=None), "key-never-used", "high"),
        (key("u", active=False), "inactive-key", "low"), (key("u", active=False, expires=NOW), "inactive-key", None),
        (key("u", active=False, expires=NOW), "key-expired", "low"),
        (key("u", expires=NOW + timedelta(days=13)), "key-ends-soon", "medium"),
        (key("u", expires=NOW + timedelta(days=15)), "key-ends-soon", None), (key(ROOT), "root-key", "critical"),
        (key("u"), "no-description", "low"), (key("u", description="x"), "no-description", None),
    ],
)  # fmt: skip
def test_each_limit_counts_from_its_day_on(made: Key, rule: str, severity: str | None) -> None:
    assert {each.rule: each.severity for each in find(inventory(made), REMEDIES)}.get(rule) == severity


def test_limits_are_the_operators() -> None:
    found = find(inventory(key("u", 31, idle=11)), REMEDIES, Limits(max_age=30, warn_age=20, unused=10, unused_warn=5))
    assert {each.rule: each.severity for each in found if each.severity != "low"} == {"key-age": "high", "key-unused": "high"}
    assert {each.rule for each in found} <= set(RULES)


HERE = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
ELSEWHERE = {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}


@pytest.mark.parametrize(
    ("statements", "administrator", "bound"),
    [
        ([{"Effect": "Allow", "Action": "*", "Resource": "*"}], True, False),
        ([{"Effect": "Allow", "Action": ["IAM:*"], "Resource": ["*"]}], True, False),
        ([{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": HERE}], False, True),
        ([{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b"}], False, False),
        ([{"Effect": "Deny", "Action": "*", "Resource": "*"}], False, False),
        ([{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": ELSEWHERE}], False, True),
        ([{"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": ELSEWHERE}], False, False),
        ([{"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": HERE},
          {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}], False, False),
        ([], False, False),
        ("not a list", False, False),
        ([{"Effect": "Allow", "Condition": "not a map"}], False, False),
    ],
    ids=range(11),
)  # fmt: skip
def test_policies_are_read_for_what_they_allow(statements: Any, administrator: bool, bound: bool) -> None:
    user = {"UserName": "u", "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": {"Statement": statements}}]}
    policies = Policies([user], [], [])
    assert (bool(policies.grants("u")), policies.binds_to_sources("u")) == (administrator, bound)


def test_a_boundary_that_asks_for_addresses_binds_the_user() -> None:
    fence = {"Arn": "arn:aws:iam::123456789012:policy/fence", "PolicyVersionList": [
        {"IsDefaultVersion": False, "Document": {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}},
        {"IsDefaultVersion": True, "Document": {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": HERE}}},
    ]}  # fmt: skip
    user = {"UserName": "u", "PermissionsBoundary": {"PermissionsBoundaryArn": fence["Arn"]}, "AttachedManagedPolicies": [
        {"PolicyName": "x", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    ]}  # fmt: skip
    policies = Policies([user], [], [fence])
    assert policies.binds_to_sources("u")
    assert policies.grants("u") == (HeldPolicy("arn:aws:iam::aws:policy/AdministratorAccess"),)
