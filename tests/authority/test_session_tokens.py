"""Session tokens by themselves: what goes in comes out, and only with the right key id (W10.14, W10.15, NT-32 to NT-34)."""

from __future__ import annotations

import hashlib
import re
import zlib
from base64 import b64decode, b64encode
from dataclasses import replace
from typing import Any

import pytest

from akia.authority.session_tokens import LONGEST_TOKEN, Claims, NotGenuine, SessionTokens
from akia.aws.errors import PackedPolicyTooLarge
from akia.aws.ids import account_of
from akia.identity.session import Federation, LentRoot, Origin, RoleChain, SessionFacts
from akia.keyring import DataKey, Keyring, Purpose

pytestmark = pytest.mark.covers("I2.sigv4.session_token")

ACCOUNT, ROLE = "123456789012", "AROARZPUZDIKAAAAAAAAA"
PLAIN = SessionFacts("session-1", 1_700_000_000, 1_700_003_600)
FULL = SessionFacts(
    id="session-2",
    issued=1_700_000_000,
    expires=1_700_000_900,
    mfa_at=1_699_999_999,
    tags={"Team": "ä/日本", "cost": ""},
    transitive=frozenset({"Team"}),
    source_identity="diego",
    policies=(("arn:aws:iam::aws:policy/ReadOnlyAccess", ""), ("", '{"Statement":[]}')),
    origin=RoleChain(),
    delegate="444455556666",
)


@pytest.fixture
def tokens() -> SessionTokens:
    return SessionTokens(Keyring([DataKey.generate(Purpose.SESSION_TOKENS, 1)]))


PROVIDER = "arn:aws:iam::123456789012:saml-provider/x"
FEDERATED = replace(PLAIN, origin=Federation(PROVIDER, {"saml:aud": "y", "saml:edupersonorgdn": ("a", "b")}))
LENT_ROOT = replace(PLAIN, origin=LentRoot())


@pytest.mark.parametrize("session", [PLAIN, FULL, FEDERATED, LENT_ROOT], ids=["plain", "full", "federated", "lent root"])
@pytest.mark.parametrize("least", [0, LONGEST_TOKEN])
def test_what_is_put_in_comes_out(tokens: SessionTokens, session: SessionFacts, least: int) -> None:
    made = tokens.issue(ACCOUNT, ROLE, session, "night", least=least)
    assert tokens.open(made.access_key_id, made.token.encode()) == Claims(ACCOUNT, ROLE, "night", made.access_key_id, made.secret, session)
    assert made.expires == session.expires


ORIGINS: list[tuple[bytes, Origin | None]] = [
    (b'"f":["p",{"a":["b","c"]}]', Federation("p", {"a": ("b", "c")})),
    (b'"c":true,"d":"4"', RoleChain()),
    (b'"r":true', LentRoot()),
    (b'"m":1', None),
]


@pytest.mark.parametrize(("written", "origin"), ORIGINS, ids=["federated", "chained", "lent root", "own"])
def test_what_earlier_versions_sealed_still_opens(written: bytes, origin: Origin | None) -> None:
    keyring = Keyring([DataKey.generate(Purpose.SESSION_TOKENS, 1)])
    claims = b'{"a":"1","o":"o","n":"n","k":"k","i":"s","t":1,"e":2,' + written + b"}"
    sealed = keyring.seal(Purpose.SESSION_TOKENS, zlib.compress(claims), additional=b"ASIA")
    assert SessionTokens(keyring).open("ASIA", b64encode(sealed)).session.origin == origin


def test_w10_4_and_13_keys_have_aws_forms(tokens: SessionTokens) -> None:
    made = tokens.issue(ACCOUNT, ROLE, PLAIN)
    assert re.fullmatch("ASIA[A-Z2-7]{16}", made.access_key_id) and account_of(made.access_key_id) == ACCOUNT
    assert re.fullmatch("[A-Za-z0-9+/]{40}", made.secret) and re.fullmatch("[A-Za-z0-9+/]+=*", made.token)


