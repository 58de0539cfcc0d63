"""Metadata documents: what is read, and what is not."""

from __future__ import annotations

import time

import pytest
from tests import saml
from tests.saml import at, metadata, pair

from akia.federation.saml_metadata import read
from akia.federation.saml_xml import Unreadable

IDP = "EntityDescriptor"


def test_entity_id_certificates_and_sign_on_addresses_are_read() -> None:
    found = read(metadata(pair("one"), pair("two")))
    assert [idp.entity_id for idp in found.idps] == [saml.ENTITY_ID]
    assert len(found.idps[0].certificates) == 2
    assert found.idps[0].endpoints == (("urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect", "https://idp.example.com/sso"),)
    assert found.valid_until is None


def test_an_end_is_read_in_seconds() -> None:
    assert abs((read(metadata(pair("one"), valid_until=at(3600))).valid_until or 0) - time.time() - 3600) < 5
    assert read(metadata(pair("one"), valid_until="2031-05-06T07:08:09+02:00")).valid_until == 1_935_810_489


def test_a_key_without_a_use_may_sign_and_one_for_encryption_may_not() -> None:
    assert read(metadata(pair("one"), uses="")).idps[0].certificates
    with pytest.raises(Unreadable, match="no signing certificate"):
        read(metadata(pair("one"), uses='use="encryption"'))


def test_several_providers_may_stand_in_one_document() -> None:
    both = [metadata(pair(name), entity_id=name).partition("\n")[2] for name in ("one", "two")]
    document = f'<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">{"".join(both)}</md:EntitiesDescriptor>'
    assert [idp.entity_id for idp in read(document).idps] == ["one", "two"]
    twice = f'<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">{both[0] * 2}</md:EntitiesDescriptor>'
    with pytest.raises(Unreadable, match="one entity id"):
        read(twice)
    many = "".join(metadata(pair("one"), entity_id=f"idp{number}").partition("\n")[2] for number in range(11))
    with pytest.raises(Unreadable, match="more than 10"):
        read(f'<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">{many}</md:EntitiesDescriptor>')


@pytest.mark.parametrize(
    "document",
    [
        "",
        "no XML",
        "<x/>",
        metadata(pair("one")).replace("EntityDescriptor", "Entity"),
        metadata(pair("one")).replace("IDPSSODescriptor", "SPSSODescriptor"),
        metadata(pair("one")).replace("SAML:2.0:protocol", "SAML:1.1:protocol"),
        metadata(pair("one")).replace(f'entityID="{saml.ENTITY_ID}"', ""),
        metadata(pair("one")).replace("SingleSignOnService", "SingleLogoutService"),
        metadata(pair("one")).replace("X509Certificate>MII", "X509Certificate>NII"),
        metadata(pair("one")).replace("X509Certificate>", "X509Certificate><!-- -->!"),
        metadata(pair("one"), valid_until="tomorrow"),
        metadata(pair("one")).replace('encoding="UTF-8"', 'encoding="UTF-16"'),
    ],
)
def test_what_is_no_metadata_of_a_provider_that_signs_is_refused(document: str) -> None:
    with pytest.raises(Unreadable):
        read(document)


@pytest.mark.parametrize("start", ["<!DOCTYPE x>", '<!DOCTYPE x [<!ENTITY a "b">]>', '<!DOCTYPE x SYSTEM "file:///etc/passwd">'])
def test_nt_90_no_document_type_is_read(start: str) -> None:
    declaration, newline, rest = metadata(pair("one")).partition("\n")
    with pytest.raises(Unreadable, match="document type"):
        read(f"{declaration}{newline}{start}{rest}")
