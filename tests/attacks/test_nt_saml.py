"""NT-90 and its kin, for SAML: forged, wrapped, altered, stolen and misdirected assertions lead to no session."""

from __future__ import annotations

import json
import random
import time
from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from lxml import etree
from signxml.algorithms import SignatureMethod
from signxml.signer import XMLSigner
from tests import saml
from tests.attacks.implemented import Told
from tests.attacks.signer import form
from tests.attacks.test_nt_total_facts import require_documented
from tests.conftest import World, policy
from tests.saml import AWS, DS, NAMES, SIGN_IN, XENC, XENC11, Idp, encoded, encrypted, metadata, pair

from akia.assembly import assemble
from akia.authority.facts import RequestFacts
from akia.aws.errors import AwsError
from akia.aws.ids import new_guid
from akia.federation.saml_metadata import read
from akia.federation.saml_response import Expected, open_response
from akia.pipeline.request import Request
from akia.pipeline.serve import Write
from akia.store.founding import KeyPair
from akia.testing.in_process import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lxml.etree import _Element as Element

NOT_SIGNED = ("InvalidIdentityToken", "Response signature invalid")
INVALID = ("InvalidIdentityToken", "Invalid SAML Assertion")
DENIED = ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML")
EXPIRED = "ExpiredTokenException"
ATTACKER = "mallory@example.com"


@dataclass
class Target:
    """An account whose role `admin` trusts the provider `Corp`, for whomever that names."""

    world: World
    provider: str
    role: str
    idp: Idp

    def send(self, response: str, **options: Any) -> Any:
        client = self.world.client("sts", config=Config(signature_version=UNSIGNED))
        named = {"RoleArn": self.role, "PrincipalArn": self.provider} | options
        return client.assume_role_with_saml(SAMLAssertion=response, **named)

    def refused(self, response: str, *codes: str, **options: Any) -> tuple[str, str]:
        """The code and message of the refusal, after which nothing has been used up."""
        with pytest.raises(ClientError) as caught:
            self.send(response, **options)
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] < 500
        error = caught.value.response["Error"]
        assert not codes or error["Code"] in codes, error
        return error["Code"], error["Message"]

    def open(self, response: str) -> Any:
        """What the engine alone makes of it."""
        expected = Expected(read(metadata(pair("idp"))).idps, (), False, frozenset({"urn:amazon:webservices"}), frozenset({SIGN_IN}))
        return open_response(response, expected, int(time.time()))


def trust(provider: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"]}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def made(world: World, name: str = "Corp", key: str = "idp") -> Target:
    iam = world.client("iam")
    provider = iam.create_saml_provider(Name=name, SAMLMetadataDocument=metadata(pair(key)))["SAMLProviderArn"]
    role = iam.create_role(RoleName=f"admin-{name}", AssumeRolePolicyDocument=trust(provider))["Role"]["Arn"]
    return Target(world, provider, role, Idp(pair(key), roles=(f"{role},{provider}",)))


@pytest.fixture(scope="module")
def target() -> Iterator[Target]:
    world = World(ACCOUNT)
    yield made(world)
    world.close()


def forged(target: Target, **options: Any) -> Element:
    """What an attacker would like to be believed, unsigned."""
    return target.idp.assertion(subject=ATTACKER, **options)


def copy(element: Element) -> Element:
    return etree.fromstring(etree.tostring(element))


def signature_in(element: Element) -> Element:
    found = element.find(f"{{{DS}}}Signature")
    assert found is not None
    return found


def without_signature(element: Element) -> Element:
    bare = copy(element)
    bare.remove(signature_in(bare))
    return bare


# Signatures that are none.


def test_nt_90_an_unsigned_assertion(target: Target) -> None:
    assert target.refused(encoded(target.idp.wrapped(target.idp.assertion()))) == NOT_SIGNED


def test_nt_90_a_key_that_nobody_registered_even_if_its_certificate_is_embedded(target: Target) -> None:
    stranger = pair("stranger")
    signed = target.idp.signed(target.idp.assertion(), by=stranger)
    assert signed.find(".//ds:KeyInfo//ds:X509Certificate", NAMES) is not None
    assert target.refused(encoded(target.idp.wrapped(signed))) == NOT_SIGNED
    disguised = etree.tostring(target.idp.wrapped(signed)).decode()
    shown = "".join(stranger.certificate_text.split())
    embedded = next(text for text in (signed.findtext(".//ds:X509Certificate", namespaces=NAMES),) if text)
    assert "".join(embedded.split()) == shown
    disguised = disguised.replace(embedded, pair("idp").certificate_text)
    assert target.refused(b64encode(disguised.encode()).decode()) == NOT_SIGNED


def test_nt_90_a_key_of_another_provider_of_the_account(target: Target) -> None:
    other = made(target.world, "Partner", "partner")
    assert target.refused(replace(target.idp, pair=pair("partner")).response()) == NOT_SIGNED
    assert other.refused(replace(other.idp, pair=pair("idp")).response()) == NOT_SIGNED
    through_the_other = replace(other.idp, roles=(f"{target.role},{other.provider}",))
    assert target.refused(through_the_other.response(), PrincipalArn=other.provider) == DENIED


@pytest.mark.parametrize("name", ["expired", "future"])
def test_nt_90_a_certificate_out_of_its_time(target: Target, name: str) -> None:
    key = pair("expired", days=1, since=-3) if name == "expired" else pair("future", since=3)
    iam = target.world.client("iam")
    provider = iam.create_saml_provider(Name=name, SAMLMetadataDocument=metadata(key))["SAMLProviderArn"]
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(provider))["Role"]["Arn"]
    source = Idp(key, roles=(f"{role},{provider}",))
    assert target.refused(source.response(), RoleArn=role, PrincipalArn=provider) == NOT_SIGNED


