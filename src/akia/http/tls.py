"""Certificates: a private authority of this akia's own, and the check of a pair that somebody else has made.

The authority's certificate is what clients trust (`ca_bundle`). It lasts ten years; the server's lasts 397 days and is made anew
before it ends, or when the names change.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from akia.store.private_file import write_private

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

AUTHORITY_LASTS = timedelta(days=3653)
CERTIFICATE_LASTS = timedelta(days=397)
RENEWED_BEFORE = timedelta(days=30)
_SKEW = timedelta(hours=1)
"""Certificates are valid from an hour ago: clocks differ."""


class TlsError(Exception):
    """A certificate or key cannot be used. The message says which and why."""


class PrivateAuthority:
    """The authority in a directory: `ca.pem` and `ca.key`, and the server's `server.pem` and `server.key`.

    All of them are 0600 from their first moment (NT-68).
    """

    def __init__(self, directory: Path) -> None:
        self.bundle = directory / "ca.pem"
        self.certificate = directory / "server.pem"
        self.key = directory / "server.key"
        self._authority_key = directory / "ca.key"
        self._directory = directory

    def certify(self, names: Collection[str], now: datetime | None = None) -> None:
        """See to a certificate for `names` (host names and addresses) that does not end soon.

        Raises TlsError if files cannot be read or written.
        """
        now = now or datetime.now(UTC)
        wanted = _alternative_names(names)
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            authority = _load(self.bundle, self._authority_key)
            if authority is None or _ends_soon(authority[0], now):
                authority = self._new_authority(now)
            server = _load(self.certificate, self.key)
            if server is None or _ends_soon(server[0], now) or not _is_issued(server[0], authority[0], wanted):
                self._new_certificate(authority, wanted, now)
        except (OSError, ValueError) as error:
            raise TlsError(f"the private authority in {self._directory} cannot be used: {error}") from error

    def _new_authority(self, now: datetime) -> Pair:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"akia private authority {x509.random_serial_number():x}"[:60])])
        builder = _builder(name, name, key, now, now + AUTHORITY_LASTS)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
        certificate = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False).sign(key, SHA256())
        _save(certificate, self.bundle, key, self._authority_key)
        return certificate, key

    def _new_certificate(self, authority: Pair, names: frozenset[x509.GeneralName], now: datetime) -> None:
        issuer, issuer_key = authority
        key = ec.generate_private_key(ec.SECP256R1())
        ends = min(now + CERTIFICATE_LASTS, issuer.not_valid_after_utc)
        builder = _builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "akia")]), issuer.subject, key, now, ends)
        builder = builder.add_extension(x509.SubjectAlternativeName(sorted(names, key=str)), critical=False)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        _save(builder.sign(issuer_key, SHA256()), self.certificate, key, self.key)


Pair = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def check_pair(certificate: Path, key: Path) -> None:
    """Raises TlsError unless the files hold a certificate chain and its unencrypted private key, in PEM."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except ssl.SSLError as error:
        raise TlsError(f"{certificate} and {key} are not a certificate and its private key in PEM: {error.reason or error}") from None
    except OSError as error:
        raise TlsError(f"{certificate} and {key} cannot be read: {error.strerror}") from None


def _no_password() -> str:
    raise OSError(None, "the private key is encrypted")


def _alternative_names(names: Collection[str]) -> frozenset[x509.GeneralName]:
    """Addresses and host names. What cannot stand in a certificate is left out: nobody can connect by it either."""
    found: set[x509.GeneralName] = set()
    for name in names:
        try:
            found.add(x509.IPAddress(ip_address(name)))
        except ValueError:
            if name and name.isascii():
                found.add(x509.DNSName(name))
    return frozenset(found)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, ends: datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    return builder.serial_number(x509.random_serial_number()).not_valid_before(now - _SKEW).not_valid_after(ends)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _load(certificate: Path, key: Path) -> Pair | None:
    """The pair in two files; None if there is none, or if they do not belong together (the program ended between writing them)."""
    if not certificate.exists() or not key.exists():
        return None
    found, secret = x509.load_pem_x509_certificate(certificate.read_bytes()), load_pem_private_key(key.read_bytes(), None)
    belongs = isinstance(secret, ec.EllipticCurvePrivateKey) and secret.public_key() == found.public_key()
    return (found, secret) if belongs and isinstance(secret, ec.EllipticCurvePrivateKey) else None


def _save(certificate: x509.Certificate, path: Path, key: ec.EllipticCurvePrivateKey, key_path: Path) -> None:
    write_private(key_path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii"))
    write_private(path, certificate.public_bytes(Encoding.PEM).decode("ascii"))


def _ends_soon(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_after_utc - now < RENEWED_BEFORE


def _is_issued(certificate: x509.Certificate, issuer: x509.Certificate, names: frozenset[x509.GeneralName]) -> bool:
    """Whether `issuer` made `certificate` for exactly `names`."""
    held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return certificate.issuer == issuer.subject and frozenset(held) == names
