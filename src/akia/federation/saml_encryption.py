"""Encrypted assertions: AES under a fresh key, which RSA-OAEP wraps for one of the provider's private keys.

Not read: RSA with PKCS #1 v1.5 padding, which whoever may ask often enough can decrypt (Bleichenbacher), and triple DES. AES-CBC tells
nobody whether a ciphertext was tampered with (NT-32), and answers to altered ones can be turned into plaintext; it is only read where
the response's own signature, verified before, covers the ciphertext.
"""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, TypeVar

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from akia.federation.saml_xml import DS, SAML, XENC, Unreadable, only, parse, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lxml.etree import _Element as Element

LEAST_BITS = 2_048
"""Of private keys that providers are given."""

_XENC, _XENC11 = "http://www.w3.org/2001/04/xmlenc#", "http://www.w3.org/2009/xmlenc11#"
_GCM: Mapping[str, int] = {f"{_XENC11}aes{bits}-gcm": bits // 8 for bits in (128, 192, 256)}
_CBC: Mapping[str, int] = {f"{_XENC}aes{bits}-cbc": bits // 8 for bits in (128, 192, 256)}
_OAEP_SHA1 = f"{_XENC}rsa-oaep-mgf1p"
_OAEP = f"{_XENC11}rsa-oaep"
_DIGESTS: Mapping[str, type[hashes.HashAlgorithm]] = {
    "http://www.w3.org/2000/09/xmldsig#sha1": hashes.SHA1,
    f"{_XENC}sha256": hashes.SHA256,
    "http://www.w3.org/2001/04/xmldsig-more#sha384": hashes.SHA384,
    f"{_XENC}sha512": hashes.SHA512,
}
"""SHA-1 is sound here: OAEP needs no resistance to collisions."""
_MASKS: Mapping[str, type[hashes.HashAlgorithm]] = {
    f"{_XENC11}mgf1sha1": hashes.SHA1,
    f"{_XENC11}mgf1sha256": hashes.SHA256,
    f"{_XENC11}mgf1sha384": hashes.SHA384,
    f"{_XENC11}mgf1sha512": hashes.SHA512,
}
_NONCE, _BLOCK = 12, 16

T = TypeVar("T")


class NotDecrypted(ValueError):
    """Why is told to nobody: who sends altered ciphertexts learns from reasons."""


def private_key(pem: str) -> rsa.RSAPrivateKey:
    """The RSA key in `pem` (PKCS #1 or PKCS #8, not encrypted), checked thoroughly, which takes some milliseconds. Raises ValueError."""
    try:
        key = load_pem_private_key(pem.encode("ascii"), None)
    except Exception:  # of several kinds, and their texts may quote the key
        raise ValueError("not a private key") from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < LEAST_BITS:
        raise ValueError("not an RSA key of at least 2048 bits")
    return key


def decrypted(encrypted: Element, private_keys: Sequence[bytes], *, covered: bool) -> Element:
    """The assertion inside the `EncryptedAssertion` element, as a tree of its own.

    `private_keys` (PEM) are tried in turn. `covered` says that a verified signature covers the ciphertext. Raises NotDecrypted.
    """
    try:
        data = _required(only(encrypted, f"{XENC}EncryptedData"))
        algorithm = _algorithm(data)
        if algorithm in _CBC and not covered:
            raise NotDecrypted
        wrapped = _wrapped_key(encrypted, data)
        for pem in private_keys:
            content_key = _unwrapped(wrapped, pem)
            if content_key is not None:
                return _assertion(_plaintext(algorithm, content_key, _cipher_value(data)))
    except Exception:  # each of them means the same
        raise NotDecrypted from None
    raise NotDecrypted


def _assertion(plaintext: bytes) -> Element:
    root = parse(plaintext)
    if root.tag != f"{SAML}Assertion":
        raise NotDecrypted
    return root


def _wrapped_key(encrypted: Element, data: Element) -> Element:
    """The wrapped key, inside the data's KeyInfo or beside the data (SAML core 2.2.4 allows both)."""
    info = only(data, f"{DS}KeyInfo")
    inside = only(info, f"{XENC}EncryptedKey") if info is not None else None
    return _required(inside if inside is not None else only(encrypted, f"{XENC}EncryptedKey"))


def _unwrapped(wrapped: Element, pem: bytes) -> bytes | None:
    """The content key, or None if it was wrapped for another private key."""
    key = load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)  # it was validated when it came, and sealed since
    assert isinstance(key, rsa.RSAPrivateKey)
    method = _required(only(wrapped, f"{XENC}EncryptionMethod"))
    try:
        return key.decrypt(_cipher_value(wrapped), _oaep(method))
    except ValueError:
        return None


def _oaep(method: Element) -> OAEP:
    algorithm = method.get("Algorithm")
    if algorithm not in (_OAEP, _OAEP_SHA1) or only(method, f"{XENC}OAEPparams") is not None:
        raise NotDecrypted
    digest = only(method, f"{DS}DigestMethod")
    mask = only(method, f"{{{_XENC11}}}MGF") if algorithm == _OAEP else None
    hashed = hashes.SHA1 if digest is None else _DIGESTS[digest.get("Algorithm", "")]
    masked = hashes.SHA1 if mask is None else _MASKS[mask.get("Algorithm", "")]
    return OAEP(MGF1(masked()), hashed(), None)


def _plaintext(algorithm: str, key: bytes, sealed: bytes) -> bytes:
    if len(key) != (_GCM.get(algorithm) or _CBC[algorithm]):
        raise NotDecrypted
    if algorithm in _GCM:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
    cipher = Cipher(algorithms.AES(key), modes.CBC(sealed[:_BLOCK])).decryptor()
    padded = cipher.update(sealed[_BLOCK:]) + cipher.finalize()
    if not 1 <= padded[-1] <= _BLOCK:  # xmlenc pads with any bytes; only the last one counts
        raise NotDecrypted
    return padded[: -padded[-1]]


def _algorithm(data: Element) -> str:
    return _required(only(data, f"{XENC}EncryptionMethod")).get("Algorithm", "")


def _cipher_value(parent: Element) -> bytes:
    value = _required(only(_required(only(parent, f"{XENC}CipherData")), f"{XENC}CipherValue"))
    return b64decode("".join(text_of(value).split()), validate=True)


def _required(value: T | None) -> T:
    if value is None:
        raise Unreadable("a part is missing")
    return value