def test_nt_90_metadata_that_has_expired(target: Target) -> None:
    iam = target.world.client("iam")
    document = metadata(pair("idp"), valid_until=saml.at(-1))
    provider = iam.create_saml_provider(Name="Old", SAMLMetadataDocument=document)["SAMLProviderArn"]
    refused = target.refused(target.idp.response(), PrincipalArn=provider)
    assert refused == ("InvalidIdentityToken", "The metadata of the specified provider has expired")


@pytest.mark.parametrize("options", [{"method": "RSA_SHA1"}, {"digest": "SHA1"}, {"method": "RSA_SHA1", "digest": "SHA1"}])
def test_nt_90_signatures_with_sha_1(target: Target, options: dict[str, str]) -> None:
    signed = target.idp.signed(target.idp.assertion(), **options)  # type: ignore[arg-type]
    assert target.refused(encoded(target.idp.wrapped(signed))) == NOT_SIGNED


def test_nt_90_the_certificate_as_the_secret_of_an_hmac(target: Target) -> None:
    assertion = forged(target)
    assertion.insert(1, etree.fromstring(f'<ds:Signature xmlns:ds="{DS}" Id="placeholder"/>'))
    signer = XMLSigner(signature_algorithm=SignatureMethod.HMAC_SHA256, c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#")
    for secret in (pair("idp").certificate_pem, pair("idp").certificate_text):
        signed = signer.sign(copy(assertion), key=secret.encode(), reference_uri=str(assertion.get("ID")))
        assert target.refused(encoded(target.idp.wrapped(signed))) == NOT_SIGNED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("alice@example.com", ATTACKER),
        ("RoleSessionName", "SourceIdentity"),
        (">alice<", ">mallory<"),
        ("urn:amazon:webservices", "urn:amazon:webservice"),
        ("role/admin-Corp", "role/admin-corp"),
        ("SignatureValue>", "SignatureValue>AAAA"),
        ("DigestValue>", "DigestValue>AAAA"),
        ("exc-c14n#", "exc-c14n#WithComments"),
    ],
)
def test_nt_90_whatever_is_altered_breaks_the_signature(target: Target, old: str, new: str) -> None:
    text = b64decode(target.idp.response()).decode()
    assert old in text
    assert target.refused(b64encode(text.replace(old, new).encode()).decode(), "InvalidIdentityToken") == NOT_SIGNED


def test_nt_90_a_good_assertion_in_a_response_with_a_bad_signature(target: Target) -> None:
    source = target.idp
    response = source.signed(source.wrapped(source.signed(source.assertion())), by=pair("stranger"))
    assert target.refused(encoded(response)) == NOT_SIGNED
    response = source.signed(source.wrapped(source.signed(source.assertion(), by=pair("stranger"))))
    assert target.refused(encoded(response)) == NOT_SIGNED


# Wrapping: the signed element is still there, and another one is to be read. The numbers are those of the literature.


def xsw1(target: Target) -> Element:
    """The signed response inside the signature of a forged one."""
    original = target.idp.signed(target.idp.wrapped(target.idp.assertion()))
    evil = target.idp.wrapped(forged(target))
    evil.insert(1, copy(signature_in(original)))
    signature_in(evil).append(without_signature(original))
    return evil


def xsw2(target: Target) -> Element:
    """The signed response beside the signature in a forged one."""
    original = target.idp.signed(target.idp.wrapped(target.idp.assertion()))
    evil = target.idp.wrapped(forged(target))
    evil.insert(1, copy(signature_in(original)))
    evil.insert(1, without_signature(original))
    return evil


