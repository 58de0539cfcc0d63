"""Tokens that akia signs for others to believe, and the keys that it signs them with (SI17.5)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from akia.identity.outbound_key import OutboundKey, due, retired, signing_key
from akia.keyring import Unsealable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from akia.store.store import Store

LONGEST_PAYLOAD = 8_192
"""Bytes of the claims."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key pair that is not stored yet."""

    key: OutboundKey
    private: bytes = field(repr=False)


def new_key(algorithm: str, now: int) -> NewKey:
    """A new key pair for `algorithm`, RS256 or ES384. Takes a while: not for the thread that serves. `now` is in epoch seconds."""
    from uuid import uuid4

    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from jwt.algorithms import ECAlgorithm, RSAAlgorithm

    key_id = str(uuid4())
    private: Any
    if algorithm == "RS256":
        private = rsa.generate_private_key(65_537, 2_048)
        public = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    else:
        private = ec.generate_private_key(ec.SECP384R1())
        public = ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
    described = {name: value for name, value in public.items() if name != "key_ops"} | {"kid": key_id, "use": "sig", "alg": algorithm}
    encoded = private.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return NewKey(OutboundKey(key_id, algorithm, now, json.dumps(described, sort_keys=True)), encoded)


def add_keys(store: Store, keys: Iterable[NewKey], now: int) -> None:
    """Add those of `keys` that are needed still, and drop those that nobody needs any more. Inside a write transaction."""
    needed = due(store.outbound_keys.all(), now)
    for new in keys:
        if new.key.algorithm in needed:
            store.outbound_keys.add(new.key, new.private)
    for old in retired(store.outbound_keys.all(), now):
        store.outbound_keys.delete(old)


def signed(store: Store, algorithm: str, payload: bytes, now: int) -> str:
    """A token with the claims `payload` (JSON), signed by the key of `algorithm` that is in use. Raises LookupError if there is none."""
    key = signing_key(store.outbound_keys.all(), algorithm, now)
    if key is None:
        raise LookupError(f"there is no key for {algorithm}")
    try:
        private = store.outbound_keys.private(key)
    except Unsealable:
        raise LookupError(f"the key {key.id} cannot be read") from None
    from jwt.api_jws import PyJWS

    return PyJWS().encode(payload, _loaded(private), algorithm=algorithm, headers={"kid": key.id, "typ": "JWT"})


@lru_cache(maxsize=8)
def _loaded(private: bytes) -> Any:
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    return load_der_private_key(private, None)


def published(store: Store) -> Mapping[str, Any]:
    """The public halves of all keys, as a JSON web key set."""
    return {"keys": [json.loads(key.public) for key in store.outbound_keys.all()]}


def described(issuer: str, keys_url: str) -> Mapping[str, Any]:
    """What OpenID Connect Discovery says of the issuer."""
    return {
        "issuer": issuer,
        "jwks_uri": keys_url,
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES384"],
        "claims_supported": ["aud", "exp", "iat", "iss", "jti", "sub", "https://sts.amazonaws.com/"],
    }
