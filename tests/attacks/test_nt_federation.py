"""NT-19 to NT-24, NT-30, NT-35, NT-90: what a token of an identity provider does not prove."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import statistics
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives import serialization
from tests.openid import CLIENT, ISSUER, NAME, Issuer, key_of, known_to, part, role, rsa_key, take, taker, trusting
from tests.openid import THUMBPRINT as ANY

from akia.federation import CLOCK_SKEW_SECONDS, Expired, KeyCache, KeySet, NoKeys, Rejected, read, verify
from akia.testing.in_process import ACCOUNT
from akia.wire import HttpRequest

if TYPE_CHECKING:
    from tests.conftest import World

pytestmark = pytest.mark.covers("I4.federation.attacks")

NOT_VALIDATED = ("InvalidIdentityToken", 400, "The web identity token that was passed could not be validated.")
DENIED = ("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithWebIdentity")
EVERY = ("RS256", "ES256", "ES384", "EdDSA")


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer(algorithms=EVERY)


@pytest.fixture(scope="module")
def deployer(shared: World, issuer: Issuer) -> str:
    """A role that lets every bearer of a token of the issuer in."""
    return role(shared, "deployer", trusting(known_to(shared, issuer), "sts:TagSession"))


@pytest.fixture
def told(shared: World, deployer: str, refused: Any) -> Any:
    """`told(token)`: what who comes with the token is told; fails if it lets in."""
    return lambda token: refused(taker(shared), RoleArn=deployer, RoleSessionName="attack", WebIdentityToken=token)


def test_the_usual_token_lets_in(shared: World, deployer: str, issuer: Issuer) -> None:
    """Or the refusals below would prove nothing."""
    for algorithm in EVERY:
        assert take(shared, deployer, issuer.token(algorithm))


# NT-19


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", " ", None, 0, [], {"a": 1}, "RS256 ", "rs256"], ids=repr)
@pytest.mark.parametrize("signature", ["", "AA", "good"])
def test_nt_19_a_token_without_an_algorithm(told: Any, issuer: Issuer, algorithm: Any, signature: str) -> None:
    header = {"alg": algorithm, "kid": issuer.kid()}
    for given in (header, {"kid": issuer.kid()}):
        token = issuer.signed("RS256", given, issuer.claims())
        last = token.rpartition(".")[2] if signature == "good" else signature
        assert told(f"{token.rpartition('.')[0]}.{last}") == NOT_VALIDATED


@pytest.mark.parametrize("algorithm", EVERY)
def test_nt_19_a_token_whose_signature_is_empty_or_missing(told: Any, issuer: Issuer, algorithm: str) -> None:
    head, claims, signature = issuer.token(algorithm).split(".")
    for token in (f"{head}.{claims}.", f"{head}.{claims}", f"{head}..{signature}", f".{claims}.{signature}", f"{head}.{claims}.A", "....."):
        assert told(token) == NOT_VALIDATED
    assert told(f"{head}.{claims}.{signature}.{signature}") == NOT_VALIDATED


def test_nt_19_a_changed_token(told: Any, issuer: Issuer) -> None:
    head, _, signature = issuer.token().split(".")
    assert told(f"{head}.{part(issuer.claims(sub='admin'))}.{signature}") == NOT_VALIDATED
    good = issuer.token()
    flipped = base64.urlsafe_b64decode(good.rpartition(".")[2] + "==")
    assert told(good.rpartition(".")[0] + "." + part(bytes([flipped[0] ^ 1]) + flipped[1:])) == NOT_VALIDATED


def test_nt_19_another_spelling_of_a_good_token(told: Any, issuer: Issuer) -> None:
    good = issuer.token()
    for token in (good + "=", good + "\n", " " + good, good.replace(".", ". ", 1), good[:-1] + ("B" if good[-1] != "B" else "C")):
        assert told(token) == NOT_VALIDATED


# NT-20


def secrets_of_public_keys() -> dict[str, bytes]:
    """What somebody who knows the public key might take for the secret of an HMAC."""
    public = key_of("RS256").public_key()
    encoding, form = serialization.Encoding, serialization.PublicFormat
    encoded = {
        "PEM": public.public_bytes(encoding.PEM, form.SubjectPublicKeyInfo),
        "DER": public.public_bytes(encoding.DER, form.SubjectPublicKeyInfo),
        "PEM of PKCS 1": public.public_bytes(encoding.PEM, form.PKCS1),
        "DER of PKCS 1": public.public_bytes(encoding.DER, form.PKCS1),
    }
    modulus = public.public_numbers().n
    [jwk] = Issuer().keys()
    return encoded | {
        "modulus": modulus.to_bytes(256, "big"),
        "modulus as text": part(modulus.to_bytes(256, "big")).encode(),
        "jwk": json.dumps(jwk).encode(),
        "client id": CLIENT.encode(),
        "nothing": b"",
    }


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_nt_20_an_hmac_keyed_with_what_is_public(told: Any, issuer: Issuer, algorithm: str) -> None:
    signed = f"{part({'alg': algorithm, 'kid': issuer.kid()})}.{part(issuer.claims())}"
    for which, secret in secrets_of_public_keys().items():
        digest = hmac.new(secret, signed.encode(), f"sha{algorithm[2:]}").digest()
        assert told(f"{signed}.{part(digest)}") == NOT_VALIDATED, which


@pytest.mark.parametrize("claimed", ["RS256", "ES256", "ES384", "EdDSA"])
@pytest.mark.parametrize("kid", ["RS256", "ES256", "ES384", "EdDSA"])
def test_nt_20_a_key_of_another_kind(told: Any, issuer: Issuer, claimed: str, kid: str) -> None:
    if claimed != kid:
        assert told(issuer.token(claimed, header={"kid": kid})) == NOT_VALIDATED


@pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256", "PS384", "PS512"])
def test_nt_20_a_key_serves_the_algorithm_that_its_owner_names(told: Any, issuer: Issuer, algorithm: str) -> None:
    assert told(issuer.token(algorithm, header={"kid": "RS256"})) == NOT_VALIDATED


def test_nt_20_a_key_of_ones_own(told: Any, issuer: Issuer) -> None:
    """Embedded, or named by a URL: it is neither used nor fetched (NT-90)."""
    mine, before = rsa_key("mine"), list(issuer.asked)
    [jwk] = replace(issuer, algorithms=("RS256",), which="mine").keys()
    for header in (
        {"jwk": jwk},
        {"jku": "https://evil.example.com/keys"},
        {"x5u": "https://evil.example.com/cert"},
        {"jwk": jwk, "kid": jwk["kid"]},
        {"x5c": ["MIIB"]},
    ):
        assert told(issuer.token(key=mine, header=header)) == NOT_VALIDATED
    assert [url for url in issuer.asked[len(before) :] if "evil" in url] == []
    for name in ("jwk", "jku", "x5u"):
        assert told(issuer.token(header={name: "https://evil.example.com"})) == NOT_VALIDATED  # even with a good signature


@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["exp"]}, {"crit": ["b64"], "b64": False}, {"crit": []}, {"crit": ["http://example.com/x"], "http://example.com/x": 1},
        {"b64": False}, {"kid": None}, {"kid": ""}, {"kid": 1}, {"kid": ["RS256"]}, {"kid": "k" * 2_000}, {"kid": "../../dev/null"},
        {"kid": "RS256' OR 1=1"}, {"zip": "DEF"}, {"enc": "A256GCM"}, {"cty": "JWT"}, {"cty": "jwt"},
    ],
    ids=str,
)  # fmt: skip
def test_nt_20_headers_that_demand_something_else(told: Any, issuer: Issuer, header: Any) -> None:
    assert told(issuer.token(header=header)) == NOT_VALIDATED


def test_nt_20_a_nested_token(told: Any, issuer: Issuer) -> None:
    inner = issuer.token()
    assert told(issuer.signed("RS256", {"alg": "RS256", "kid": issuer.kid()}, inner.encode())) == NOT_VALIDATED
    assert told(issuer.signed("RS256", {"alg": "RS256", "kid": issuer.kid()}, inner)) == NOT_VALIDATED
    assert told(json.dumps({"payload": inner.split(".")[1], "signatures": []})) == NOT_VALIDATED


def test_nt_20_a_token_of_a_mebibyte(shared: World, deployer: str, issuer: Issuer, refused: Any) -> None:
    token = issuer.token(padding="x" * (1 << 20))
    code, status, _ = refused(taker(shared), RoleArn=deployer, RoleSessionName="attack", WebIdentityToken=token)
    assert (code, status) == ("ValidationError", 400)
    with pytest.raises(Rejected, match="too long"):
        read(token)


@pytest.mark.parametrize(
    "payload", [b"", b"null", b"[]", b'"x"', b"\xff", b"{", b'{"a":1}{"b":2}', b'{"sub":"a","sub":"admin"}', b"[" * 9_000, b'{"a":' * 1_800]
)
def test_nt_20_claims_that_are_no_object(told: Any, issuer: Issuer, payload: bytes) -> None:
    assert told(issuer.signed("RS256", {"alg": "RS256", "kid": issuer.kid()}, payload)) == NOT_VALIDATED


@pytest.mark.parametrize(
    "changes",
    [{"n": part(b"\x01" * 64)}, {"n": "!"}, {"e": part(b"\x01")}, {"use": "enc"}, {"key_ops": ["sign"]}, {"kid": None}, {"kty": "oct"}],
)
def test_nt_20_weak_and_unsuitable_keys_are_left_out(changes: dict[str, Any]) -> None:
    [jwk] = Issuer().keys()
    assert KeySet.parse(json.dumps({"keys": [jwk]}).encode()).has("RS256")
    assert not KeySet.parse(json.dumps({"keys": [jwk | changes]}).encode()).keys


def test_nt_20_a_point_that_is_not_on_the_curve_is_no_key() -> None:
    [jwk] = Issuer(algorithms=("ES256",)).keys()
    assert not KeySet.parse(json.dumps({"keys": [jwk | {"y": jwk["x"]}]}).encode()).keys


# NT-21


@pytest.mark.parametrize("claim", ["exp", "iat", "aud", "iss", "sub"])
def test_nt_21_a_claim_is_missing(told: Any, issuer: Issuer, claim: str) -> None:
    assert told(issuer.token(**{claim: None})) == NOT_VALIDATED


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": ISSUER + "/"}, {"iss": ISSUER.replace("https", "http")}, {"iss": ISSUER.upper()}, {"iss": NAME}, {"iss": ISSUER + "?"},
        {"iss": [ISSUER]}, {"iss": ISSUER + "\n"}, {"iss": ""},
        {"aud": "somebody-else"}, {"aud": ["somebody-else"]}, {"aud": CLIENT.upper()}, {"aud": CLIENT + " "}, {"aud": []}, {"aud": ""},
        {"aud": {"a": CLIENT}}, {"aud": [CLIENT, 1]}, {"aud": 1}, {"aud": [[CLIENT]]},
        {"aud": [CLIENT, "other"], "azp": "other"}, {"aud": CLIENT, "azp": "other"}, {"aud": [CLIENT, "other"]}, {"azp": [CLIENT]},
        {"azp": ""},
        {"sub": ""}, {"sub": 17}, {"sub": ["a"]}, {"sub": "s" * 256}, {"sub": {"a": 1}},
        {"sub": "a\x00b"}, {"sub": "a\nb"}, {"sub": "\ud800"},
    ],
    ids=str,
)  # fmt: skip
def test_nt_21_claims_that_name_somebody_else(told: Any, issuer: Issuer, claims: Any) -> None:
    assert told(issuer.token(**claims)) == NOT_VALIDATED


@pytest.mark.parametrize(
    "value", ["text", "1e400", "-1e400", "NaN", "Infinity", "-Infinity", "1.5", "1e3", "-1", "true", "[]", "1" * 5_000]
)
@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
def test_nt_21_times_that_are_none(told: Any, issuer: Issuer, claim: str, value: str) -> None:
    claims = json.dumps(issuer.claims() | {claim: "here"}).replace('"here"', '"9999999999"' if value == "text" else value)
    assert told(issuer.signed("RS256", {"alg": "RS256", "kid": issuer.kid()}, claims.encode())) == NOT_VALIDATED


NOW = 2_000_000_000


def verified(**claims: Any) -> Any:
    """The engine's word on a token with these times, at NOW."""
    issuer = Issuer()
    keys = KeySet.parse(json.dumps({"keys": issuer.keys()}).encode())
    return verify(read(issuer.token(**({"iat": NOW - 10, "exp": NOW + 10} | claims))), keys, ISSUER, (CLIENT,), NOW)


