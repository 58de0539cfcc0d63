"""What comes out of a verified signature is what was signed, and nothing else."""

from __future__ import annotations

import time
from base64 import b64decode

import pytest
from lxml import etree
from tests.saml import NAMES, Idp, pair

from akia.federation.saml_metadata import read
from akia.federation.saml_signature import NotSigned, verified
from akia.federation.saml_xml import Unreadable, text_of

CERTIFICATE = b64decode(pair("idp").certificate_text)


def test_what_stands_beside_the_signed_text_does_not_come_out() -> None:
    source = Idp(pair("idp"))
    signed = source.signed(source.assertion())
    name = signed.find("saml:Subject/saml:NameID", NAMES)
    assert name is not None
    name.append(etree.Comment("unsigned"))
    told = verified(signed, [CERTIFICATE], int(time.time()))
    assert told is not signed
    assert b"unsigned" not in etree.tostring(told)
    assert told.find("ds:Signature", NAMES) is None
    assert told.getparent() is None


def test_each_certificate_is_tried_and_none_is_not_enough() -> None:
    source, other = Idp(pair("idp")), b64decode(pair("other").certificate_text)
    signed = source.signed(source.assertion())
    assert verified(signed, [other, CERTIFICATE], int(time.time())).tag == signed.tag
    for certificates in ([], [other], [b"no certificate"]):
        with pytest.raises(NotSigned):
            verified(signed, certificates, int(time.time()))


def test_the_clock_is_the_one_that_is_given() -> None:
    source = Idp(pair("idp"))
    signed = source.signed(source.assertion())
    for now in (0, int(time.time()) + 20 * 365 * 86_400):
        with pytest.raises(NotSigned):
            verified(signed, [CERTIFICATE], now)


def test_text_is_all_text_or_none() -> None:
    assert text_of(etree.fromstring("<a>x<!-- y -->z<?p q?>!</a>")) == "xz!"
    with pytest.raises(Unreadable):
        text_of(etree.fromstring("<a>x<b/>z</a>"))


def test_metadata_and_signature_agree_on_certificates() -> None:
    from tests.saml import metadata

    assert read(metadata(pair("idp"))).idps[0].certificates == (CERTIFICATE,)
