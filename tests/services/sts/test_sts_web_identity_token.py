"""Outbound federation: an account issues tokens that say who calls, and publishes what verifies them (SI17.5)."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from tests.organization import World as Organization
from tests.turns import turns

from akia.authority.outbound_tokens import add_keys, new_key
from akia.http.pages import IssuerPage, Pages
from akia.identity.outbound_key import OutboundKey, due, retired, signing_key
from akia.jobs.rotate_outbound_keys import RotateOutboundKeys
from akia.testing.in_process import ENDPOINT
from akia.wire import HttpRequest

if TYPE_CHECKING:
    from tests.conftest import World

pytestmark = pytest.mark.covers("I4.federation.outbound_tokens")

DAY = 86_400
NAMESPACE = "https://sts.amazonaws.com/"


@pytest.fixture
def enabled(akia: World) -> str:
    """The issuer URL of the account."""
    return str(akia.client("iam").enable_outbound_web_identity_federation()["IssuerIdentifier"])


def page(akia: World, path: str, method: bytes = b"GET") -> tuple[int, Any]:
    """What is published at `path`, without any signature."""
    answer = asyncio.run(IssuerPage(akia.akia.authority)(HttpRequest(method, path.encode(), b"", [], b"")))
    return answer.status, json.loads(answer.body) if answer.status == 200 else None


def token_of(client: Any, **options: Any) -> str:
    return str(
        client.get_web_identity_token(**{"Audience": ["https://api.example.com"], "SigningAlgorithm": "RS256"} | options)[
            "WebIdentityToken"
        ]
    )


def verified(akia: World, token: str, audience: str = "https://api.example.com") -> Any:
    """The claims, verified by another library with nothing but what is published."""
    issuer = jwt.decode(token, options={"verify_signature": False})["iss"].removeprefix(ENDPOINT)
    _, described = page(akia, f"{issuer}/.well-known/openid-configuration")
    _, keys = page(akia, described["jwks_uri"].removeprefix(ENDPOINT))
    key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(token)["kid"]]
    return jwt.decode(token, key, algorithms=["RS256", "ES384"], audience=audience, issuer=described["issuer"])


# IAM


def test_the_feature_is_enabled_and_disabled(akia: World, refused: Any) -> None:
    iam = akia.client("iam")
    for call in (iam.get_outbound_web_identity_federation_info, iam.disable_outbound_web_identity_federation):
        assert refused(call)[:2] == ("FeatureDisabled", 404)
    issuer = iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    assert issuer.startswith(f"{ENDPOINT}/outbound/")
    assert akia.account not in issuer
    assert refused(iam.enable_outbound_web_identity_federation)[:2] == ("FeatureEnabled", 409)
    info = iam.get_outbound_web_identity_federation_info()
    assert (info["IssuerIdentifier"], info["JwtVendingEnabled"]) == (issuer, True)
    iam.disable_outbound_web_identity_federation()
    assert refused(iam.get_outbound_web_identity_federation_info)[0] == "FeatureDisabled"
    assert iam.enable_outbound_web_identity_federation()["IssuerIdentifier"] == issuer


@pytest.mark.parametrize("name", ["Enable{}", "Disable{}", "Get{}Info"])
def test_each_needs_its_permission(akia: World, refused: Any, name: str) -> None:
    eve = akia.person("eve", {"Action": "iam:List*"}).client("iam")
    snake = {"Enable{}": "enable_{}", "Disable{}": "disable_{}", "Get{}Info": "get_{}_info"}[name].format(
        "outbound_web_identity_federation"
    )
    assert refused(getattr(eve, snake))[0] == "AccessDenied"


# The token


@pytest.mark.parametrize("algorithm", ["RS256", "ES384"])
def test_a_token_verifies_with_what_is_published(akia: World, enabled: str, algorithm: str) -> None:
    before = int(time.time())
    answer = akia.client("sts").get_web_identity_token(Audience=["https://api.example.com"], SigningAlgorithm=algorithm)
    claims = verified(akia, answer["WebIdentityToken"])
    assert jwt.get_unverified_header(answer["WebIdentityToken"])["alg"] == algorithm
    assert (claims["iss"], claims["aud"], claims["sub"]) == (enabled, "https://api.example.com", f"arn:aws:iam::{akia.account}:root")
    assert before <= claims["iat"] <= time.time()
    assert claims["exp"] == claims["iat"] + 300 == answer["Expiration"].timestamp()
    assert claims[NAMESPACE] == {
        "aws_account": akia.account, "source_region": "us-east-1", "principal_id": f"arn:aws:iam::{akia.account}:root",
    }  # fmt: skip


def test_each_token_has_an_id_of_its_own(akia: World, enabled: str) -> None:
    sts = akia.client("sts")
    assert verified(akia, token_of(sts))["jti"] != verified(akia, token_of(sts))["jti"]


def test_what_a_token_says_of_a_session(akia: World, enabled: str, policy: Any) -> None:
    iam = akia.client("iam")
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": akia.account},
                "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"],
            },
        }
    )
    role = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=trust, Tags=[{"Key": "env", "Value": "prod"}])["Role"]["Arn"]
    iam.put_role_policy(RoleName="worker", PolicyName="p", PolicyDocument=policy({"Action": "sts:*"}))
    bob = akia.person("bob", {"Action": "sts:*"})
    credentials = bob.client("sts").assume_role(
        RoleArn=role, RoleSessionName="night", Tags=[{"Key": "team", "Value": "ops"}], SourceIdentity="alice", DurationSeconds=900
    )["Credentials"]
    key = type(bob.key)(credentials["AccessKeyId"], credentials["SecretAccessKey"])
    sts = akia.client("sts", key, token=credentials["SessionToken"])
    claims = verified(akia, token_of(sts, Tags=[{"Key": "job", "Value": "7"}], Audience=["https://api.example.com", "b"]))
    assert claims["sub"] == role
    assert claims["aud"] == ["https://api.example.com", "b"]
    own = claims[NAMESPACE]
    assert own["principal_tags"] == {"env": "prod", "team": "ops"}
    assert own["request_tags"] == {"job": "7"}
    assert own["source_identity"] == "alice"
    assert own["original_session_exp"] == credentials["Expiration"].strftime("%Y-%m-%dT%H:%M:%SZ")


def test_nt_29_a_token_does_not_outlive_the_session_that_asks(akia: World, enabled: str, refused: Any, policy: Any) -> None:
    iam = akia.client("iam")
    trust = json.dumps(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": akia.account}, "Action": "sts:AssumeRole"}}
    )
    role = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName="worker", PolicyName="p", PolicyDocument=policy({"Action": "sts:*"}))
    bob = akia.person("bob", {"Action": "sts:*"})
    credentials = bob.client("sts").assume_role(RoleArn=role, RoleSessionName="night", DurationSeconds=900)["Credentials"]
    sts = akia.client("sts", type(bob.key)(credentials["AccessKeyId"], credentials["SecretAccessKey"]), token=credentials["SessionToken"])
    assert token_of(sts, DurationSeconds=800)
    request = {"Audience": ["a"], "SigningAlgorithm": "RS256", "DurationSeconds": 1_000}
    assert refused(sts.get_web_identity_token, **request)[:2] == ("SessionDurationEscalationException", 403)


def test_the_organization_is_named(akia: World, enabled: str) -> None:
    organization = Organization(akia)
    own = verified(akia, token_of(akia.client("sts")))[NAMESPACE]
    assert own["org_id"] == organization.id
    assert own["ou_path"] == [f"{organization.id}/{organization.root}/"]


def test_refusals(akia: World, refused: Any) -> None:
    call = akia.client("sts").get_web_identity_token
    request = {"Audience": ["a"], "SigningAlgorithm": "RS256"}
    assert refused(call, **request)[:2] == ("OutboundWebIdentityFederationDisabledException", 403)
    akia.client("iam").enable_outbound_web_identity_federation()
    assert refused(call, **request | {"SigningAlgorithm": "HS256"})[:2] == ("ValidationError", 400)
    assert refused(call, **request | {"SigningAlgorithm": "ES256"})[0] == "ValidationError"
    twice = [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]
    assert refused(call, **request, Tags=twice)[0] == "InvalidParameterValue"
    akia.client("iam").disable_outbound_web_identity_federation()
    assert refused(call, **request)[0] == "OutboundWebIdentityFederationDisabledException"


def test_contested_a_payload_of_more_than_8_kib_is_too_large(akia: World, enabled: str, refused: Any) -> None:
    tags = [{"Key": f"k{number}", "Value": "v" * 256} for number in range(50)]
    call = akia.client("sts").get_web_identity_token
    assert refused(call, Audience=["a"], SigningAlgorithm="RS256", Tags=tags)[:2] == ("JWTPayloadSizeExceededException", 400)


def test_the_condition_keys_of_the_request(akia: World, enabled: str, refused: Any) -> None:
    conditions = {
        "ForAllValues:StringEquals": {"sts:IdentityTokenAudience": ["https://api.example.com"]},
        "StringEquals": {"sts:SigningAlgorithm": "ES384"},
        "NumericLessThanEquals": {"sts:DurationSeconds": "300"},
    }
    sts = akia.person("bob", {"Action": "sts:GetWebIdentityToken", "Condition": conditions}).client("sts")
    request = {"Audience": ["https://api.example.com"], "SigningAlgorithm": "ES384"}
    assert sts.get_web_identity_token(**request)
    for change in (
        {"Audience": ["https://evil"]},
        {"Audience": ["https://api.example.com", "x"]},
        {"SigningAlgorithm": "RS256"},
        {"DurationSeconds": 301},
    ):
        assert refused(sts.get_web_identity_token, **request | change)[0] == "AccessDenied"


def test_who_puts_tags_into_a_token_must_be_allowed_to(akia: World, enabled: str, refused: Any) -> None:
    sts = akia.person("bob", {"Action": "sts:GetWebIdentityToken"}).client("sts")
    request = {"Audience": ["a"], "SigningAlgorithm": "RS256", "Tags": [{"Key": "job", "Value": "7"}]}
    code, _, message = refused(sts.get_web_identity_token, **request)
    assert code == "AccessDenied"
    assert "sts:TagGetWebIdentityToken" in message
    allowed = {
        "Action": ["sts:GetWebIdentityToken", "sts:TagGetWebIdentityToken"],
        "Condition": {"StringEquals": {"aws:RequestTag/job": "7"}},
    }
    assert akia.person("eve", allowed).client("sts").get_web_identity_token(**request)


def test_the_token_is_in_no_event(akia: World, enabled: str) -> None:
    token = token_of(akia.client("sts"))
    found = akia.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "GetWebIdentityToken"}]
    )
    [event] = found["Events"]
    assert token not in event["CloudTrailEvent"]
    assert "webIdentityToken" not in event["CloudTrailEvent"]


# What is published


def test_what_is_published_needs_no_signature_and_tells_no_private_half(akia: World, enabled: str) -> None:
    path = enabled.removeprefix(ENDPOINT)
    status, described = page(akia, f"{path}/.well-known/openid-configuration")
    assert (status, described["issuer"], described["jwks_uri"]) == (200, enabled, f"{enabled}/.well-known/jwks.json")
    _, keys = page(akia, f"{path}/.well-known/jwks.json")
    assert sorted((key["kty"], key["alg"], key["use"]) for key in keys["keys"]) == [("EC", "ES384", "sig"), ("RSA", "RS256", "sig")]
    for key in keys["keys"]:
        assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & key.keys()
    assert page(akia, f"{path}/.well-known/jwks.json", b"HEAD")[0] == 200
    assert page(akia, f"{path}/.well-known/jwks.json", b"POST")[0] == 405


def test_other_paths_are_not_there(akia: World, enabled: str) -> None:
    path = enabled.removeprefix(ENDPOINT)
    for wrong in (
        path,
        f"{path}/",
        f"{path}/keys",
        "/outbound/",
        "/outbound/x/.well-known/jwks.json",
        f"/outbound/{akia.account}/.well-known/jwks.json",
    ):
        assert page(akia, wrong)[0] == 404, wrong


def test_keys_stay_published_when_the_feature_is_disabled(akia: World, enabled: str) -> None:
    token = token_of(akia.client("sts"))
    akia.client("iam").disable_outbound_web_identity_federation()
    assert verified(akia, token)


def test_the_edge_finds_the_pages_below_the_path() -> None:
    below: Any = object()
    exact: Any = object()
    pages = Pages({b"/healthz": exact}, {b"/outbound/": below})
    assert [pages.get(path) for path in (b"/healthz", b"/outbound/x/y", b"/outbound", b"/", b"/x/outbound/")] == [
        exact,
        below,
        None,
        None,
        None,
    ]


# Keys


def test_nt_33_private_halves_are_sealed(akia: World, enabled: str) -> None:
    store = akia.akia.store
    for key in store.outbound_keys.all():
        private = store.outbound_keys.private(key)
        assert private[:1] == b"\x30"
        [[sealed]] = store.connection.execute("SELECT sealed FROM outbound_keys WHERE id = :id", id=key.id)
        assert private not in sealed
    first, second = store.outbound_keys.all()
    from akia.keyring import Unsealable

    with pytest.raises(Unsealable):
        store.outbound_keys.private(replace(first, public=second.public))


def key(created: int, algorithm: str = "RS256") -> OutboundKey:
    return OutboundKey(f"k-{created}", algorithm, created, "{}")


def test_two_keys_overlap() -> None:
    old, new = key(0), key(90 * DAY)
    assert due([old, key(0, "ES384")], 90 * DAY - 1) == []
    assert due([old, key(0, "ES384")], 90 * DAY) == ["RS256", "ES384"]
    assert due([], 5) == ["RS256", "ES384"]
    both = [new, old]
    assert signing_key(both, "RS256", 91 * DAY - 1) == old  # the new one is published first
    assert signing_key(both, "RS256", 91 * DAY) == new
    assert signing_key(both, "ES384", 91 * DAY) is None
    assert signing_key([new], "RS256", 90 * DAY) == new  # the first of all signs at once
    assert retired(both, 91 * DAY + 7_199) == []
    assert retired(both, 91 * DAY + 7_200) == [old]  # its last token is over


def test_keys_are_rotated_by_the_job_and_old_tokens_stay_good(akia: World, enabled: str) -> None:
    store = akia.akia.store
    token = token_of(akia.client("sts"))
    now = int(time.time())

    def turn(later: int) -> set[str]:
        asyncio.run(RotateOutboundKeys(store, turns(akia.akia), lambda: now + later).once())
        return {key.id for key in store.outbound_keys.all()}

    first = turn(0)
    assert len(first) == 2
    both = turn(90 * DAY)
    assert first < both
    assert len(both) == 4
    assert verified(akia, token)
    assert turn(91 * DAY) == both
    assert turn(92 * DAY) == both - first


def test_the_job_makes_no_keys_before_anybody_needs_them(akia: World) -> None:
    async def do(work: Any) -> Any:
        raise AssertionError("nothing is to be written")

    asyncio.run(RotateOutboundKeys(akia.akia.store, do).once())
    assert akia.akia.store.outbound_keys.all() == []


def test_two_that_make_keys_at_once_make_them_once(akia: World) -> None:
    store = akia.akia.store
    store.connection.begin_immediate()
    for _ in range(2):
        add_keys(store, [new_key("RS256", 5), new_key("ES384", 5)], 5)
    store.connection.commit()
    assert sorted(key.algorithm for key in store.outbound_keys.all()) == ["ES384", "RS256"]