def test_w10_14_a_token_fits_into_headers(tokens: SessionTokens) -> None:
    small = tokens.issue(ACCOUNT, ROLE, PLAIN)
    assert small.size == len(small.token) < 500 and small.utilization == -(-100 * small.size // LONGEST_TOKEN)
    noise = "".join(hashlib.sha256(bytes([number])).hexdigest() for number in range(100))
    fits = SessionFacts("s", 1, 2, tags={"k": noise[:4_000]})
    assert tokens.issue(ACCOUNT, ROLE, fits).size <= LONGEST_TOKEN
    with pytest.raises(PackedPolicyTooLarge, match=r"^Packed size of session tags consumes 1[0-9]{2}% of allotted space\.$"):
        tokens.issue(ACCOUNT, ROLE, SessionFacts("s", 1, 2, tags={"k": noise}))


@pytest.mark.parametrize("least", [1, 400, 401, 402, 403, 404, LONGEST_TOKEN - 1, LONGEST_TOKEN])
def test_a_least_size_is_kept_and_the_longest_is_not_passed(tokens: SessionTokens, least: int) -> None:
    assert least <= tokens.issue(ACCOUNT, ROLE, PLAIN, least=least).size <= LONGEST_TOKEN


def test_nt_32_no_token_opens_with_any_byte_changed(tokens: SessionTokens) -> None:
    made = tokens.issue(ACCOUNT, ROLE, PLAIN)
    sealed = b64decode(made.token)
    for at in range(len(sealed)):
        changed = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        with pytest.raises(NotGenuine):
            tokens.open(made.access_key_id, b64encode(changed))


def test_nt_32_cut_lengthened_joined_and_respelt_tokens_do_not_open(tokens: SessionTokens) -> None:
    made, other = tokens.issue(ACCOUNT, ROLE, PLAIN, least=500), tokens.issue(ACCOUNT, ROLE, PLAIN, least=500)
    token = made.token.encode()
    assert len(token) == len(other.token) == 500
    cuts = [token[:at] for at in range(len(token))] + [token[at:] for at in range(1, len(token))]
    joined = [token[:at] + other.token.encode()[at:] for at in range(4, len(token), 4)]
    respelt = [
        token + b"=",
        token + b"\n",
        b" " + token,
        token[:8] + b"\n" + token[8:],
        token.replace(b"=", b""),
        token + b"AAAA",
        token * 2,
        b"*" * 500,
    ]
    for wrong in [*cuts, *joined, *[text for text in respelt if text != token], b"\xff" * 400, b"A" * (LONGEST_TOKEN + 4)]:
        with pytest.raises(NotGenuine):
            tokens.open(made.access_key_id, wrong)


def test_nt_32_base64_has_one_spelling_only(tokens: SessionTokens) -> None:
    made = next(made for made in iter(lambda: tokens.issue(ACCOUNT, ROLE, PLAIN, "n" * 3), None) if made.token.endswith("="))
    stem, pad = made.token.rstrip("="), made.token[len(made.token.rstrip("=")) :]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    same_bytes = [stem[:-1] + letter + pad for letter in alphabet if b64decode(stem[:-1] + letter + pad) == b64decode(made.token)]
    assert len(same_bytes) > 1
    for spelling in same_bytes:
        if spelling != made.token:
            with pytest.raises(NotGenuine):
                tokens.open(made.access_key_id, spelling.encode())


@pytest.mark.parametrize("key_id", ["", "ASIARZPUZDIKAAAAAAAA", "AKIARZPUZDIKAAAAAAAA", "é"])
def test_nt_34_a_token_opens_with_its_own_key_id_only(tokens: SessionTokens, key_id: str) -> None:
    made = tokens.issue(ACCOUNT, ROLE, PLAIN)
    with pytest.raises(NotGenuine):
        tokens.open(key_id, made.token.encode())
    with pytest.raises(NotGenuine):
        tokens.open(made.access_key_id.lower(), made.token.encode())


def test_nt_31_only_what_was_sealed_as_a_token_here_is_one(tokens: SessionTokens) -> None:
    made = tokens.issue(ACCOUNT, ROLE, PLAIN)
    elsewhere = SessionTokens(Keyring([DataKey.generate(Purpose.SESSION_TOKENS, 1)]))
    with pytest.raises(NotGenuine):
        elsewhere.open(made.access_key_id, made.token.encode())
    markers = DataKey.generate(Purpose.PAGE_MARKERS, 1)
    marker = Keyring([markers]).seal(Purpose.PAGE_MARKERS, b"{}", additional=made.access_key_id.encode())
    with pytest.raises(NotGenuine):
        SessionTokens(Keyring([markers])).open(made.access_key_id, b64encode(marker))


def test_tokens_of_before_a_rotation_still_open() -> None:
    keyring = Keyring([DataKey.generate(Purpose.SESSION_TOKENS, 1)])
    made = SessionTokens(keyring).issue(ACCOUNT, ROLE, PLAIN)
    rotated = SessionTokens(keyring.with_key(DataKey.generate(Purpose.SESSION_TOKENS, 2)))
    assert rotated.open(made.access_key_id, made.token.encode()).secret == made.secret


def test_nt_33_secrets_do_not_follow_from_what_is_public(tokens: SessionTokens) -> None:
    made = [tokens.issue(ACCOUNT, ROLE, PLAIN, "night") for _ in range(50)]
    assert len({each.secret for each in made}) == len({each.access_key_id for each in made}) == len({each.token for each in made}) == 50
    for each in made[:3]:
        assert not _derived(each.secret, each.token, each.access_key_id)


def _derived(secret: str, token: str, key_id: str) -> bool:
    """Whether one of the obvious functions of the public parts yields the secret."""
    parts: list[bytes] = [
        token.encode(),
        b64decode(token),
        key_id.encode(),
        ROLE.encode(),
        ACCOUNT.encode(),
        PLAIN.id.encode(),
        b"1700000000",
    ]
    joined = [first + second for first in parts for second in [b"", *parts]]
    digests: list[Any] = [hashlib.md5, hashlib.sha1, hashlib.sha256, hashlib.sha512]
    yielded = {b64encode(digest(text).digest()).decode()[:40] for digest in digests for text in joined}
    yielded |= {digest(text).hexdigest()[:40] for digest in digests for text in joined}
    return secret in yielded or secret in token or secret.encode() in b64decode(token)


def test_nt_67_nothing_shows_a_secret_when_printed(tokens: SessionTokens) -> None:
    made = tokens.issue(ACCOUNT, ROLE, FULL)
    claims = tokens.open(made.access_key_id, made.token.encode())
    for text in (repr(made), repr(claims), str(made), str(claims)):
        assert made.secret not in text and made.token not in text