def test_nt_21_a_second_beyond_the_documented_leeway() -> None:
    assert CLOCK_SKEW_SECONDS == 300
    assert verified(exp=NOW - 300)
    with pytest.raises(Expired):
        verified(exp=NOW - 301)
    for claim in ("nbf", "iat"):
        assert verified(**{claim: NOW + 300})
        with pytest.raises(Rejected, match="not valid yet"):
            verified(**{claim: NOW + 301})


def test_contested_azp_is_the_audience(shared: World, deployer: str, issuer: Issuer, told: Any) -> None:
    """As with AWS the client that a token was issued to counts, not who may read it: `azp` alone must be registered."""
    assert take(shared, deployer, issuer.token(aud="https://api.example.com", azp=CLIENT))["Audience"] == CLIENT
    assert take(shared, deployer, issuer.token(aud=["https://api.example.com", CLIENT], azp=CLIENT))["Audience"] == CLIENT
    assert told(issuer.token(aud=CLIENT, azp="https://api.example.com")) == NOT_VALIDATED


@pytest.mark.parametrize("mine", ["https://idp.example.com", "https://idp.example.com:8443"])
def test_nt_29_tokens_that_akia_issues_buy_no_session_here(akia: World, refused: Any, mine: str) -> None:
    """A session of a minute would go on for the role's maximum. AWS does not take its own tokens either."""
    own = Issuer(f"{mine}/outbound/11111111-2222-3333-4444-555555555555")
    arn = role(akia, "deployer", trusting(known_to(akia, own)))
    assert take(akia, arn, own.token())
    akia.akia.authority.endpoint = mine
    assert refused(taker(akia), RoleArn=arn, RoleSessionName="x1", WebIdentityToken=own.token()) == NOT_VALIDATED


