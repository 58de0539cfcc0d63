"""XML signatures in SAML: exactly what was signed by a known certificate comes out, and nothing else is ever read.

A signature covers one element, named by id. Whoever verifies one element and reads another falls for signature wrapping; here the answer
*is* the canonical form of what the digest was computed over, parsed anew, so there is no other element to read.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography import x509
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.verifier import SignatureConfiguration, XMLVerifier

from akia.federation.saml_xml import DS, Unreadable, elements, only

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element as Element

_SIGNATURE = f"{DS}Signature"
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_EXCLUSIVE = frozenset({"http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"})

_METHODS = frozenset(
    {
        SignatureMethod.RSA_SHA256,
        SignatureMethod.RSA_SHA384,
        SignatureMethod.RSA_SHA512,
        SignatureMethod.ECDSA_SHA256,
        SignatureMethod.ECDSA_SHA384,
        SignatureMethod.ECDSA_SHA512,
        SignatureMethod.SHA256_RSA_MGF1,
        SignatureMethod.SHA384_RSA_MGF1,
        SignatureMethod.SHA512_RSA_MGF1,
    }
)
_DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})
"""No SHA-1, whose collisions are affordable; no HMAC, whose secret a certificate would have to be."""


class NotSigned(ValueError):
    """The signature does not hold, or not under a certificate that is known. Nothing more is told."""


def signature_of(element: Element) -> Element | None:
    """The signature of `element` itself. Raises Unreadable for several."""
    return only(element, _SIGNATURE)


def require_signatures_only_in(root: Element, *signable: Element) -> None:
    """Raises Unreadable if there is a signature anywhere but directly in one of the elements `signable`: it would vouch for something
    else."""
    known = {signature for element in signable if (signature := signature_of(element)) is not None}
    if set(root.iter(_SIGNATURE)) != known:
        raise Unreadable("a signature where none belongs")


def verified(element: Element, certificates: Sequence[bytes], now: int) -> Element:
    """What the signature directly in `element` covers, which is all of `element`, as a tree of its own.

    `certificates` (DER) are those of the provider; what the signature says of its key itself is not looked at. `now` (epoch seconds) must
    lie in the certificate's time. Raises NotSigned, Unreadable.
    """
    signature = signature_of(element)
    if signature is None:
        raise NotSigned("no signature")
    _require_covering(signature, element.get("ID", ""))
    for certificate in certificates:
        signed = _verified_by(element, certificate, now)
        if signed is not None and (signed.tag, signed.get("ID")) == (element.tag, element.get("ID")):
            return signed
    raise NotSigned("no certificate fits")


def _require_covering(signature: Element, name: str) -> None:
    """Raises NotSigned unless it refers to the element called `name`, once and to nothing else, as SAML prescribes (SAML core, 5.4)."""
    info = only(signature, f"{DS}SignedInfo")
    references = info.findall(f"{DS}Reference") if info is not None else []
    if not name or len(references) != 1 or references[0].get("URI") != f"#{name}" or signature.find(f"{DS}Object") is not None:
        raise NotSigned("another element is signed")
    transforms = only(references[0], f"{DS}Transforms")
    applied = [each.get("Algorithm") for each in elements(transforms)] if transforms is not None else []
    if not (len(applied) == 2 and applied[0] == _ENVELOPED and applied[1] in _EXCLUSIVE):
        raise NotSigned("other transforms than SAML's")


def _verified_by(element: Element, certificate: bytes, now: int) -> Element | None:
    configuration = SignatureConfiguration(
        location="./",
        expect_references=1,
        signature_methods=_METHODS,
        digest_algorithms=_DIGESTS,
        ignore_ambiguous_key_info=True,  # KeyInfo is the sender's word
        verification_time=datetime.fromtimestamp(now, UTC),
    )
    try:
        trusted = x509.load_der_x509_certificate(certificate)
        result = XMLVerifier().verify(element, x509_cert=trusted, id_attribute="ID", expect_config=configuration)
    except Exception:  # many kinds, of three libraries, and all mean the same: it does not hold
        return None
    signed: Element | None = result.signed_xml if not isinstance(result, list) else None
    return signed
