"""Python's traps, through the whole of a request: what Python's own parsers would let pass is refused, and nothing of it is a 500."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.attacks.signer import Signer, forged, form, json_call

import akia

if TYPE_CHECKING:
    from tests.attacks.refusals import Observer
    from tests.conftest import World

SOURCES = sorted(Path(str(akia.__file__)).parent.rglob("*.py"))
LAX_NUMBERS = ["1_0", "+60", " 60", "60 ", "60\n", "\u0666\u0660", "\uff16\uff10", "0x10", "1e2", "6.0", "", "--6", "NaN", "9" * 5_000]
LOOK_UP = "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents"


@pytest.mark.parametrize("number", LAX_NUMBERS)
def test_python_trap_lax_numbers_in_forms(observer: Observer, signer: Signer, number: str) -> None:
    answer = observer.send(signer.header(form("ListUsers", MaxItems=number)))
    assert answer.status == 400, answer
    answer = observer.send(signer.header(form("GetSessionToken", "sts", DurationSeconds=number), "sts"))
    assert answer.status == 400, answer


@pytest.mark.parametrize(
    "name", ["Tags.member.1_0.Key", "Tags.member.+1.Key", "Tags.member.\u0661.Key", "Tags.member.-1.Key", "Tags.member. 1.Key"]
)
def test_python_trap_lax_indexes_in_forms(observer: Observer, signer: Signer, shared: World, name: str) -> None:
    answer = observer.send(signer.header(form("TagUser", UserName="administrator", **{name: "k", name[:-3] + "Value": "v"})))
    assert answer.status == 400, answer
    assert shared.client("iam").list_user_tags(UserName="administrator")["Tags"] == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"MaxResults":5,"MaxResults":50}',
        b'{"MaxResults":NaN}',
        b'{"MaxResults":Infinity}',
        b'{"MaxResults":1e400}',
        b'{"MaxResults":' + b"9" * 5_000 + b"}",
        b'{"MaxResults":1.5}',
        b'{"MaxResults":"5"}',
        b'{"MaxResults":true}',
        b'{"MaxResults":5}x',
        b"\xef\xbb\xbf{}",
        b"{'MaxResults':5}",
        b'{"MaxResults":5,}',
        b'{"MaxResults":05}',
        b'{"StartTime":"2025111T101010Z"}',
        b'{"StartTime":1e300}',
        b'{"StartTime":-1e300}',
        b'{"StartTime":true}',
        b'{"EventCategory":"insight\\ud800"}',
        "{}".encode("utf-16"),
    ],
)
def test_python_trap_liberties_of_json(observer: Observer, signer: Signer, body: bytes) -> None:
    answer = observer.send(signer.header(json_call(LOOK_UP, body), "cloudtrail"))
    if b'"MaxResults":5,"MaxResults":50' in body:
        assert answer.status in (200, 400), "a repeated name may be taken or refused, but by one and the same reading"
    else:
        assert answer.status == 400, answer


@pytest.mark.parametrize("signature", ["é" * 32, "\udcff" * 64, "0" * 63 + "\n", "A" * 64, " " + "0" * 63, "0x" + "0" * 62])
def test_python_trap_comparing_text_beyond_ascii(observer: Observer, signer: Signer, signature: str) -> None:
    raw = signature.encode("utf-8", "surrogateescape")
    observer.refused(forged(signer.header(form("ListUsers")), raw), "SignatureDoesNotMatch", 403)


@pytest.mark.parametrize("name", ["alice\n", "alice\r", "al\nice", "\uff41lice", "al\u0131ce", "alice\u00ad", "\nalice"])
def test_python_trap_patterns_that_end_before_a_line_break_or_know_unicode(observer: Observer, signer: Signer, name: str) -> None:
    observer.refused(signer.header(form("CreateUser", UserName=name)), "ValidationError", 400)


def test_python_trap_markers_have_one_spelling(observer: Observer, signer: Signer, shared: World) -> None:
    for number in range(3):
        shared.client("iam").create_user(UserName=f"marked{number}")
    marker = shared.client("iam").list_users(MaxItems=1)["Marker"]
    observer.accepted(signer.header(form("ListUsers", Marker=marker)))
    for spelling in (marker + "=", marker[:3] + "!" + marker[3:], marker + "====", "!" + marker):
        observer.refused(signer.header(form("ListUsers", Marker=spelling)), "ValidationError", 400)


def calls(tree: ast.AST, name: str) -> list[ast.Call]:
    """Calls of the function or method `name`."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in found if (call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")) == name]


def imported(tree: ast.AST) -> set[str]:
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return modules | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("path", SOURCES, ids=[str(path.relative_to(SOURCES[0].parent)) for path in SOURCES])
def test_python_trap_no_source_uses_what_is_lax(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert not imported(tree) & {"fnmatch", "glob", "pickle", "marshal", "shelve", "xml.etree.ElementTree", "random"}
    for lax in (
        ("strptime", "eval", "exec", "match") if "regex" in imported(tree) or "re" in imported(tree) else ("strptime", "eval", "exec")
    ):
        assert not [call for call in calls(tree, lax) if not _is_own_match(call, path)], lax
    for call in calls(tree, "b64decode"):
        assert any(keyword.arg == "validate" for keyword in call.keywords), ast.unparse(call)


def _is_own_match(call: ast.Call, path: Path) -> bool:
    """`match` is also the name of methods of our own; of the standard library's there is none."""
    return isinstance(call.func, ast.Attribute) and call.func.attr == "match" and ast.unparse(call.func.value) not in {"re", "regex"}


def test_python_trap_an_integer_of_5000_digits_in_a_policy_is_a_number(observer: Observer, shared: World) -> None:
    condition = '"Condition":{"NumericLessThan":{"aws:EpochTime":' + "9" * 5_000 + "}}"
    text = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*",' + condition + "}]}"
    counted = shared.person("counted")
    arn = shared.client("iam").create_policy(PolicyName="digits", PolicyDocument=text)["Policy"]["Arn"]
    shared.client("iam").attach_user_policy(UserName="counted", PolicyArn=arn)
    observer.accepted(Signer.of(counted.key).header(form("ListUsers")))