# NT-22


def wrong_tokens(issuer: Issuer) -> dict[str, str]:
    return {
        "unknown issuer": issuer.token(iss="https://unknown.example.com"),
        "bad signature": issuer.token(key=rsa_key("mine")),
        "wrong audience": issuer.token(aud="somebody-else"),
        "unknown key": issuer.token(header={"kid": "unknown"}),
    }


def test_nt_22_every_wrong_token_gets_the_same_answer(shared: World, deployer: str, issuer: Issuer, told: Any) -> None:
    take(shared, deployer, issuer.token())
    assert {told(token) for token in wrong_tokens(issuer).values()} == {NOT_VALIDATED}


def test_contested_an_unknown_issuer_is_not_named(told: Any, issuer: Issuer) -> None:
    """AWS says `No OpenIDConnect provider found in your account for <issuer>`, which tells everybody whom an account trusts (NT-22)."""
    message = told(issuer.token(iss="https://unknown.example.com"))[2]
    assert "unknown.example.com" not in message
    assert "provider" not in message


def test_nt_22_in_similar_time(shared: World, deployer: str, issuer: Issuer) -> None:
    """An unknown issuer costs a verification too. A wrong audience comes after it, so all three do the same work."""
    take(shared, deployer, issuer.token())
    account = ACCOUNT
    tokens = {name: token for name, token in wrong_tokens(issuer).items() if name != "unknown key"}
    bodies = {
        name: f"Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleSessionName=x1&RoleArn=arn:aws:iam::{account}:role/deployer"
        f"&WebIdentityToken={token}".encode()
        for name, token in tokens.items()
    }
    times: dict[str, list[float]] = {name: [] for name in bodies}
    for _ in range(60):
        for name, body in bodies.items():
            started = time.perf_counter()
            assert asked(shared, body).status == 400
            times[name].append(time.perf_counter() - started)
    medians = sorted(statistics.median(values) for values in times.values())
    assert medians[-1] < 2 * medians[0] + 0.002, times


