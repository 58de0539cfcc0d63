"""A SAML identity provider for tests: it makes metadata, and responses that are right unless told otherwise, or wrong in one way.

It signs by itself what it likes, so that attacks can be put together; `tests/clients` has a real provider beside it.
"""

from __future__ import annotations

import time
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from secrets import token_bytes, token_hex
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PKCS1v15
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.signer import XMLSigner

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lxml.etree import _Element as Element

SAML, SAMLP = "urn:oasis:names:tc:SAML:2.0:assertion", "urn:oasis:names:tc:SAML:2.0:protocol"
DS, XENC, XENC11 = "http://www.w3.org/2000/09/xmldsig#", "http://www.w3.org/2001/04/xmlenc#", "http://www.w3.org/2009/xmlenc11#"
NAMES = {"saml": SAML, "samlp": SAMLP, "ds": DS, "xenc": XENC}
SIGN_IN = "https://signin.aws.amazon.com/saml"
AWS = "https://aws.amazon.com/SAML/Attributes/"
ENTITY_ID = "https://idp.example.com/metadata"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"


class _AnyAlgorithm(XMLSigner):
    """Signs with SHA-1 too."""

    def check_deprecated_methods(self) -> None:
        pass


@dataclass(frozen=True)
class KeyPair:
    """A private key and a certificate of it."""

    key: Any
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        return str(self.key.private_bytes(encoding, form, serialization.NoEncryption()).decode())

    @property
    def certificate_pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def certificate_text(self) -> str:
        return b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()


@cache
def pair(name: str, *, days: int = 3650, since: int = -1, kind: str = "rsa", bits: int = 2048) -> KeyPair:
    """The key pair called `name`, the same whenever it is asked for; its certificate is good from `since` days from now for `days`."""
    key: Any = rsa.generate_private_key(65537, bits) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    begin = datetime.now(UTC) + timedelta(days=since)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    return KeyPair(key, certificate)


def at(seconds: float, epoch: float | None = None) -> str:
    """The time `seconds` from now, as SAML spells it."""
    return datetime.fromtimestamp((time.time() if epoch is None else epoch) + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def metadata(*pairs: KeyPair, entity_id: str = ENTITY_ID, valid_until: str | None = None, uses: str = 'use="signing"') -> str:
    """A metadata document that names the certificates of `pairs`."""
    keys = "".join(
        f"<md:KeyDescriptor {uses}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{each.certificate_text}</ds:X509Certificate>"
        "</ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        for each in pairs
    )
    until = f' validUntil="{valid_until}"' if valid_until else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="{DS}"'
        f' entityID="{entity_id}"{until}><md:IDPSSODescriptor protocolSupportEnumeration="{SAMLP}">{keys}'
        '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/sso"/>'
        "</md:IDPSSODescriptor></md:EntityDescriptor>"
    )


