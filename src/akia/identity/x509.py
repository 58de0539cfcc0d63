"""What an uploaded certificate says, whether it was issued by the next one of its chain, and whether a private key is its own.

Only what is proven is told. Texts must hold what they are meant to hold and nothing else: a comment, a second certificate or a key beside
it is refused, so that nothing is kept or shown that nobody has read. All of this is slow (milliseconds): call it in an operation's
`prepare`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

if TYPE_CHECKING:
    from collections.abc import Sequence

RSA_BITS = range(1_024, 16_384 + 1)
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)

_BLOCK = r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----"
_ONE = re.compile(rf"\s*{_BLOCK}\s*", re.ASCII)
_NEXT = re.compile(rf"\s*({_BLOCK})", re.ASCII)
_CHALLENGE = b"akia: is this the private key of the certificate?"

LEAF = -1
"""The certificate itself, among the positions of its chain."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """`fingerprint` is the SHA-256 of the certificate in hexadecimal; the times are in epoch seconds and belong to the valid span."""

    fingerprint: str
    not_before: int
    not_after: int


def read(text: str) -> Certificate:
    """The one certificate in `text`, PEM. Raises ValueError if it is not exactly that, or its key is neither RSA nor EC of a usual size."""
    found = _parsed(text)
    _public_key(found)
    begins, ends = found.not_valid_before_utc, found.not_valid_after_utc
    return Certificate(found.fingerprint(SHA256()).hex(), int(begins.timestamp()), int(ends.timestamp()))


def first_break(text: str, chain: str) -> int | None:
    """The position of the first certificate that the next one has not issued, counted in the chain from 0, `LEAF` for the certificate
    itself; None if the chain holds. What is not a chain of PEM certificates breaks where it stops being one."""
    certificates = [_parsed(text)]
    for block in _blocks(chain):
        issued = len(certificates) - 2
        try:
            certificates.append(_parsed(block))
        except ValueError:
            return issued + 1
        if not _issued_by(certificates[-2], certificates[-1]):
            return issued
    return LEAF if len(certificates) == 1 else None


def is_private_key_of(text: str, private_key: str) -> bool:
    """Whether `private_key`, PEM, is the key of the certificate in `text`: proven by a signature.

    Raises ValueError if it cannot be read, which goes for encrypted ones too. No message quotes it (NT-67).
    """
    public = _public_key(_parsed(text))
    try:
        # the library's own check looks for primes, which takes minutes for a long key; the signature proves more
        private = load_pem_private_key(private_key.encode("ascii"), None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("the private key cannot be read") from None
    if _encoded(private.public_key()) != _encoded(public):
        return False
    try:
        return _signs(private, public)
    except (ValueError, InvalidSignature):
        return False


def _signs(private: object, public: PublicKey) -> bool:
    """Raises InvalidSignature if it does not."""
    if isinstance(private, rsa.RSAPrivateKey) and isinstance(public, rsa.RSAPublicKey):
        if not _is_consistent(private.private_numbers()):
            return False
        public.verify(private.sign(_CHALLENGE, padding.PKCS1v15(), SHA256()), _CHALLENGE, padding.PKCS1v15(), SHA256())
        return True
    if isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(public, ec.EllipticCurvePublicKey):
        public.verify(private.sign(_CHALLENGE, ec.ECDSA(SHA256())), _CHALLENGE, ec.ECDSA(SHA256()))
        return True
    return False


def _is_consistent(key: rsa.RSAPrivateNumbers) -> bool:
    """Whether the shortcuts in a private key follow from the rest of it. Some that use the key go by them, others do not."""
    p, q, n = key.p, key.q, key.public_numbers.n
    return p > 1 and q > 1 and p * q == n and key.d % (p - 1) == key.dmp1 and key.d % (q - 1) == key.dmq1 and key.iqmp * q % p == 1


def _blocks(chain: str) -> Sequence[str]:
    """The PEM blocks of a chain; what stands between them and is no white space is a block too, and no certificate."""
    blocks, position = [], 0
    while found := _NEXT.match(chain, position):
        blocks.append(found[1])
        position = found.end()
    rest = chain[position:]
    return [*blocks, rest] if rest.strip() else blocks


def _parsed(text: str) -> x509.Certificate:
    if not _ONE.fullmatch(text):
        raise ValueError("not one PEM certificate")
    try:
        return x509.load_pem_x509_certificate(text.encode("ascii"))
    except (x509.InvalidVersion, UnsupportedAlgorithm):
        raise ValueError("not an X.509 certificate") from None


def _public_key(certificate: x509.Certificate) -> PublicKey:
    """Raises ValueError for a key that is neither RSA nor EC of a usual size."""
    try:
        key = certificate.public_key()
    except UnsupportedAlgorithm:
        raise ValueError("the certificate has a key of an unknown kind") from None
    if isinstance(key, rsa.RSAPublicKey) and key.key_size in RSA_BITS:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, CURVES):
        return key
    raise ValueError("the certificate's key is neither RSA nor EC of a usual size")


def _issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _encoded(key: object) -> bytes | None:
    """The public key as DER; None for kinds that no certificate here has."""
    if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return None