def test_nt_22_an_unknown_issuer_is_never_asked(told: Any, issuer: Issuer) -> None:
    before = len(issuer.asked)
    told(issuer.token(iss="https://unknown.example.com"))
    assert len(issuer.asked) == before


# NT-23 (addresses: `test_nt_outbound.py`)


def test_nt_23_an_unknown_kid_forces_one_refresh_in_thirty_seconds(akia: World, refused: Any) -> None:
    issuer = Issuer()
    arn = role(akia, "deployer", trusting(known_to(akia, issuer)))
    take(akia, arn, issuer.token())
    for number in range(20):
        token = issuer.token(header={"kid": f"unknown-{number}"})
        assert refused(taker(akia), RoleArn=arn, RoleSessionName="x1", WebIdentityToken=token) == NOT_VALIDATED
    assert issuer.asked.count(f"{ISSUER}/keys") == 1


def keys(*names: str) -> KeySet:
    [jwk] = Issuer().keys()
    return KeySet.parse(json.dumps({"keys": [jwk | {"kid": name} for name in names]}).encode())


def test_nt_23_when_a_provider_is_asked_again() -> None:
    cache, old = KeyCache(), keys("a")
    assert cache.find("p", "a", 100) is NoKeys.ASK
    cache.learn("p", old, 100)
    assert cache.find("p", "a", 999) is old
    assert cache.find("p", "b", 129) is NoKeys.UNKNOWN
    assert cache.find("p", "b", 130) is NoKeys.ASK  # a new key is found within half a minute
    assert cache.find("p", "a", 1_000) is NoKeys.ASK  # a key that was taken back is used for a quarter of an hour at most
    cache.miss("p", 1_000)
    assert cache.find("p", "a", 1_029) is old  # while the provider does not answer
    assert cache.find("p", "b", 1_029) is NoKeys.UNREACHABLE
    assert cache.find("p", "a", 1_030) is NoKeys.ASK
    cache.miss("p", 3_699)
    assert cache.find("p", "a", 3_699) is old
    cache.miss("p", 3_700)
    assert cache.find("p", "a", 3_700) is NoKeys.UNREACHABLE  # an hour, and no longer
    cache.learn("p", keys("b"), 3_740)
    assert cache.find("p", "a", 3_740) is NoKeys.UNKNOWN