def xsw3(target: Target) -> Element:
    """A forged assertion before the signed one."""
    response = target.idp.wrapped(target.idp.signed(target.idp.assertion()))
    response.insert(2, forged(target))
    return response


def xsw4(target: Target) -> Element:
    """The signed assertion inside the forged one."""
    evil = forged(target)
    evil.append(target.idp.signed(target.idp.assertion()))
    return target.idp.wrapped(evil)


def xsw5(target: Target) -> Element:
    """The signature in the forged assertion, what it covers at the end."""
    original = target.idp.signed(target.idp.assertion())
    evil = forged(target)
    evil.insert(1, copy(signature_in(original)))
    response = target.idp.wrapped(evil)
    response.append(without_signature(original))
    return response


def xsw6(target: Target) -> Element:
    """The signature in the forged assertion, and what it covers in that."""
    original = target.idp.signed(target.idp.assertion())
    evil = forged(target)
    evil.insert(1, copy(signature_in(original)))
    signature_in(evil).append(without_signature(original))
    return target.idp.wrapped(evil)


def xsw7(target: Target) -> Element:
    """A forged assertion of the same id among the extensions."""
    original = target.idp.signed(target.idp.assertion())
    response = target.idp.wrapped(original)
    extensions = etree.fromstring(f'<samlp:Extensions xmlns:samlp="{saml.SAMLP}"/>')
    extensions.append(forged(target, id=original.get("ID")))
    response.insert(1, extensions)
    return response


def xsw8(target: Target) -> Element:
    """What is signed in an Object of the signature, which stands in a forged assertion of the same id."""
    original = target.idp.signed(target.idp.assertion())
    evil = forged(target, id=original.get("ID"))
    evil.insert(1, copy(signature_in(original)))
    holder = etree.SubElement(signature_in(evil), f"{{{DS}}}Object")
    holder.append(without_signature(original))
    return target.idp.wrapped(evil)


def under_the_response(target: Target) -> Element:
    """The signed assertion deep in the response, a forged one where it belongs, under another namespace prefix."""
    response = target.idp.wrapped(forged(target))
    holder = etree.SubElement(response, "{urn:other}Holder")
    holder.append(target.idp.signed(target.idp.assertion()))
    return response


def two_of_one_id(target: Target) -> Element:
    """The forged assertion goes by the signed one's id, in an attribute of another spelling."""
    original = target.idp.signed(target.idp.assertion())
    response = target.idp.wrapped(original)
    response.set("Id", str(original.get("ID")))
    return response


def signed_elsewhere(target: Target) -> Element:
    """The signature covers the response's status, and stands in the assertion."""
    response = target.idp.wrapped(forged(target))
    status = response.find("samlp:Status", NAMES)
    assert status is not None
    status.set("ID", "_status")
    other = etree.fromstring('<x ID="_status"><y/></x>')
    signed = target.idp.signed(other)
    assertion = response.find("saml:Assertion", NAMES)
    assert assertion is not None
    assertion.insert(1, copy(signature_in(signed)))
    return response


def two_signatures(target: Target) -> Element:
    """A good signature and a second one in the same assertion."""
    signed = target.idp.signed(target.idp.assertion())
    signed.insert(2, copy(signature_in(signed)))
    return target.idp.wrapped(signed)


def signature_in_a_value(target: Target) -> Element:
    """A signature of somebody else where a value is expected, in what the provider has signed."""
    assertion = target.idp.assertion(more={"urn:x": ("HERE",)})
    [value] = [each for each in assertion.iter(f"{{{saml.SAML}}}AttributeValue") if each.text == "HERE"]
    value.append(copy(signature_in(target.idp.signed(target.idp.assertion(), by=pair("stranger")))))
    return target.idp.wrapped(target.idp.signed(assertion))


def encrypted_beside(target: Target) -> Element:
    """A signed assertion, and an encrypted one beside it."""
    response = target.idp.wrapped(target.idp.signed(target.idp.assertion()))
    response.append(encrypted(forged(target), pair("sp")))
    return response


WRAPPINGS = [
    xsw1, xsw2, xsw3, xsw4, xsw5, xsw6, xsw7, xsw8, under_the_response, two_of_one_id, signed_elsewhere, two_signatures,
    signature_in_a_value, encrypted_beside,
]  # fmt: skip


@pytest.mark.parametrize("wrapping", WRAPPINGS, ids=lambda wrapping: wrapping.__name__)
def test_nt_90_signature_wrapping(target: Target, wrapping: Callable[[Target], Element]) -> None:
    assert target.refused(encoded(wrapping(target))) in (NOT_SIGNED, INVALID)


