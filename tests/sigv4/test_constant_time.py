"""Secrets are compared in constant time, and never with `==` (NT-14)."""

from __future__ import annotations

import ast
import hmac as standard_hmac
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import akia
from akia.aws.errors import SignatureDoesNotMatch
from akia.sigv4 import SigningSecret, read, signing_key, verification
from akia.sigv4.signing_key import SigningKey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.sigv4.conftest import Client

pytestmark = pytest.mark.covers("I2.sigv4.constant_time")

SOURCES = sorted(Path(akia.__file__).parent.rglob("*.py"))
_SECRET = re.compile(r"(?<![a-z])(secret|signature|token|mac|digest)(?![a-z])")
"""A word of an identifier, in lower case: constants such as the name of a parameter are no secrets."""


def _identifier(node: ast.expr) -> str:
    """The last name of `a.b`, `a.b()`, `a[b]`."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Call(func=inner) | ast.Subscript(value=inner) | ast.Await(value=inner):
            return _identifier(inner)
    return ""


def _comparisons(tree: ast.AST) -> Iterator[ast.Compare]:
    """Comparisons by `==` and `!=` of something named like a secret; with a literal, which is no secret, it may be compared."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare) or not any(isinstance(operator, ast.Eq | ast.NotEq) for operator in node.ops):
            continue
        sides = [node.left, *node.comparators]
        if not any(isinstance(side, ast.Constant) for side in sides) and any(_SECRET.search(_identifier(side)) for side in sides):
            yield node


NO_SECRETS = {
    ("wire/library.py", "stated['digest'] == _digest(content)"): "the checksum of a cache file of ours, known to whoever reads it",
    (
        "store/shared_buckets.py",
        "self._map[place:place + 16] == digest",
    ): "the keyed digest of a limit's name; no caller is told which it is",
    ("store/shared_buckets.py", "stored == digest"): "the same",
    ("organizations/pages.py", "_token(of, after) != token"): "a page's token against its own re-encoding",
    ("trail/analysis_jobs.py", "trail.analysis_jobs.c.token == p('given')"): "a client's own idempotency token, looked up by the database",
    **dict.fromkeys(
        [
            ("iam/delegation_requests.py", "t.c.token_hash == p('token_hash')"),
            ("iam/delegation_requests.py", "t.c.token_hash == p('held')"),
        ],
        "a hash of a random token, looked up by the database: nobody can steer a hash towards another",
    ),
    ("authority/session_tokens.py", "b64encode(sealed) != token"): "a token against its own re-encoding: whoever sent it knows both",
}
"""Comparisons that the check finds though neither side is a secret to the sender."""


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: "/".join(path.parts[-2:]))
def test_nt_14_no_secret_is_compared_by_equality(source: Path) -> None:
    file = "/".join(source.parts[-2:])
    found = [(file, ast.unparse(node)) for node in _comparisons(ast.parse(source.read_text(encoding="utf-8")))]
    assert [place for place in found if place not in NO_SECRETS] == []


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("signature == expected", 1),
        ("a != self.session_token", 1),
        ("given.secret() == x", 1),
        ("x == digest[1]", 1),
        ("hmac_digest == x", 1),
        ("kind == SIGNATURE", 0),
        ("token == 'x'", 0),
        ("machine == tokens", 0),
        ("compare_digest(a, b)", 0),
    ],
)
def test_nt_14_the_check_itself_finds_them(code: str, count: int) -> None:
    assert len(list(_comparisons(ast.parse(code)))) == count


@pytest.mark.parametrize("length", [0, 1, 63, 65, 128, 8192])
def test_nt_14_another_length_is_a_mismatch(client: Client, length: int) -> None:
    genuine = client.accept(client.sign()).signature
    request = client.sign(signature=(genuine * 200)[:length])
    assert isinstance(client.refusal(request), SignatureDoesNotMatch)


def test_nt_14_signatures_go_through_compare_digest(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def spy(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return standard_hmac.compare_digest(one, other)

    monkeypatch.setattr(verification, "compare_digest", spy)
    client.accept(client.sign())
    client.refusal(client.sign(signature=b"\xff"))
    assert [other for _, other in compared] == [compared[0][0], b"\xff"]


def test_nt_14_an_unknown_key_costs_the_same_hmacs(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def counted(key: bytes, message: bytes, name: str) -> bytes:
        calls.append("derive")
        return standard_hmac.digest(key, message, name)

    class Counted(SigningKey):
        def sign(self, message: bytes) -> bytes:
            calls.append("sign")
            return super().sign(message)

    monkeypatch.setattr(signing_key, "digest", counted)
    monkeypatch.setattr(signing_key, "SigningKey", Counted)
    monkeypatch.setattr(verification, "_NOBODY", SigningSecret(bytes(40)))
    presented = read(client.sign(signature=b"0" * 64), client.expectation(), client.now)
    known = SigningSecret(client.secret)
    for work in (["derive"] * 4 + ["sign"], ["sign"]):  # cold, then warm
        with pytest.raises(SignatureDoesNotMatch):
            verification.verify(presented, known)
        assert calls == work
        calls.clear()
        with pytest.raises(Exception, match="security token"):
            verification.refuse_unknown_key(presented)
        assert calls == work
        calls.clear()


@given(key=st.binary(min_size=1, max_size=64), message=st.binary(max_size=200))
def test_the_short_cut_for_hmac_changes_nothing(key: bytes, message: bytes) -> None:
    prepared = SigningKey(key)
    for _ in range(2):  # signing leaves the key as it was
        assert prepared.sign(message) == standard_hmac.digest(key, message, "sha256").hex().encode()


def test_derived_keys_are_bounded_and_belong_to_one_secret(client: Client) -> None:
    secret, other = SigningSecret(client.secret), SigningSecret(b"another")
    for day in range(100):
        scope = b"201508%02d/us-east-1/iam/aws4_request" % day
        presented = client.accept(client.sign()).claim.scope._replace(text=scope)
        assert secret.signing_key(presented) is secret.signing_key(presented)
        assert secret.signing_key(presented).sign(b"") != other.signing_key(presented).sign(b"")
    assert len(secret._signing_keys) <= 16