def test_nt_23_a_provider_that_never_answered_is_asked_twice_a_minute() -> None:
    cache = KeyCache()
    cache.miss("p", 100)
    assert cache.find("p", "a", 129) is NoKeys.UNREACHABLE
    assert cache.find("p", "a", 130) is NoKeys.ASK


def test_nt_23_at_most_a_hundred_keys_and_not_too_many_providers() -> None:
    assert keys(*(f"k-{number}" for number in range(100))).has("k-99")
    with pytest.raises(ValueError, match="more than 100"):
        keys(*(f"k-{number}" for number in range(101)))
    cache = KeyCache(most=3)
    for number in range(10):
        cache.learn(number, keys("a"), 1)
    assert len(cache) == 3
    assert cache.find(0, "a", 1) is NoKeys.ASK


# NT-24


@pytest.mark.parametrize("flag", [None, False, "false", 0, 1, "TRUE", [True], "yes"], ids=repr)
def test_nt_24_an_email_that_nobody_verified_matches_no_rule(akia: World, refused: Any, flag: Any) -> None:
    issuer = Issuer()
    provider = known_to(akia, issuer)
    arn = role(akia, "boss", trusting(provider, StringEquals={f"{NAME}:email": "boss@example.com"}))
    token = issuer.token(email="boss@example.com", email_verified=flag)
    assert refused(taker(akia), RoleArn=arn, RoleSessionName="x1", WebIdentityToken=token) == DENIED
    for forged in ({"Email": "boss@example.com"}, {"EMAIL": "boss@example.com", "email_verified": True}):
        assert refused(taker(akia), RoleArn=arn, RoleSessionName="x1", WebIdentityToken=issuer.token(**forged)) == DENIED