def test_nt_90_the_wrapped_originals_were_good(target: Target) -> None:
    """Else the attacks above would show nothing."""
    source = target.idp
    assert target.send(encoded(source.signed(source.wrapped(source.assertion()))))["Subject"] == "alice@example.com"
    assert target.send(encoded(source.wrapped(source.signed(source.assertion()))))["Subject"] == "alice@example.com"


def references_changed(target: Target, change: Callable[[Element], None]) -> str:
    """A response whose signed info is changed and signed again by the right key: what a careless provider might sign."""
    assertion = target.idp.signed(target.idp.assertion())
    info = assertion.find("ds:Signature/ds:SignedInfo", NAMES)
    value = assertion.find("ds:Signature/ds:SignatureValue", NAMES)
    assert info is not None
    assert value is not None
    change(info)
    data = etree.tostring(info, method="c14n", exclusive=True)
    value.text = b64encode(target.idp.pair.key.sign(data, PKCS1v15(), hashes.SHA256())).decode()
    return encoded(target.idp.wrapped(assertion))


def set_uri(uri: str | None, info: Element) -> None:
    reference = info.find("ds:Reference", NAMES)
    assert reference is not None
    if uri is None:
        del reference.attrib["URI"]
    else:
        reference.set("URI", uri)


def add_reference(info: Element) -> None:
    reference = info.find("ds:Reference", NAMES)
    assert reference is not None
    info.append(copy(reference))


def add_transform(algorithm: str, info: Element) -> None:
    transforms = info.find("ds:Reference/ds:Transforms", NAMES)
    assert transforms is not None
    etree.SubElement(transforms, f"{{{DS}}}Transform", Algorithm=algorithm)


TRANSFORMS = ("TR/1999/REC-xslt-19991116", "TR/1999/REC-xpath-19991116", "2002/06/xmldsig-filter2", "2000/09/xmldsig#base64")


@pytest.mark.parametrize(
    "change",
    [
        *(partial(set_uri, uri) for uri in (None, "", "#", "#other", "#xpointer(/)", "http://evil.example/x", "file:///etc/passwd")),
        add_reference,
        *(partial(add_transform, f"http://www.w3.org/{algorithm}") for algorithm in TRANSFORMS),
    ],
)
def test_nt_90_references_and_transforms_that_saml_does_not_know(target: Target, change: Callable[[Element], None]) -> None:
    assert target.refused(references_changed(target, change)) == NOT_SIGNED
    assert target.send(references_changed(target, lambda info: None))["Subject"]


# What a parser could be told.


@pytest.mark.parametrize(
    ("subject", "read"),
    [
        ("alice@example.com<!---->.evil.example", "alice@example.com.evil.example"),
        ("alice<!-- x -->@example.com", "alice@example.com"),
        ("<!---->alice@example.com<!---->", "alice@example.com"),
        ("alice@example.com<?x y?>.evil.example", "alice@example.com.evil.example"),
        ("alice@example.com<b/>.evil.example", None),
        ("<![CDATA[alice@example.com]]>.evil.example", "alice@example.com.evil.example"),
    ],
)
def test_nt_90_a_comment_does_not_end_a_name(target: Target, subject: str, read: str | None) -> None:
    """CVE-2017-11427: whoever is called alice@example.com.evil.example gets an assertion, and puts a comment into it."""
    good = target.idp.signed(target.idp.assertion(subject=subject.replace("<!---->", "").replace("<!-- x -->", "")))
    text = etree.tostring(target.idp.wrapped(good)).decode()
    plain = subject.replace("<!---->", "").replace("<!-- x -->", "")
    if "<![CDATA[" in plain:
        plain = "alice@example.com.evil.example"
    altered = text.replace(f">{plain}<", f">{subject}<")
    response = b64encode(altered.encode()).decode()
    if read is None:
        assert target.refused(response) == INVALID
    else:
        assert target.send(response)["Subject"] == read


def test_nt_90_comments_do_not_shorten_roles_or_session_names(target: Target) -> None:
    iam = target.world.client("iam")
    longer = iam.create_role(RoleName="admin-Corp-readonly", AssumeRolePolicyDocument=trust(target.provider))["Role"]["Arn"]
    source = replace(target.idp, name="alice-guest", roles=(f"{target.provider},{longer}",))
    text = b64decode(source.response()).decode()
    altered = text.replace("admin-Corp-readonly", "admin-Corp<!---->-readonly").replace("alice-guest", "alice<!---->-guest")
    assert altered.count("<!---->") == 2
    response = b64encode(altered.encode()).decode()
    assert target.refused(response) == DENIED
    assert target.send(response, RoleArn=longer)["AssumedRoleUser"]["Arn"].endswith("/alice-guest")


