"""Security keys (FIDO2, WebAuthn): what one is asked to sign, and whether it has.

A key signs for one site: what it has signed elsewhere, for somebody who looks like akia, is worth nothing here.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson

from akia.aws.ids import new_guid
from akia.identity.mfa_device import REGISTRATION, SIGN_IN, SecurityKey, SecurityKeyChallenge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.identity.mfa_device import MfaDevice
    from akia.store.store import Store

SECONDS = 300
"""How long somebody may look for the key."""
_PORTS = {"http": 80, "https": 443}
_ALGORITHMS = (-8, -7, -257)
"""Ed25519, ECDSA on P-256, RSA with SHA-256, as COSE numbers them."""


class NotVerified(Exception):
    """That was signed by no key, by another one, for another site, in another session, or too late."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The site that keys sign for. `id` is a domain, empty if akia is reached by a number: browsers refuse to use keys there."""

    id: str
    origin: str

    @classmethod
    def at(cls, endpoint: str) -> RelyingParty:
        """The site at the URL `endpoint`. This machine's own addresses are called `localhost`, as browsers want it."""
        url = urlsplit(endpoint)
        host, port = url.hostname or "", url.port if url.port != _PORTS.get(url.scheme) else None  # browsers leave out the usual one
        try:
            name = "localhost" if ip_address(host).is_loopback else ""
        except ValueError:
            name = host
        return cls(name, f"{url.scheme}://{name}{f':{port}' if port else ''}")


class SecurityKeys:
    """Verifies keys for one site. `now` is in epoch seconds; `owner` is a user's id, or the account's for the root user."""

    def __init__(self, party: RelyingParty) -> None:
        self.party = party

    def begin_registration(
        self, store: Store, owner: str, account: str, key_name: str, display_name: str, now: int
    ) -> tuple[SecurityKeyChallenge, str]:
        """A fresh challenge, and what `navigator.credentials.create` is given, in JSON. Keys that the owner has already are excluded."""
        challenge = self._challenge(store, owner, account, REGISTRATION, key_name, now)
        options = {
            "rp": {"id": self.party.id, "name": "akia"},
            "user": {"id": _text(owner.encode()), "name": display_name, "displayName": display_name},
            "challenge": _text(challenge.challenge),
            "pubKeyCredParams": [{"type": "public-key", "alg": algorithm} for algorithm in _ALGORITHMS],
            "timeout": SECONDS * 1000,
            "excludeCredentials": _descriptors(_keys(store, owner)),
            "authenticatorSelection": {"residentKey": "discouraged", "userVerification": "discouraged"},
            "attestation": "none",
        }
        return challenge, orjson.dumps(options).decode()

    def registered(self, challenge: SecurityKeyChallenge, credential: str, serial: str) -> SecurityKey:
        """The key whose answer to `challenge` is `credential`, the JSON of a PublicKeyCredential. Slow at first. Raises NotVerified."""
        from webauthn import verify_registration_response  # costs a quarter of a second: only who has a key waits for it

        try:
            made = verify_registration_response(
                credential=credential,
                expected_challenge=challenge.challenge,
                expected_rp_id=self.party.id,
                expected_origin=self.party.origin,
            )
        except Exception:  # whatever a stranger's bytes do to the library, it has not verified them
            raise NotVerified from None
        return SecurityKey(serial, made.credential_id, made.credential_public_key, made.sign_count, made.aaguid)

    def begin_sign_in(self, store: Store, owner: str, account: str, now: int) -> str:
        """What `navigator.credentials.get` is given, in JSON, for a fresh challenge to the keys of `owner`."""
        challenge = self._challenge(store, owner, account, SIGN_IN, "", now)
        options = {
            "challenge": _text(challenge.challenge),
            "timeout": SECONDS * 1000,
            "rpId": self.party.id,
            "allowCredentials": _descriptors(_keys(store, owner)),
            "userVerification": "discouraged",
        }
        return orjson.dumps(options).decode()

    def signed_in(self, store: Store, owner: str, credential: str, now: int) -> MfaDevice:
        """The device whose answer to the challenge is `credential`. Inside a write transaction: a challenge serves once, right or wrong.

        Raises NotVerified. Undoing the transaction then would give the challenge back.
        """
        challenge = store.security_key_challenges.get(owner, SIGN_IN)
        if challenge is None or not store.security_key_challenges.delete(owner, SIGN_IN) or challenge.expires <= now:
            raise NotVerified
        key, sign_count = self._verified(store, challenge, credential)
        device = store.mfa_devices.get(key.serial)
        if device is None or device.owner != owner or not store.security_keys.count_use(key, sign_count):
            raise NotVerified
        return device

    def _verified(self, store: Store, challenge: SecurityKeyChallenge, credential: str) -> tuple[SecurityKey, int]:
        """Which key has signed `challenge`, and how often it has signed now. A count that went back is a copy's (NotVerified)."""
        from webauthn import verify_authentication_response
        from webauthn.helpers import parse_authentication_credential_json

        try:
            answer = parse_authentication_credential_json(credential)
            key = store.security_keys.with_credential(answer.raw_id)
            if key is None:
                raise NotVerified
            verified = verify_authentication_response(
                credential=answer,
                expected_challenge=challenge.challenge,
                expected_rp_id=self.party.id,
                expected_origin=self.party.origin,
                credential_public_key=key.public_key,
                credential_current_sign_count=key.sign_count,
            )
        except Exception:  # as above
            raise NotVerified from None
        return key, verified.new_sign_count

    def _challenge(self, store: Store, owner: str, account: str, purpose: str, name: str, now: int) -> SecurityKeyChallenge:
        made = SecurityKeyChallenge(owner, purpose, account, new_guid(), name, secrets.token_bytes(32), now + SECONDS)
        store.security_key_challenges.put(made, now)
        return made


def _keys(store: Store, owner: str) -> list[SecurityKey]:
    found = (store.security_keys.get(device.serial) for device in store.mfa_devices.of(owner) if not device.virtual)
    return [key for key in found if key is not None]


def _descriptors(keys: Sequence[SecurityKey]) -> list[dict[str, str]]:
    return [{"type": "public-key", "id": _text(key.credential)} for key in keys]


def _text(data: bytes) -> str:
    """WebAuthn's own base64url, without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