@pytest.mark.parametrize("flag", [True, "true"])
def test_nt_24_a_verified_one_does(akia: World, flag: Any) -> None:
    issuer = Issuer()
    arn = role(akia, "boss", trusting(known_to(akia, issuer), StringEquals={f"{NAME}:email": "boss@example.com"}))
    assert take(akia, arn, issuer.token(email="boss@example.com", email_verified=flag))


# NT-30


def asked(akia: World, body: bytes, *, query: bytes = b"", method: bytes = b"POST", path: bytes = b"/") -> Any:
    """The answer to an unsigned request."""
    headers = [(b"host", b"sts.amazonaws.com"), (b"content-type", b"application/x-www-form-urlencoded")]
    return akia.answer(HttpRequest(method, path, query, headers, body))


def test_nt_30_only_the_two_of_sts_are_answered_without_a_signature(shared: World, deployer: str, issuer: Issuer) -> None:
    token = issuer.token()
    members = f"&RoleArn={deployer}&RoleSessionName=x1&WebIdentityToken={token}".encode()
    good = b"Action=AssumeRoleWithWebIdentity&Version=2011-06-15" + members
    assert asked(shared, good).status == 200
    for name in (b"AssumeRole", b"GetSessionToken", b"GetFederationToken", b"GetCallerIdentity", b"GetWebIdentityToken", b"AssumeRoot"):
        answer = asked(shared, b"Action=" + name + b"&Version=2011-06-15" + members)
        assert answer.status == 403
        assert b"MissingAuthenticationToken" in answer.body
    for changes in (
        {"query": b"Action=GetCallerIdentity"},
        {"query": b"Action=AssumeRole&Version=2011-06-15"},
        {"method": b"PUT"},
        {"method": b"DELETE"},
        {"path": b"/sts"},
    ):
        assert asked(shared, good, **changes).status in (400, 403, 404, 405), changes


def test_nt_30_a_token_does_not_stand_in_for_a_signature(shared: World, deployer: str, issuer: Issuer) -> None:
    """The member is looked at where the model has it, and nowhere else."""
    body = b"Action=ListUsers&Version=2010-05-08&WebIdentityToken=" + issuer.token().encode()
    assert asked(shared, body).status == 403


def test_nt_30_a_missing_role_or_token_is_a_validation_error(shared: World, deployer: str, issuer: Issuer) -> None:
    for body in (f"&RoleArn={deployer}&RoleSessionName=x1", f"&RoleSessionName=x1&WebIdentityToken={issuer.token()}"):
        answer = asked(shared, b"Action=AssumeRoleWithWebIdentity&Version=2011-06-15" + body.encode())
        assert answer.status == 400
        assert b"ValidationError" in answer.body