DOCTYPES = {
    "xxe": '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    "xxe by parameter": '<!DOCTYPE r [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x">%x;]>',
    "external": '<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd">',
    "laughs": "<!DOCTYPE r [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)) + "]>",
    "ids": "<!DOCTYPE r [<!ATTLIST saml:Assertion other ID #IMPLIED>]>",
}


@pytest.mark.parametrize("name", DOCTYPES)
def test_nt_90_document_types_are_not_read(target: Target, name: str) -> None:
    text = b64decode(target.idp.response()).decode()
    started = time.perf_counter()
    for body in (text, text.replace("alice@example.com", "&x;"), text.replace("alice@example.com", "&a11;")):
        response = b64encode((DOCTYPES[name] + body).encode()).decode()
        assert target.refused(response) == INVALID
    for encoding in ("utf-16", "utf-16-be", "utf-32"):
        response = b64encode((DOCTYPES[name] + text).encode(encoding)).decode()
        assert target.refused(response) == INVALID
    disguised = f'<?xml version="1.0" encoding="UTF-7"?>{DOCTYPES[name]}{text}'.encode("utf-7")
    assert target.refused(b64encode(disguised).decode()) == INVALID
    assert time.perf_counter() - started < 5


def test_nt_71_rubbish_gets_an_answer(target: Target) -> None:
    deep = b"<a>" * 20_000 + b"</a>" * 20_000
    for rubbish in (b"", b"<", b"\0" * 100, b"<x/>", deep[:70_000], b"\xff\xfe" * 50, b"<a b='1' b='2'/>", "<ä/>".encode("latin-1")):
        assert target.refused(b64encode(rubbish).decode().ljust(4, "="))[0] in ("InvalidIdentityToken", "ValidationError")
    for text in ("????", "äöü€", "AAAA=AAA", "-_-_", "A" * 100_000):
        assert target.refused(text)[0] == "InvalidIdentityToken"
    assert target.refused("A" * 100_001)[0] in ("ValidationError", "ParamValidationError")


def test_nt_90_no_flipped_byte_of_an_assertion_changes_what_it_says(target: Target) -> None:
    chance = random.Random("saml")
    text = b64decode(target.idp.response())
    told = target.open(b64encode(text).decode())
    begin, end = text.index(b"<saml:Assertion"), text.index(b"</saml:Assertion>")
    for _ in range(1_500):
        position = chance.randrange(begin, end)
        altered = text[:position] + bytes([chance.randrange(256)]) + text[position + 1 :]
        try:
            assert target.open(b64encode(altered).decode()) == told
        except AwsError as refused:
            assert refused.code in ("InvalidIdentityToken", "IDPRejectedClaim", EXPIRED)


# Whom, when and where it is for.


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"audience": "urn:other"}, ("InvalidIdentityToken", "Response does not contain the required audience.")),
        ({"audience": None}, ("InvalidIdentityToken", "Response does not contain the required audience.")),
        ({"audience": SIGN_IN + "/"}, ("InvalidIdentityToken", "Response does not contain the required audience.")),
        ({"recipient": "https://other.example/saml"}, ("InvalidIdentityToken", "Response does not contain the required recipient.")),
        ({"recipient": SIGN_IN + ".evil.example"}, ("InvalidIdentityToken", "Response does not contain the required recipient.")),
        ({"recipient": f"{SIGN_IN}/acs/SAMLSPOTHER"}, ("InvalidIdentityToken", "Response does not contain the required recipient.")),
        ({"recipient": ""}, ("InvalidIdentityToken", "Response does not contain the required recipient.")),
        ({"issued": -400}, (EXPIRED, "Token must be redeemed within 5 minutes of issuance")),
        ({"until": -70}, (EXPIRED, "The SAML Assertion has expired")),
        ({"confirmed_until": -70}, (EXPIRED, "The SAML Assertion has expired")),
        ({"session_until": -1}, (EXPIRED, "The session at the identity provider has ended")),
        ({"issued": 90}, ("InvalidIdentityToken", "The SAML Assertion is not yet valid")),
        ({"not_before": 90}, ("InvalidIdentityToken", "The SAML Assertion is not yet valid")),
        ({"issuer": "https://other.example"}, ("InvalidIdentityToken", "Issuer not present in specified provider")),
        ({"confirmations": 0}, INVALID),
        ({"confirmations": 2}, INVALID),
        ({"method": "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"}, INVALID),
        ({"method": "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"}, INVALID),
        ({"conditions": '<saml:Condition xmlns:x="urn:x"/>'}, INVALID),
        ({"conditions": "<saml:AudienceRestriction><saml:Audience>urn:other</saml:Audience></saml:AudienceRestriction>"},
         ("InvalidIdentityToken", "Response does not contain the required audience.")),
        ({"name_id": ""}, DENIED),
        ({"name_id": "<saml:NameID/>"}, DENIED),
        ({"subject": "alice\nadmin"}, INVALID),
        ({"roles": ()}, DENIED),
    ],
)  # fmt: skip
def test_nt_90_assertions_for_others_and_other_times(target: Target, options: dict[str, Any], expected: tuple[str, str]) -> None:
    assert target.refused(target.idp.response(**options)) == expected


