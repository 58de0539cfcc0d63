"""An OpenID Connect provider for tests: keys, tokens of any shape, and its documents, without a socket."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import get_default_algorithms

from akia.outbound import OutboundError, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import World

ISSUER = "https://idp.example.com/realms/ci"
NAME = "idp.example.com/realms/ci"
CLIENT = "sts.amazonaws.com"
THUMBPRINT = "ab" * 20


@cache
def key_of(algorithm: str, which: str = "") -> Any:
    """A private key that suits the algorithm; one for each `which`."""
    curves = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
    if algorithm in curves:
        return ec.generate_private_key(curves[algorithm])
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa_key(which)


@cache
def rsa_key(which: str) -> Any:
    return rsa.generate_private_key(65_537, 2_048)


def part(value: Any) -> str:
    """A part of a token: `value` as JSON, or bytes as they are, in base64url."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Issuer:
    """A provider with one key for each of `algorithms`."""

    url: str = ISSUER
    algorithms: tuple[str, ...] = ("RS256",)
    which: str = ""
    asked: list[str] = field(default_factory=list)
    answers: bool = True
    extra_keys: list[Any] = field(default_factory=list)
    documents: dict[str, bytes] = field(default_factory=dict)

    def claims(self, **claims: Any) -> dict[str, Any]:
        """The claims of a good token, changed: None takes one out."""
        now = int(time.time())
        usual = {"iss": self.url, "sub": "repo:acme/app", "aud": CLIENT, "iat": now, "exp": now + 600}
        return {name: value for name, value in (usual | claims).items() if value is not None}

    def token(self, algorithm: Any = "RS256", header: Any = None, key: Any = None, **claims: Any) -> str:
        """A signed token; `header` and `claims` change the usual ones, None takes one out."""
        headers = {"alg": algorithm, "typ": "JWT", "kid": self.kid(algorithm)} | dict(header or {})
        return self.signed(algorithm, {n: v for n, v in headers.items() if v is not None}, self.claims(**claims), key)

    def signed(self, algorithm: str, header: Any, payload: Any, key: Any = None) -> str:
        """A token with exactly this header and payload."""
        signed = f"{part(header)}.{part(payload)}"
        private = key if key is not None else key_of(algorithm, self.which)
        return f"{signed}.{part(get_default_algorithms()[algorithm].sign(signed.encode(), private))}"

    def kid(self, algorithm: str = "RS256") -> str:
        return f"{algorithm}{self.which}"

    def keys(self) -> list[Any]:
        """Its public keys, as JSON web keys."""
        public = []
        for algorithm in self.algorithms:
            described = get_default_algorithms()[algorithm].to_jwk(key_of(algorithm, self.which).public_key(), as_dict=True)
            public.append(described | {"kid": self.kid(algorithm), "use": "sig", "alg": algorithm})
        return public + self.extra_keys

    def get(self, url: str, **_: Any) -> Reply:
        """What an outbound client would be answered."""
        self.asked.append(url)
        if not self.answers:
            raise OutboundError("no answer")
        usual = {
            f"{self.url}/.well-known/openid-configuration": json.dumps({"issuer": self.url, "jwks_uri": f"{self.url}/keys"}).encode(),
            f"{self.url}/keys": json.dumps({"keys": self.keys()}).encode(),
        }
        document = (usual | self.documents).get(url)
        if document is None:
            raise OutboundError("nobody is there")
        return Reply(200, {}, document)

    def thumbprint(self, url: str) -> str:
        if not self.answers:
            raise OutboundError("no answer")
        return THUMBPRINT


def known_to(akia: World, issuer: Issuer, *clients: str) -> str:
    """Register `issuer` in the account of `akia`, which asks it without a socket. Answers the provider's ARN."""
    akia.akia.authority.provider_keys.__dict__["client"] = issuer
    made = akia.client("iam").create_open_id_connect_provider(
        Url=issuer.url, ClientIDList=list(clients or (CLIENT,)), ThumbprintList=[THUMBPRINT]
    )
    return str(made["OpenIDConnectProviderArn"])


def trusting(provider: str, *actions: str, **condition: Any) -> dict[str, Any]:
    """A trust statement for the bearers of a provider's tokens."""
    named = ["sts:AssumeRoleWithWebIdentity", *actions]
    statement = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": named}
    return statement | ({"Condition": condition} if condition else {})


def role(akia: World, name: str, *trust: dict[str, Any], **options: Any) -> str:
    """A role with these trust statements, which may do everything. Answers its ARN."""
    iam = akia.client("iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": list(trust)})
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document, **options)
    everything = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=everything)
    return str(made["Role"]["Arn"])


def taker(akia: World) -> Callable[..., Any]:
    """AssumeRoleWithWebIdentity, of an unmodified client that signs nothing."""
    return akia.client("sts").assume_role_with_web_identity  # type: ignore[no-any-return]


def take(akia: World, arn: str, token: str, name: str = "build-1", **options: Any) -> Any:
    """What STS answers to whoever takes the role `arn` with `token`."""
    return taker(akia)(RoleArn=arn, RoleSessionName=name, WebIdentityToken=token, **options)