# NT-35


@pytest.mark.parametrize("subject", ["root", "admin", "alice", "administrator", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root"])
def test_nt_35_a_subject_with_a_privileged_name_is_nobody_but_itself(akia: World, refused: Any, subject: str) -> None:
    issuer = Issuer()
    provider = known_to(akia, issuer)
    iam = akia.client("iam")
    iam.create_user(UserName="alice")
    for number, trusted in enumerate((f"arn:aws:iam::{ACCOUNT}:user/alice", f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT, "*")):
        arn = role(akia, f"r{number}", trusting(provider) | {"Principal": {"AWS": trusted}})
        assert refused(taker(akia), RoleArn=arn, RoleSessionName=subject[:32].replace(":", "-").replace("/", "-"),
                       WebIdentityToken=issuer.token(sub=subject)) == DENIED  # fmt: skip
    arn = role(akia, "own", trusting(provider))
    answer = take(akia, arn, issuer.token(sub=subject))
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/own/build-1"


def test_nt_35_the_same_subject_of_another_provider_is_somebody_else(akia: World, refused: Any) -> None:
    first = Issuer()
    second = Issuer(url="https://other.example.com", which="second")
    arn = role(akia, "deployer", trusting(known_to(akia, first), StringEquals={f"{NAME}:sub": "repo:acme/app"}))
    known_to(akia, second)
    assert refused(taker(akia), RoleArn=arn, RoleSessionName="x1", WebIdentityToken=second.token()) == DENIED
    forged = {f"{NAME}:sub": "repo:acme/app", "sub": "x"}
    assert refused(taker(akia), RoleArn=arn, RoleSessionName="x1", WebIdentityToken=second.token(**forged)) == DENIED


@pytest.mark.parametrize("url", ["https://aws", "https://sts", "https://iam", "https://saml"])
def test_nt_35_no_provider_bears_the_name_of_aws_own_keys(akia: World, refused: Any, url: str) -> None:
    """Or its claim `PrincipalTag/team` would be the key `aws:PrincipalTag/team`."""
    code, _, _ = refused(akia.client("iam").create_open_id_connect_provider, Url=url, ThumbprintList=[ANY])
    assert code == "InvalidInput"


def test_nt_35_the_provider_of_another_account_is_another_one(akia: World, refused: Any) -> None:
    """Registered here, the issuer is not registered there."""
    issuer = Issuer()
    known_to(akia, issuer)
    arn = "arn:aws:iam::999999999999:role/deployer"
    assert refused(taker(akia), RoleArn=arn, RoleSessionName="x1", WebIdentityToken=issuer.token()) == NOT_VALIDATED


def test_nt_35_what_is_known_of_ones_keys_is_not_used_for_anothers(akia: World, refused: Any) -> None:
    """Two providers with the same key name."""
    first, second = Issuer(), Issuer(url="https://other.example.com")
    arn = role(akia, "deployer", trusting(known_to(akia, second)))
    known_to(akia, first)
    take_first = first.token(iss=second.url, key=rsa_key("mine"))
    assert refused(taker(akia), RoleArn=arn, RoleSessionName="x1", WebIdentityToken=take_first)[0] in (
        "InvalidIdentityToken",
        "IDPCommunicationError",
    )


def test_no_token_is_kept_or_logged(shared: World, deployer: str, issuer: Issuer, capsys: pytest.CaptureFixture[str]) -> None:
    token = issuer.token()
    take(shared, deployer, token)
    shared.akia.authority.drain()
    signature = token.rpartition(".")[2]
    stored = b"".join(path.read_bytes() for path in shared.directory.rglob("*") if path.is_file())
    assert signature.encode() not in stored
    assert hashlib.sha256(token.encode()).hexdigest().encode() not in stored
    assert signature not in "".join(capsys.readouterr())
