"""Temporary credentials: what a session may do is sealed into its token, so that any node verifies it without a look-up (W10.14, W10.15).

The token holds the session's claims and its secret, under an AEAD whose additional data is the access key id: a token belongs to one key
(NT-34), and a changed, cut or joined one does not open (NT-32). It dies with its principal (by unique id), by revocation (its session id),
or in time.
"""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from akia.aws.errors import PackedPolicyTooLarge
from akia.aws.ids import Prefix, new_id, new_secret
from akia.identity.session import Federation, LentRoot, Lineage, RoleChain, SessionFacts
from akia.keyring import Keyring, Purpose, Unsealable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.identity.session import Origin

LONGEST_TOKEN = 4_096
"""Characters, that is bytes. Larger ones would not fit into headers everywhere (W10.14)."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says: whose session it is and what it carries.

    `owner` is the unique id of the role or user, or the account id for root. `name` is that of the role session or of the federated user,
    empty otherwise.
    """

    account: str
    owner: str
    name: str
    access_key_id: str
    secret: str = field(repr=False)
    session: SessionFacts = field(repr=False)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client is given. `expires` is in epoch seconds; `packed` is how much of a token's room the session needs, in percent, whatever
    the token was stretched to."""

    access_key_id: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    expires: int
    packed: int

    @property
    def size(self) -> int:
        """Of the token, in bytes."""
        return len(self.token)

    @property
    def utilization(self) -> int:
        """How much of a token's room is used, in percent, rounded up."""
        return _percent(self.size)


class NotGenuine(Exception):
    """The token was not made here, was changed, or belongs to another key."""


class SessionTokens:
    """Makes and opens tokens."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def rekey(self, keyring: Keyring) -> None:
        """From now on only what `keyring` has sealed is genuine. A throw-away akia's reset ends all sessions so."""
        self._keyring = keyring

    def issue(self, account: str, owner: str, session: SessionFacts, name: str = "", *, least: int = 0) -> Credentials:
        """Fresh credentials for a session; `owner` and `name` as in Claims. The token is at least `least` characters long (W10.17).

        Raises PackedPolicyTooLarge if the session's policies and tags do not fit into a token.
        """
        key_id, secret = new_id(Prefix.SESSION_KEY, account), new_secret()
        packed = zlib.compress(orjson.dumps(_to_json(account, owner, name, secret, session)), 9)
        sealed = self._seal(key_id, packed)
        percent = _percent(-(-len(sealed) // 3) * 4)
        if percent > 100:
            raise _too_large(session, percent)
        lacking = -(-least // 4) * 3 - len(sealed)
        if lacking > 0:
            sealed = self._seal(key_id, packed + bytes(lacking))
        return Credentials(key_id, secret, b64encode(sealed).decode("ascii"), session.expires, percent)

    def open(self, access_key_id: str, token: bytes) -> Claims:
        """What a token claims. Raises NotGenuine. Whether it has expired, or its owner still lives, is the caller's question."""
        if len(token) > LONGEST_TOKEN:
            raise NotGenuine
        try:
            sealed = b64decode(token, validate=True)
            if b64encode(sealed) != token:
                raise NotGenuine  # another spelling of the same bytes
            packed = self._keyring.unseal(Purpose.SESSION_TOKENS, sealed, additional=access_key_id.encode())
        except (Unsealable, ValueError):
            raise NotGenuine from None
        claims = zlib.decompressobj().decompress(packed)  # stops where the padding begins
        return _from_json(access_key_id, orjson.loads(claims))

    def _seal(self, access_key_id: str, packed: bytes) -> bytes:
        return self._keyring.seal(Purpose.SESSION_TOKENS, packed, additional=access_key_id.encode())


def _percent(characters: int) -> int:
    return -(-100 * characters // LONGEST_TOKEN)


def _too_large(session: SessionFacts, percent: int) -> PackedPolicyTooLarge:
    """AWS's words: one sentence for tags alone, one if there are policies (P5.4-16)."""
    if session.policies:
        return PackedPolicyTooLarge(f"Packed policy consumes {percent}% of allotted space, please use smaller policy.")
    return PackedPolicyTooLarge(f"Packed size of session tags consumes {percent}% of allotted space.")


def _to_json(account: str, owner: str, name: str, secret: str, session: SessionFacts) -> Mapping[str, Any]:
    claims: dict[str, Any] = {
        "a": account,
        "o": owner,
        "n": name,
        "k": secret,
        "i": session.id,
        "t": session.issued,
        "e": session.expires,
    }
    if session.mfa_at is not None:
        claims["m"] = session.mfa_at
    if session.tags:
        claims["g"] = dict(session.tags)
    if session.transitive:
        claims["v"] = sorted(session.transitive)
    if session.source_identity is not None:
        claims["s"] = session.source_identity
    if session.policies:
        claims["p"] = [list(pair) for pair in session.policies]
    if session.delegate:
        claims["d"] = session.delegate
    if session.lineage is not None:
        claims["l"] = [session.lineage.key, session.lineage.restricted]
    return claims | _origin_to_json(session.origin)


def _origin_to_json(origin: Origin | None) -> dict[str, Any]:
    match origin:
        case Federation(provider=provider, keys=keys):
            return {"f": [provider, dict(keys)]}
        case RoleChain():
            return {"c": True}
        case LentRoot():
            return {"r": True}
        case None:
            return {}


def _from_json(access_key_id: str, claims: Mapping[str, Any]) -> Claims:
    session = SessionFacts(
        id=claims["i"],
        issued=claims["t"],
        expires=claims["e"],
        mfa_at=claims.get("m"),
        tags=claims.get("g", {}),
        transitive=frozenset(claims.get("v", ())),
        source_identity=claims.get("s"),
        policies=tuple((arn, text) for arn, text in claims.get("p", ())),
        origin=_origin_from_json(claims),
        delegate=claims.get("d", ""),
        lineage=Lineage(*claims["l"]) if "l" in claims else None,
    )
    return Claims(claims["a"], claims["o"], claims["n"], access_key_id, claims["k"], session)


def _origin_from_json(claims: Mapping[str, Any]) -> Origin | None:
    if "f" in claims:
        provider, keys = claims["f"]
        return Federation(provider, {key: value if isinstance(value, str) else tuple(value) for key, value in keys.items()})
    if "r" in claims:
        return LentRoot()
    return RoleChain() if "c" in claims else None