def test_nt_90_clocks_may_differ_by_a_minute(target: Target) -> None:
    for options in ({"issued": 50}, {"not_before": 50}, {"until": -50}, {"confirmed_until": -50}, {"issued": -340}):
        assert target.send(target.idp.response(**options))["Subject"], options


def test_nt_90_an_assertion_that_never_ends_is_refused(target: Target) -> None:
    source = target.idp
    assertion = source.assertion()
    data = assertion.find(".//saml:SubjectConfirmationData", NAMES)
    assert data is not None
    del data.attrib["NotOnOrAfter"]
    assert target.refused(encoded(source.wrapped(source.signed(assertion)))) == INVALID


def test_nt_90_a_failed_login_is_no_login(target: Target) -> None:
    failed = target.idp.wrapped(target.idp.signed(target.idp.assertion()), status="urn:oasis:names:tc:SAML:2.0:status:Responder")
    assert target.refused(encoded(failed))[0] == "IDPRejectedClaim"


def test_nt_92_the_host_header_does_not_say_who_we_are(target: Target) -> None:
    client = target.world.client("sts", config=Config(signature_version=UNSIGNED))
    client.meta.events.register("before-sign", lambda request, **_: request.headers.add_header("Host", "other.example"))
    response = target.idp.response(recipient="http://other.example/saml", audience="http://other.example/saml")
    with pytest.raises(ClientError, match="required audience"):
        client.assume_role_with_saml(RoleArn=target.role, PrincipalArn=target.provider, SAMLAssertion=response)


# Replay.


def test_nt_90_an_assertion_is_good_once(target: Target) -> None:
    response = target.idp.response()
    target.send(response)
    used = ("InvalidIdentityToken", "The SAML Assertion has already been used")
    assert target.refused(response) == used
    again = etree.fromstring(b64decode(response))
    again.set("ID", "_another_response")
    assert target.refused(encoded(again)) == used
    assertion = again.find("saml:Assertion", NAMES)
    assert assertion is not None
    assert target.refused(encoded(target.idp.wrapped(copy(assertion)))) == used
    assert target.refused(response, DurationSeconds=900) == used


def test_nt_90_a_refused_call_uses_nothing_up(target: Target) -> None:
    response = target.idp.response()
    assert target.refused(response, DurationSeconds=3_601)[0] == "ValidationError"
    assert target.refused(response, Policy="{}")[0] == "MalformedPolicyDocument"
    assert target.refused(response, RoleArn=target.role + "x") == DENIED
    assert target.send(response)["Subject"]


def test_nt_90_an_assertion_used_in_another_worker_is_refused(target: Target) -> None:
    """Each worker has its own caches; what was used stands in the store."""
    first = target.world.akia
    second = assemble(first.store.another(), target.world.directory, account=ACCOUNT, durable=False, endpoint="http://akia.invalid")
    try:
        response = target.idp.response()
        target.send(response)
        direct, target.world._direct = target.world._direct, second.direct()
        try:
            assert target.refused(response)[1] == "The SAML Assertion has already been used"
        finally:
            target.world._direct = direct
    finally:
        second.close()


# What it offers.


def test_nt_90_only_the_pairs_that_the_assertion_names(target: Target) -> None:
    iam = target.world.client("iam")
    other = iam.create_role(RoleName="unoffered", AssumeRolePolicyDocument=trust(target.provider))["Role"]["Arn"]
    for roles in (
        (f"{target.role},{target.provider}x",),
        (target.role,),
        (f"{target.role};{target.provider}",),
        (f"{target.role},{target.role}",),
        (f"{target.role},{target.provider},{other}",),
        (f"{target.role.upper()},{target.provider}",),
    ):
        assert target.refused(target.idp.response(roles=roles)) == DENIED, roles
    assert target.refused(target.idp.response(), RoleArn=other) == DENIED
    elsewhere = replace(target.idp, roles=(), attributes={AWS.lower() + "Role": (f"{target.role},{target.provider}",)})
    assert target.refused(elsewhere.response()) == DENIED


def test_nt_40_permissions_of_whoever_signs_do_not_help(target: Target) -> None:
    admin = target.world.person("admin-of-all", {"Action": "*"})
    unoffered = target.idp.response(roles=())
    with pytest.raises(ClientError, match="Not authorized to perform sts:AssumeRoleWithSAML"):
        admin.client("sts").assume_role_with_saml(RoleArn=target.role, PrincipalArn=target.provider, SAMLAssertion=unoffered)