@dataclass
class Idp:
    """Somebody who signs with `pair`, and says of everybody what `roles`, `name` and `attributes` say."""

    pair: KeyPair
    roles: tuple[str, ...] = ()
    name: str = "alice"
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    entity_id: str = ENTITY_ID

    def assertion(
        self,
        *,
        subject: str = "alice@example.com",
        name_id: str | None = None,
        format: str = PERSISTENT,  # noqa: A002 - SAML's word
        recipient: str = SIGN_IN,
        audience: str | None = "urn:amazon:webservices",
        issued: float = 0,
        not_before: float | None = -5,
        until: float = 300,
        confirmed_until: float = 300,
        session_until: float | None = None,
        issuer: str | None = None,
        confirmations: int = 1,
        method: str = "urn:oasis:names:tc:SAML:2.0:cm:bearer",
        conditions: str = "",
        roles: tuple[str, ...] | None = None,
        id: str | None = None,  # noqa: A002 - SAML's word
        more: Mapping[str, tuple[str, ...]] | None = None,
    ) -> Element:
        """An assertion, unsigned. Times are in seconds from now."""
        own: dict[str, tuple[str, ...]] = {f"{AWS}Role": self.roles if roles is None else roles}
        own |= {f"{AWS}RoleSessionName": (self.name,)} if self.name else {}
        given = {**own, **self.attributes, **(more or {})}
        statement = "".join(_attribute(name, values) for name, values in given.items())
        begins = f' NotBefore="{at(not_before)}"' if not_before is not None else ""
        restriction = f"<saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction>" if audience else ""
        ends = f' SessionNotOnOrAfter="{at(session_until)}"' if session_until is not None else ""
        named = f'<saml:NameID Format="{format}">{subject}</saml:NameID>' if name_id is None else name_id
        confirmation = (
            f'<saml:SubjectConfirmation Method="{method}"><saml:SubjectConfirmationData InResponseTo="_never_asked"'
            f' NotOnOrAfter="{at(confirmed_until)}" Recipient="{recipient}"/></saml:SubjectConfirmation>'
        )
        return etree.fromstring(
            f'<saml:Assertion xmlns:saml="{SAML}" Version="2.0" ID="{id or "_" + token_hex(16)}" IssueInstant="{at(issued)}">'
            f"<saml:Issuer>{issuer or self.entity_id}</saml:Issuer><saml:Subject>{named}{confirmation * confirmations}</saml:Subject>"
            f'<saml:Conditions{begins} NotOnOrAfter="{at(until)}">{restriction}{conditions}</saml:Conditions>'
            f'<saml:AuthnStatement AuthnInstant="{at(0)}"{ends}><saml:AuthnContext><saml:AuthnContextClassRef>'
            "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext>"
            f"</saml:AuthnStatement><saml:AttributeStatement>{statement}</saml:AttributeStatement></saml:Assertion>"
        )

    def signed(self, element: Element, *, by: KeyPair | None = None, method: str = "RSA_SHA256", digest: str = "SHA256") -> Element:
        """`element` with a signature of its own, right after its Issuer."""
        signer = by or self.pair
        if isinstance(signer.key, ec.EllipticCurvePrivateKey):
            method = "ECDSA_SHA256"
        copy = etree.fromstring(etree.tostring(element))
        copy.insert(1, etree.fromstring(f'<ds:Signature xmlns:ds="{DS}" Id="placeholder"/>'))
        xml_signer = _AnyAlgorithm(
            signature_algorithm=SignatureMethod[method],
            digest_algorithm=DigestAlgorithm[digest],
            c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#",
        )
        signed = xml_signer.sign(copy, key=signer.key, cert=[signer.certificate], reference_uri=str(copy.get("ID")))
        return etree.fromstring(etree.tostring(signed))

    def wrapped(self, content: Element, *, status: str = SUCCESS) -> Element:
        """A Response around an assertion, plain or encrypted."""
        response = etree.fromstring(
            f'<samlp:Response xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}" Version="2.0" ID="_{token_hex(16)}" IssueInstant="{at(0)}"'
            f' Destination="{SIGN_IN}"><saml:Issuer>{self.entity_id}</saml:Issuer><samlp:Status><samlp:StatusCode Value="{status}"/>'
            "</samlp:Status></samlp:Response>"
        )
        response.append(content)
        return response

    def response(self, **options: Any) -> str:
        """A response whose assertion is signed. Options as of `assertion`."""
        return encoded(self.wrapped(self.signed(self.assertion(**options))))


def encoded(response: Element) -> str:
    return b64encode(etree.tostring(response)).decode()


def _attribute(name: str, values: tuple[str, ...]) -> str:
    shown = "".join(f"<saml:AttributeValue>{value}</saml:AttributeValue>" for value in values)
    return f'<saml:Attribute Name="{name}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri">{shown}</saml:Attribute>'


def encrypted(
    assertion: Element,
    key: KeyPair,
    *,
    algorithm: str = f"{XENC11}aes256-gcm",
    transport: str = f"{XENC}rsa-oaep-mgf1p",
    beside: bool = False,
    altered: Callable[[bytes], bytes] = bytes,
) -> Element:
    """`assertion` as an EncryptedAssertion for whoever holds `key`. `altered` maps the ciphertext to what is sent."""
    content_key = token_bytes(32 if "256" in algorithm else 16)
    sealed = altered(_sealed(etree.tostring(assertion), content_key, algorithm))
    padding: Any = PKCS1v15() if transport.endswith("1_5") else OAEP(MGF1(hashes.SHA1()), hashes.SHA1(), None)
    if transport == f"{XENC11}rsa-oaep":
        padding = OAEP(MGF1(hashes.SHA256()), hashes.SHA256(), None)
    methods = f'<ds:DigestMethod Algorithm="{XENC}sha256"/><e:MGF xmlns:e="{XENC11}" Algorithm="{XENC11}mgf1sha256"/>'
    wrapped = (
        f'<xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="{transport}">{methods if transport.endswith("rsa-oaep") else ""}'
        "</xenc:EncryptionMethod><xenc:CipherData><xenc:CipherValue>"
        f"{b64encode(key.key.public_key().encrypt(content_key, padding)).decode()}</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>"
    )
    inside = "" if beside else f"<ds:KeyInfo>{wrapped}</ds:KeyInfo>"
    return etree.fromstring(
        f'<saml:EncryptedAssertion xmlns:saml="{SAML}" xmlns:ds="{DS}" xmlns:xenc="{XENC}"><xenc:EncryptedData Type="{XENC}Element">'
        f'<xenc:EncryptionMethod Algorithm="{algorithm}"/>{inside}<xenc:CipherData><xenc:CipherValue>{b64encode(sealed).decode()}'
        f"</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>{wrapped if beside else ''}</saml:EncryptedAssertion>"
    )


def _sealed(text: bytes, key: bytes, algorithm: str) -> bytes:
    if "gcm" in algorithm:
        nonce = token_bytes(12)
        return nonce + AESGCM(key).encrypt(nonce, text, None)
    missing = 16 - len(text) % 16
    vector = token_bytes(16)
    cipher = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    return vector + cipher.update(text + bytes(missing - 1) + bytes([missing])) + cipher.finalize()
