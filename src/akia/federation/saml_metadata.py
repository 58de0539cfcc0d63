"""Metadata documents of identity providers: who they are, which certificates they sign with, where one signs in, until when it holds."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from akia.federation.saml_idp import Idp, Metadata
from akia.federation.saml_time import optional
from akia.federation.saml_xml import DS, MD, Unreadable, parse, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
MOST_IDPS = 10
MOST_KEYS = 10
"""AWS's quotas of one SAML provider."""
LEAST_BITS = 1_024
"""AWS's floor for the keys of certificates."""

_DESCRIPTOR = f"{MD}EntityDescriptor"


def read(document: str) -> Metadata:
    """What `document` says. Its own signature is not looked at: whoever may call CreateSAMLProvider vouches for it, as at AWS.

    Raises Unreadable if it is no metadata of an identity provider that can sign.
    """
    root = parse(document.encode("utf-8"))
    described = list(_descriptors(root))
    if not described:
        raise Unreadable("no identity provider")
    if len(described) > MOST_IDPS:
        raise Unreadable(f"more than {MOST_IDPS} identity providers")
    idps = tuple(_idp(entity, sso) for entity, sso in described)
    if len({idp.entity_id for idp in idps}) < len(idps):
        raise Unreadable("one entity id for two identity providers")
    if sum(len(idp.certificates) for idp in idps) > MOST_KEYS:
        raise Unreadable(f"more than {MOST_KEYS} keys")
    return Metadata(idps, _valid_until(root, described))


def _descriptors(root: Element) -> Iterator[tuple[Element, Element]]:
    """Each entity that is an identity provider for SAML 2.0, with its role descriptor; an aggregate may hold others beside it."""
    if root.tag not in (_DESCRIPTOR, f"{MD}EntitiesDescriptor"):
        raise Unreadable("not a metadata document")
    for entity in root.iter(_DESCRIPTOR):
        for role in entity.findall(f"{MD}IDPSSODescriptor"):
            if PROTOCOL in role.get("protocolSupportEnumeration", "").split():
                yield entity, role
                break


def _idp(entity: Element, role: Element) -> Idp:
    entity_id = entity.get("entityID", "")
    if not 1 <= len(entity_id) <= 1_024:
        raise Unreadable("no entity id")
    certificates = tuple(dict.fromkeys(_certificates(role)))
    if not certificates:
        raise Unreadable("no signing certificate")
    endpoints = tuple((each.get("Binding", ""), each.get("Location", "")) for each in role.findall(f"{MD}SingleSignOnService"))
    if not endpoints or not all(binding and location for binding, location in endpoints):
        raise Unreadable("no single sign-on service")
    return Idp(entity_id, certificates, endpoints)


def _certificates(role: Element) -> Iterator[bytes]:
    """Those of keys that may sign: a key descriptor without a use serves any."""
    for key in role.findall(f"{MD}KeyDescriptor"):
        if key.get("use", "signing") == "signing":
            for certificate in key.iter(f"{DS}X509Certificate"):
                yield _certificate(text_of(certificate))


def _certificate(text: str) -> bytes:
    try:
        der = b64decode(re.sub(r"\s+", "", text), validate=True)
        key = x509.load_der_x509_certificate(der).public_key()
    except Exception:  # the parser of certificates raises many kinds
        raise Unreadable("not a certificate") from None
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < LEAST_BITS:
        raise Unreadable("a key that is too short")
    if not isinstance(key, (rsa.RSAPublicKey, ec.EllipticCurvePublicKey)):
        raise Unreadable("a key that is neither RSA nor EC")
    return der


def _valid_until(root: Element, described: list[tuple[Element, Element]]) -> int | None:
    """The earliest end that is set anywhere that counts."""
    counting = [root, *(element for pair in described for element in pair)]
    ends = [end for end in (optional(element.get("validUntil")) for element in counting) if end is not None]
    return min(ends) if ends else None