def test_nt_88_every_resource_and_condition_key_is_documented(target: Target) -> None:
    from akia.federation.saml_claims import _LISTS, _TEXTS

    everything = dict.fromkeys((*_LISTS, *_TEXTS), ("value",))
    answer = target.send(target.idp.response(more=everything | {f"{AWS}PrincipalTag:a": ("b",), f"{AWS}TransitiveTagKeys": ("a",)}))
    target.world.akia.authority.drain()
    [event] = target.world.akia.store.events.by_request_id(answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"])
    told = Told("", "", json.loads(event.decision))
    assert {action for action, _ in told.asked} == {"sts:AssumeRoleWithSAML", "sts:TagSession"}
    assert len([key for key in told.decisions[0]["context"] if key.startswith("saml:")]) > 28
    require_documented(told, ACCOUNT)


# NT-29, NT-32, NT-35, NT-38.


def seconds(answer: Any) -> float:
    return float(answer["Credentials"]["Expiration"].timestamp() - time.time())


def test_nt_29_the_session_ends_with_that_at_the_provider(target: Target) -> None:
    response = target.idp.response(session_until=1_200)
    assert 890 < seconds(target.send(response)) <= 1_200  # less than was asked for, an hour
    assert 890 < seconds(target.send(target.idp.response(session_until=1_200), DurationSeconds=3_600)) <= 1_200
    assert seconds(target.send(target.idp.response(session_until=1_200), DurationSeconds=900)) <= 900


def test_nt_29_what_is_chained_ends_no_later(target: Target) -> None:
    iam = target.world.client("iam")
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}}
    following = iam.create_role(RoleName="following", AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
    iam.put_role_policy(RoleName="admin-Corp", PolicyName="go", PolicyDocument=policy({"Action": "sts:AssumeRole"}))
    key = target.send(target.idp.response(session_until=1_000))["Credentials"]
    sts = target.world.client("sts", KeyPair(key["AccessKeyId"], key["SecretAccessKey"]), token=key["SessionToken"])
    assert seconds(sts.assume_role(RoleArn=following, RoleSessionName="next", DurationSeconds=3_600)) <= 1_000


@pytest.fixture(scope="module")
def with_key(target: Target) -> Target:
    """The provider can decrypt."""
    target.world.client("iam").update_saml_provider(SAMLProviderArn=target.provider, AddPrivateKey=pair("sp").pem)
    return target


def flipped(position: int, text: bytes) -> bytes:
    return text[:position] + bytes([text[position] ^ 1]) + text[position + 1 :]


def test_nt_32_altered_ciphertexts_all_get_one_answer(with_key: Target) -> None:
    source = with_key.idp
    signed = source.signed(source.assertion())
    for algorithm in (f"{XENC11}aes256-gcm", f"{XENC}aes256-cbc"):
        for position in (0, 15, 16, 40, -1, -17, -33):
            altered = encrypted(signed, pair("sp"), algorithm=algorithm, altered=partial(flipped, position))
            assert with_key.refused(encoded(source.wrapped(altered))) == NOT_SIGNED
        for cut in (0, 5, 12, 16, 28, 33):
            altered = encrypted(signed, pair("sp"), algorithm=algorithm, altered=lambda text, cut=cut: text[:cut])  # type: ignore[misc]
            assert with_key.refused(encoded(source.wrapped(altered))) == NOT_SIGNED


def test_nt_32_cbc_is_only_read_under_a_signature_that_covers_it(with_key: Target) -> None:
    source = with_key.idp
    inside = encrypted(source.signed(source.assertion()), pair("sp"), algorithm=f"{XENC}aes256-cbc")
    assert with_key.refused(encoded(source.wrapped(inside))) == NOT_SIGNED
    assert with_key.send(encoded(source.signed(source.wrapped(inside))))["Subject"]


@pytest.mark.parametrize(
    "options",
    [{"transport": f"{XENC}rsa-1_5"}, {"algorithm": f"{XENC}tripledes-cbc"}, {"algorithm": "urn:none"}, {"transport": "urn:none"}],
)
def test_nt_32_weak_and_unknown_encryption_is_not_read(with_key: Target, options: dict[str, str]) -> None:
    source = with_key.idp
    inside = encrypted(source.assertion(), pair("sp"), **options)  # type: ignore[arg-type]
    assert with_key.refused(encoded(source.signed(source.wrapped(inside)))) == NOT_SIGNED


def test_nt_90_encryption_is_no_signature(with_key: Target) -> None:
    """Everybody has the public key to encrypt with."""
    source = with_key.idp
    assert with_key.refused(encoded(source.wrapped(encrypted(source.assertion(), pair("sp"))))) == NOT_SIGNED
    forged_inside = encrypted(source.signed(forged(with_key), by=pair("stranger")), pair("sp"))
    assert with_key.refused(encoded(source.wrapped(forged_inside))) == NOT_SIGNED
    other = encrypted(source.signed(source.assertion(), by=pair("idp")), pair("other"))
    assert with_key.refused(encoded(source.wrapped(other))) == NOT_SIGNED


def test_nt_90_wrapping_inside_of_encryption(with_key: Target) -> None:
    source = with_key.idp
    evil = forged(with_key)
    evil.append(source.signed(source.assertion()))
    assert with_key.refused(encoded(source.wrapped(encrypted(evil, pair("sp"))))) == INVALID


def test_nt_35_names_of_the_privileged_are_names_like_others(target: Target) -> None:
    world = target.world
    boss = world.person("boss", {"Action": "*"})
    for name in ("root", "admin", "boss", ACCOUNT, "admin-Corp"):
        source = replace(target.idp, name=name)
        answer = target.send(source.response(subject=name))
        key = answer["Credentials"]
        pair_ = KeyPair(key["AccessKeyId"], key["SecretAccessKey"])
        identity = world.client("sts", pair_, token=key["SessionToken"]).get_caller_identity()
        assert identity["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/admin-Corp/{name}"
        with pytest.raises(ClientError, match="AccessDenied"):
            world.client("iam", pair_, token=key["SessionToken"]).list_users()
    assert boss.client("iam").list_users()


def test_nt_35_one_subject_of_two_providers_is_two_persons(target: Target) -> None:
    second = made(target.world, "Twin", "twin")
    one, two = target.send(target.idp.response()), second.send(second.idp.response())
    assert one["Subject"] == two["Subject"]
    assert one["NameQualifier"] != two["NameQualifier"]
    with pytest.raises(ClientError):
        target.send(target.idp.response(), PrincipalArn=second.provider)


def test_nt_38_roles_that_do_not_exist_look_like_roles_that_do_not_trust(target: Target) -> None:
    iam = target.world.client("iam")
    silent = iam.create_role(RoleName="silent", AssumeRolePolicyDocument=trust(target.provider + "x"))["Role"]["Arn"]
    for role in (silent, target.role.replace("admin-Corp", "no-such-role")):
        assert target.refused(target.idp.response(roles=(f"{role},{target.provider}",)), RoleArn=role) == DENIED


@pytest.mark.parametrize("change", ["deleted", "other certificate", "role does not trust it any more", "nothing"])
def test_nt_66_a_call_that_waits_for_its_turn_sees_what_has_changed_meanwhile(target: Target, change: str) -> None:
    """The assertion is proven when the call comes in; the session is made when its turn to write comes."""
    name = f"Waiting-{change.split()[0]}"
    waiting, akia = made(target.world, name), target.world.akia
    fields = {"RoleArn": waiting.role, "PrincipalArn": waiting.provider, "SAMLAssertion": waiting.idp.response()}
    facts = RequestFacts(new_guid(), time.time(), "10.9.8.7", secure=False, user_agent="", host="akia.local")
    unit, write = akia.pipeline.serve(Request(form("AssumeRoleWithSAML", "sts", **fields), facts))
    assert isinstance(write, Write), write
    iam = target.world.client("iam")
    if change == "deleted":
        iam.delete_saml_provider(SAMLProviderArn=waiting.provider)
    elif change == "other certificate":
        iam.update_saml_provider(SAMLProviderArn=waiting.provider, SAMLMetadataDocument=metadata(pair("other")))
    elif change == "nothing":
        iam.create_user(UserName="somebody-else")
    else:
        iam.update_assume_role_policy(RoleName=f"admin-{name}", PolicyDocument=trust(target.provider))
    batch = akia.writer.open()
    akia.pipeline.perform(write, batch)
    batch.commit()
    akia.committed(batch)
    codes = {"deleted": "InvalidIdentityToken", "other certificate": "InvalidIdentityToken", "nothing": None}
    assert (unit.error.code if unit.error else None) == codes.get(change, "AccessDenied")


def test_nt_36_a_provider_made_again_does_not_take_what_the_first_one_signed(target: Target) -> None:
    iam = target.world.client("iam")
    first = made(target.world, "Again", "again")
    response = first.idp.response()
    iam.delete_saml_provider(SAMLProviderArn=first.provider)
    assert first.refused(response) == ("InvalidIdentityToken", "Specified provider doesn't exist")
    iam.create_saml_provider(Name="Again", SAMLMetadataDocument=metadata(pair("again2")))
    assert first.refused(response) == NOT_SIGNED
