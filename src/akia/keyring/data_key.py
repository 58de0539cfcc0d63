"""Data keys, and the form of everything sealed.

    version (1 byte) | data key's id (8 bytes) | nonce (12 bytes) | AES-256-GCM ciphertext and tag

The tag also covers the version, the key's id, its purpose and the caller's additional data: a blob moved to another row, another
purpose or another key does not open (NT-31, NT-32). Nonces are random, so one data key seals at most 2^32 messages: rotate before.
A wrapped data key has the same form, with the fingerprint of its master key in the place of the id.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from akia.keyring.errors import Unsealable

if TYPE_CHECKING:
    from akia.keyring.master_key import MasterKey
    from akia.keyring.purpose import Purpose

_VERSION = b"\x01"
ID_LENGTH = 8
_NONCE_LENGTH = 12
_TAG_LENGTH = 16
_HEADER_LENGTH = len(_VERSION) + ID_LENGTH
_SHORTEST = _HEADER_LENGTH + _NONCE_LENGTH + _TAG_LENGTH
_KEY_LENGTH = 32


class DataKey:
    """A key that seals for one purpose. `id` is 8 random bytes, `created` epoch seconds; `repr` shows no key material (NT-67)."""

    __slots__ = ("_bytes", "_cipher", "created", "id", "purpose")

    def __init__(self, key_id: bytes, purpose: Purpose, created: int, key: bytes) -> None:
        if len(key_id) != ID_LENGTH or len(key) != _KEY_LENGTH:
            raise ValueError(f"a data key has an id of {ID_LENGTH} bytes and {_KEY_LENGTH} bytes of key")
        self.id = key_id
        self.purpose = purpose
        self.created = created
        self._bytes = key
        self._cipher = AESGCM(key)

    @classmethod
    def generate(cls, purpose: Purpose, created: int) -> DataKey:
        """A fresh key from the system's random generator (NT-33)."""
        return cls(secrets.token_bytes(ID_LENGTH), purpose, created, secrets.token_bytes(_KEY_LENGTH))

    def __repr__(self) -> str:
        return f"DataKey({self.id.hex()}, {self.purpose})"


def seal(data_key: DataKey, plaintext: bytes, *, additional: bytes) -> bytes:
    """`plaintext` sealed under `data_key`, bound to `additional`, which must be given again to unseal."""
    return _encrypt(data_key._cipher, _VERSION + data_key.id, plaintext, _scope(data_key.purpose, additional))


def unseal(data_key: DataKey, sealed: bytes, *, additional: bytes) -> bytes:
    """What `seal` was given. Raises Unsealable on any difference, of one bit too (NT-32)."""
    return _decrypt(data_key._cipher, _VERSION + data_key.id, sealed, _scope(data_key.purpose, additional))


def key_id_of(sealed: bytes) -> bytes:
    """The id of the data key that `sealed` claims to be sealed under. Raises Unsealable if it is not of our form."""
    if len(sealed) < _SHORTEST or not sealed.startswith(_VERSION):
        raise Unsealable("not of the form of a seal")
    return sealed[len(_VERSION) : _HEADER_LENGTH]


def wrap(master: MasterKey, data_key: DataKey) -> bytes:
    """The data key sealed under the master key, bound to its id, purpose and time."""
    return _encrypt(
        AESGCM(master.raw), _wrapped_header(master), data_key._bytes, _identity(data_key.id, data_key.purpose, data_key.created)
    )


def unwrap(master: MasterKey, wrapped: bytes, *, key_id: bytes, purpose: Purpose, created: int) -> DataKey:
    """The data key inside `wrapped`. Raises Unsealable if the master key is another, or the blob or what stands beside it was changed."""
    key = _decrypt(AESGCM(master.raw), _wrapped_header(master), wrapped, _identity(key_id, purpose, created))
    return DataKey(key_id, purpose, created, key)


def _wrapped_header(master: MasterKey) -> bytes:
    return _VERSION + bytes.fromhex(master.fingerprint)


def _identity(key_id: bytes, purpose: Purpose, created: int) -> bytes:
    return b"data key\0%b\0%b\0%d" % (key_id, purpose.encode("ascii"), created)


def _scope(purpose: Purpose, additional: bytes) -> bytes:
    return b"sealed\0%b\0%b" % (purpose.encode("ascii"), additional)


def _encrypt(cipher: AESGCM, header: bytes, plaintext: bytes, scope: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE_LENGTH)
    return header + nonce + cipher.encrypt(nonce, plaintext, header + scope)


def _decrypt(cipher: AESGCM, header: bytes, sealed: bytes, scope: bytes) -> bytes:
    if len(sealed) < _SHORTEST or not sealed.startswith(header):
        raise Unsealable("sealed under another key")
    body = sealed[_HEADER_LENGTH:]
    try:
        return cipher.decrypt(body[:_NONCE_LENGTH], body[_NONCE_LENGTH:], header + scope)
    except InvalidTag:
        raise Unsealable("damaged, or not where it was sealed") from None
