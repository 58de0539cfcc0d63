"""AssumeRoleWithSAML, through boto3: who may, what the session is, what is answered and recorded."""

from __future__ import annotations

import hashlib
import json
import time
from base64 import b64encode
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from tests import saml
from tests.conftest import refusal as refused_with
from tests.saml import AWS, ENTITY_ID, SIGN_IN, Idp, encoded, encrypted, metadata, pair
from tests.services.sts.conftest import Realm, Session, document, trusting

if TYPE_CHECKING:
    from collections.abc import Callable

    from akia.testing.in_process import InProcess

DENIED = ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML")


def trust(provider: str, *actions: str, **condition: Any) -> dict[str, Any]:
    """A trust statement for bearers of assertions of `provider`."""
    statement = {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": ["sts:AssumeRoleWithSAML", *actions]}
    return statement | ({"Condition": condition} if condition else {})


@dataclass
class Federated:
    """An account with a SAML provider, an IdP behind it, and a role that trusts it."""

    realm: Realm
    provider: str
    role: str
    idp: Idp

    def call(self, response: str | None = None, **options: Any) -> dict[str, Any]:
        """What STS answers to `response`; by default a good one."""
        client = self.realm.akia.client("sts", config=Config(signature_version=UNSIGNED))
        named = {"RoleArn": self.role, "PrincipalArn": self.provider} | options
        answer: dict[str, Any] = client.assume_role_with_saml(SAMLAssertion=response or self.idp.response(), **named)
        return answer

    def session(self, response: str | None = None, **options: Any) -> Session:
        return Session(self.realm.akia, self.call(response, **options))

    def with_role(self, name: str, *statements: dict[str, Any], **options: Any) -> Federated:
        """The same IdP with another role, which the assertions offer."""
        role = self.realm.role(name, *statements, **options)
        return replace(self, role=role, idp=replace(self.idp, roles=(f"{role},{self.provider}",)))

    def saying(self, **attributes: str | tuple[str, ...]) -> Federated:
        """The same, with more of AWS's attributes in each assertion; `PrincipalTag_x` stands for `PrincipalTag:x`."""
        more = {AWS + name.replace("_", ":"): (value,) if isinstance(value, str) else value for name, value in attributes.items()}
        return replace(self, idp=replace(self.idp, attributes=dict(self.idp.attributes) | more))


@pytest.fixture
def refusal() -> Callable[..., tuple[str, str]]:
    """`refusal(call, …)`: the code and message that the call is refused with."""

    def told(call: Any, *arguments: Any, **named: Any) -> tuple[str, str]:
        code, _, message = refused_with(lambda: call(*arguments, **named))
        return code, message

    return told


@pytest.fixture
def idp(here: Realm) -> Federated:
    provider = here.iam.create_saml_provider(Name="Corp", SAMLMetadataDocument=metadata(pair("idp")))["SAMLProviderArn"]
    role = here.role("ops", trust(provider, "sts:TagSession", "sts:SetSourceIdentity"), may=({"Action": "iam:GetRole"},))
    return Federated(here, provider, role, Idp(pair("idp"), roles=(f"{role},{provider}",)))


# Taking a role.


def test_the_answer_tells_whom_the_assertion_names(idp: Federated, here: Realm) -> None:
    answer = idp.call()
    assert answer["Subject"] == "alice@example.com"
    assert answer["SubjectType"] == "persistent"
    assert answer["Issuer"] == ENTITY_ID
    assert answer["Audience"] == SIGN_IN
    hashed = hashlib.sha1(f"{ENTITY_ID}{here.account}/Corp".encode()).digest()
    assert answer["NameQualifier"] == b64encode(hashed).decode()
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{here.account}:assumed-role/ops/alice"
    assert answer["AssumedRoleUser"]["AssumedRoleId"].endswith(":alice")
    assert answer["SessionTokenSize"] == len(answer["Credentials"]["SessionToken"])
    assert {"SourceIdentity", "PackedPolicySize"}.isdisjoint(answer)


def test_the_credentials_are_a_session_of_the_role(idp: Federated, here: Realm, refusal: Any) -> None:
    session = idp.session()
    assert session.client("sts").get_caller_identity()["Arn"] == f"arn:aws:sts::{here.account}:assumed-role/ops/alice"
    assert session.client("iam").get_role(RoleName="ops")["Role"]["Arn"] == idp.role
    assert refusal(session.client("iam").list_users)[0] == "AccessDenied"
    assert refusal(session.client("sts").get_session_token)[0] == "AccessDenied"


@pytest.mark.parametrize("shape", ["assertion", "response", "both"])
def test_a_signature_over_the_assertion_or_the_response_or_both(idp: Federated, shape: str) -> None:
    source = idp.idp
    assertion = source.assertion() if shape == "response" else source.signed(source.assertion())
    response = source.wrapped(assertion)
    assert idp.call(encoded(response if shape == "assertion" else source.signed(response)))["Subject"] == "alice@example.com"


@pytest.mark.parametrize("method", ["RSA_SHA256", "RSA_SHA384", "RSA_SHA512", "SHA256_RSA_MGF1", "ec"])
def test_signatures_of_today(idp: Federated, here: Realm, method: str) -> None:
    source = idp.idp
    if method == "ec":
        here.iam.update_saml_provider(SAMLProviderArn=idp.provider, SAMLMetadataDocument=metadata(pair("ec", kind="ec")) + " " * 100)
        source = replace(source, pair=pair("ec", kind="ec"))
    assert idp.call(encoded(source.wrapped(source.signed(source.assertion(), method=method))))["Subject"]


def test_every_certificate_of_the_metadata_counts_until_it_is_removed(idp: Federated, here: Realm, refusal: Any) -> None:
    after = replace(idp.idp, pair=pair("next"))
    assert refusal(idp.call, after.response()) == ("InvalidIdentityToken", "Response signature invalid")
    here.iam.update_saml_provider(SAMLProviderArn=idp.provider, SAMLMetadataDocument=metadata(pair("idp"), pair("next")))
    assert idp.call(after.response())["Subject"]
    assert idp.call()["Subject"]
    here.iam.update_saml_provider(SAMLProviderArn=idp.provider, SAMLMetadataDocument=metadata(pair("next")))
    assert refusal(idp.call) == ("InvalidIdentityToken", "Response signature invalid")
    here.iam.delete_saml_provider(SAMLProviderArn=idp.provider)
    assert refusal(idp.call, after.response()) == ("InvalidIdentityToken", "Specified provider doesn't exist")


def test_role_and_provider_stand_in_either_order_and_one_of_many_is_chosen(idp: Federated, refusal: Any) -> None:
    other = idp.with_role("other", trust(idp.provider))
    both = replace(idp.idp, roles=(f" {idp.provider} , {idp.role} ", f"{other.role},{idp.provider}"))
    assert idp.call(both.response())["AssumedRoleUser"]["Arn"].endswith("/ops/alice")
    assert other.call(both.response())["AssumedRoleUser"]["Arn"].endswith("/other/alice")
    assert refusal(other.call, idp.idp.response()) == DENIED


@pytest.mark.parametrize(
    ("format", "shown"),
    [
        ("urn:oasis:names:tc:SAML:2.0:nameid-format:transient", "transient"),
        ("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress", "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"),
    ],
)
def test_formats_of_names(idp: Federated, format: str, shown: str) -> None:  # noqa: A002 - SAML's word
    assert idp.call(idp.idp.response(format=format))["SubjectType"] == shown


@pytest.mark.parametrize("place", ["own", "region", "provider"])
def test_recipients_are_awss_pages_and_akias_own(idp: Federated, here: Realm, place: str) -> None:
    uuid = here.iam.get_saml_provider(SAMLProviderArn=idp.provider)["SAMLProviderUUID"]
    recipient = {
        "own": "http://akia.invalid/saml",
        "region": "https://eu-central-1.signin.aws.amazon.com/saml",
        "provider": f"{SIGN_IN}/acs/{uuid}",
    }[place]
    answer = idp.call(idp.idp.response(recipient=recipient, audience=recipient))
    assert answer["Audience"] == recipient


# The trust policy decides.


def test_p2_3_1_only_federated_trusts_a_provider(idp: Federated, here: Realm, refusal: Any) -> None:
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "sts:*"}
    for number, statement in enumerate(
        [
            everybody,
            trusting(here.account, actions=("sts:AssumeRoleWithSAML",)),
            trust(idp.provider.replace("Corp", "corp")),
            trust(idp.provider) | {"Action": "sts:AssumeRole"},
            trust(idp.provider) | {"Action": "sts:AssumeRoleWithWebIdentity"},
        ]
    ):
        assert refusal(idp.with_role(f"r{number}", statement).call) == DENIED
    absent = replace(idp, role=here.arn("role/nobody"), idp=replace(idp.idp, roles=(f"{here.arn('role/nobody')},{idp.provider}",)))
    assert refusal(absent.call) == DENIED


def test_an_explicit_deny_in_the_trust_policy_wins(idp: Federated, refusal: Any) -> None:
    deny = trust(idp.provider, StringEquals={"saml:sub": "alice@example.com"}) | {"Effect": "Deny"}
    role = idp.with_role("r", trust(idp.provider), deny)
    assert refusal(role.call) == DENIED
    assert role.call(role.idp.response(subject="bob"))["Subject"] == "bob"


AFFILIATION = "saml:edupersonaffiliation"
EDU = "urn:oid:1.3.6.1.4.1.5923.1.1.1."


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ({"StringEquals": {"saml:aud": SIGN_IN}}, {"StringEquals": {"saml:aud": "urn:amazon:webservices"}}),
        ({"StringEquals": {"SAML:iss": ENTITY_ID}}, {"StringEquals": {"saml:iss": "other"}}),
        ({"StringEquals": {"saml:sub": "alice@example.com"}}, {"StringEquals": {"saml:sub": "alice"}}),
        ({"StringEquals": {"saml:sub_type": "persistent"}}, {"StringEquals": {"saml:sub_type": "transient"}}),
        ({"StringEquals": {"saml:doc": "ACCOUNT/Corp"}}, {"StringEquals": {"saml:doc": "ACCOUNT/Other"}}),
        ({"StringEquals": {"saml:namequalifier": "QUALIFIER"}}, {"StringEquals": {"saml:namequalifier": "x"}}),
        (
            {"ForAnyValue:StringEquals": {"saml:edupersonaffiliation": "staff"}},
            {"ForAnyValue:StringEquals": {AFFILIATION: "x"}},
        ),
        (
            {"ForAllValues:StringLike": {"saml:eduPersonAffiliation": "s*"}},
            {"ForAllValues:StringEquals": {"saml:edupersonaffiliation": "staff"}},
        ),
        ({"ForAnyValue:StringEquals": {"saml:cn": "Alice"}}, {"ForAnyValue:StringEquals": {"saml:cn": "Bob"}}),
        ({"StringEquals": {"saml:edupersonorgdn": "o=corp"}}, {"StringEquals": {"saml:edupersonorgdn": "o=other"}}),
        ({"StringEquals": {"saml:mail": "first@example.com"}}, {"StringEquals": {"saml:mail": "second@example.com"}}),
        ({"Null": {"saml:uid": "true"}}, {"Null": {"saml:uid": "false"}}),
        ({"StringEquals": {"sts:RoleSessionName": "alice"}}, {"StringEquals": {"sts:RoleSessionName": "bob"}}),
        ({"StringEquals": {"aws:ResourceTag/team": "a"}}, {"StringEquals": {"aws:ResourceTag/team": "b"}}),
        ({"Null": {"aws:PrincipalArn": "true"}}, {"Null": {"aws:PrincipalArn": "false"}}),
    ],
)
def test_conditions_see_what_the_assertion_says(
    idp: Federated, here: Realm, refusal: Any, good: dict[str, Any], bad: dict[str, Any]
) -> None:
    attributes = {
        f"{EDU}1": ("staff", "student"),
        f"{EDU}3": ("o=corp",),
        "urn:oid:2.5.4.3": ("Alice", "Alice A."),
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress": ("first@example.com", "second@example.com"),
    }
    source = replace(idp, idp=replace(idp.idp, attributes=attributes))
    qualifier = b64encode(hashlib.sha1(f"{ENTITY_ID}{here.account}/Corp".encode()).digest()).decode()

    def filled(condition: dict[str, Any]) -> dict[str, Any]:
        text = json.dumps(condition).replace("ACCOUNT", here.account).replace("QUALIFIER", qualifier)
        return dict(json.loads(text))

    tags = [{"Key": "team", "Value": "a"}]
    assert source.with_role("good", trust(idp.provider, **filled(good)), Tags=tags).call()["Subject"]
    assert refusal(source.with_role("bad", trust(idp.provider, **filled(bad)), Tags=tags).call) == DENIED


def test_keys_that_last_are_seen_by_later_calls_and_the_others_are_not(idp: Federated, here: Realm, refusal: Any) -> None:
    attributes = {f"{EDU}1": ("staff",)}
    source = replace(idp, idp=replace(idp.idp, attributes=attributes))
    lasting = {"StringEquals": {"saml:sub": "alice@example.com", "saml:sub_type": "persistent", "aws:FederatedProvider": idp.provider}}
    gone = {"ForAnyValue:StringEquals": {"saml:edupersonaffiliation": "staff"}}
    here.iam.put_role_policy(
        RoleName="ops",
        PolicyName="more",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*", "Condition": lasting},
                    {"Effect": "Allow", "Action": "iam:ListGroups", "Resource": "*", "Condition": gone},
                ],
            }
        ),
    )
    client = source.session().client("iam")
    client.list_users()
    assert refusal(client.list_groups)[0] == "AccessDenied"


def test_role_and_provider_of_different_accounts_do_not_meet(idp: Federated, there: Realm, refusal: Any) -> None:
    role = there.role("theirs", trust(idp.provider))
    offered = replace(idp, role=role, idp=replace(idp.idp, roles=(f"{role},{idp.provider}",)))
    assert refusal(offered.call) == DENIED


# What the session carries.


def test_session_tags_come_from_the_assertion_and_pass_along(idp: Federated, here: Realm, refusal: Any) -> None:
    tagged = idp.saying(PrincipalTag_Project="Blue", PrincipalTag_Cost="1", TransitiveTagKeys=("Project",))
    answer = tagged.call()
    assert answer["PackedPolicySize"] > 0
    session = Session(here.akia, answer)
    facts = here.akia.akia.authority.tokens.open(session.key.access_key_id, session.token.encode()).session
    assert (dict(facts.tags), facts.transitive) == ({"Project": "Blue", "Cost": "1"}, frozenset({"Project"}))
    untagged = idp.with_role("plain", trust(idp.provider)).saying(PrincipalTag_Project="Blue")
    assert refusal(untagged.call) == ("AccessDenied", "Not authorized to perform sts:TagSession")
    condition = {"StringEquals": {"aws:RequestTag/Project": "Blue"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["Project"]}}
    narrow = idp.with_role("narrow", trust(idp.provider, "sts:TagSession", **condition))
    assert narrow.saying(PrincipalTag_Project="Blue").call()["Subject"]
    assert refusal(narrow.saying(PrincipalTag_Project="Red").call)[0] == "AccessDenied"
    assert refusal(narrow.saying(PrincipalTag_Project="Blue", PrincipalTag_Cost="1").call)[0] == "AccessDenied"


@pytest.mark.parametrize(
    "said",
    [
        {"PrincipalTag_a": ("1", "2")},
        {"PrincipalTag_a": ()},
        {"PrincipalTag_": "1"},
        {"PrincipalTag_a": "x" * 257},
        {"PrincipalTag_a": "*"},
        {"RoleSessionName": ("a1", "b1")},
        {"SourceIdentity": ("aa", "bb")},
        {"SessionDuration": ("900", "901")},
        {"SessionDuration": "899"},
        {"SessionDuration": "43201"},
        {"SessionDuration": "-900"},
        {"SessionDuration": "an hour"},
    ],
)
def test_attributes_that_mean_nothing_certain_are_refused(idp: Federated, refusal: Any, said: dict[str, Any]) -> None:
    assert refusal(idp.saying(**said).call)[0] == "InvalidIdentityToken"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"TransitiveTagKeys": ("absent",)}, "InvalidParameterValue"),
        ({"PrincipalTag_a": "1", "PrincipalTag_A": "2"}, "InvalidParameterValue"),
        ({"PrincipalTag_aws:x": "1"}, "ValidationError"),
    ],
)
def test_p5_3_7_rules_of_session_tags_hold(idp: Federated, refusal: Any, said: dict[str, Any], code: str) -> None:
    assert refusal(idp.saying(**said).call)[0] == code


def test_si17_3_the_source_identity_comes_from_the_assertion(idp: Federated, here: Realm, refusal: Any) -> None:
    named = idp.saying(SourceIdentity="alice-a")
    answer = named.call()
    assert answer["SourceIdentity"] == "alice-a"
    chained = here.role("next", trusting(here.account, actions=("sts:AssumeRole", "sts:SetSourceIdentity")))
    here.iam.put_role_policy(
        RoleName="ops",
        PolicyName="go",
        PolicyDocument=document({"Action": "sts:*"}),
    )
    assert here.take(Session(here.akia, answer), chained).answer["SourceIdentity"] == "alice-a"
    assert refusal(idp.with_role("plain", trust(idp.provider)).saying(SourceIdentity="alice-a").call) == (
        "AccessDenied",
        "Not authorized to perform sts:SetSourceIdentity",
    )
    wrong = 'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"'
    for odd in ("a", "a b", "x" * 65, "äö"):
        assert refusal(idp.saying(SourceIdentity=odd).call) == ("InvalidIdentityToken", wrong)


def test_the_session_name_is_required_and_has_a_form(idp: Federated, refusal: Any) -> None:
    nameless = replace(idp, idp=replace(idp.idp, name=""))
    assert refusal(nameless.call) == ("InvalidIdentityToken", "RoleSessionName is required in AuthnResponse")
    for odd in ("a", "a b", " alice", "x" * 65, "älice", "a/b"):
        refused = refusal(replace(idp, idp=replace(idp.idp, name=odd)).call)
        assert refused == ("InvalidIdentityToken", "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"), odd


def test_a_session_policy_narrows_the_session_down(idp: Federated, refusal: Any) -> None:
    nothing = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}})
    answer = idp.call(Policy=nothing)
    assert answer["PackedPolicySize"] > 0
    assert refusal(Session(idp.realm.akia, answer).client("iam").get_role, RoleName="ops")[0] == "AccessDenied"
    assert refusal(idp.call, Policy="{}")[0] == "MalformedPolicyDocument"
    assert refusal(idp.call, PolicyArns=[{"arn": "arn:aws:iam::aws:policy/Nothing"}])[0] == "MalformedPolicyDocument"


# How long.


def test_an_hour_unless_something_else_is_asked_for(idp: Federated) -> None:
    assert abs(idp.session().seconds - 3600) <= 1
    assert abs(idp.session(DurationSeconds=900).seconds - 900) <= 1


def test_the_role_sets_the_maximum(idp: Federated, refusal: Any) -> None:
    too_long = ("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    assert refusal(idp.call, DurationSeconds=3601) == too_long
    long = idp.with_role("long", trust(idp.provider), MaxSessionDuration=43200)
    assert abs(long.session(DurationSeconds=43200).seconds - 43200) <= 1


def test_the_provider_may_shorten_a_session_and_not_extend_it(idp: Federated) -> None:
    assert abs(idp.saying(SessionDuration="1800").session().seconds - 1800) <= 1
    assert abs(idp.saying(SessionDuration="1800").session(DurationSeconds=3600).seconds - 1800) <= 1
    assert abs(idp.saying(SessionDuration="43200").session().seconds - 3600) <= 1
    assert abs(idp.saying(SessionDuration="3600").session(DurationSeconds=900).seconds - 900) <= 1


# Encrypted assertions.


@pytest.fixture
def sealed(idp: Federated, here: Realm) -> Federated:
    """The provider has a private key for encrypted assertions."""
    here.iam.update_saml_provider(SAMLProviderArn=idp.provider, AssertionEncryptionMode="Allowed", AddPrivateKey=pair("sp").pem)
    return idp


@pytest.mark.parametrize("algorithm", [f"{saml.XENC11}aes128-gcm", f"{saml.XENC11}aes256-gcm"])
@pytest.mark.parametrize("transport", [f"{saml.XENC}rsa-oaep-mgf1p", f"{saml.XENC11}rsa-oaep"])
@pytest.mark.parametrize("beside", [False, True])
def test_encrypted_assertions_are_opened(sealed: Federated, algorithm: str, transport: str, beside: bool) -> None:
    source = sealed.idp
    inside = encrypted(source.signed(source.assertion()), pair("sp"), algorithm=algorithm, transport=transport, beside=beside)
    assert sealed.call(encoded(source.wrapped(inside)))["Subject"] == "alice@example.com"
    assert sealed.call()["Subject"]  # allowed, not required


def test_a_signed_response_vouches_for_an_encrypted_assertion(sealed: Federated) -> None:
    source = sealed.idp
    for algorithm in (f"{saml.XENC11}aes256-gcm", f"{saml.XENC}aes256-cbc", f"{saml.XENC}aes128-cbc"):
        inside = encrypted(source.assertion(), pair("sp"), algorithm=algorithm)
        assert sealed.call(encoded(source.signed(source.wrapped(inside))))["Subject"] == "alice@example.com"


def test_required_means_that_nothing_else_is_taken(sealed: Federated, here: Realm, refusal: Any) -> None:
    here.iam.update_saml_provider(SAMLProviderArn=sealed.provider, AssertionEncryptionMode="Required")
    assert refusal(sealed.call) == ("InvalidIdentityToken", "The SAML provider requires encrypted assertions")
    source = sealed.idp
    assert sealed.call(encoded(source.wrapped(encrypted(source.signed(source.assertion()), pair("sp")))))["Subject"]


def test_keys_rotate_without_a_break(sealed: Federated, here: Realm, refusal: Any) -> None:
    source = sealed.idp

    def answer(name: str) -> Any:
        return sealed.call(encoded(source.wrapped(encrypted(source.signed(source.assertion()), pair(name)))))["Subject"]

    assert refusal(lambda: answer("next")) == ("InvalidIdentityToken", "Response signature invalid")
    here.iam.update_saml_provider(SAMLProviderArn=sealed.provider, AddPrivateKey=pair("next").pem)
    assert answer("next") == answer("sp")
    old = here.iam.get_saml_provider(SAMLProviderArn=sealed.provider)["PrivateKeyList"]
    for key in old:
        here.iam.update_saml_provider(SAMLProviderArn=sealed.provider, RemovePrivateKey=key["KeyId"])
    missing = "The SAML provider has no private key to decrypt the assertion with"
    assert refusal(lambda: answer("sp")) == ("InvalidIdentityToken", missing)


def test_a_private_key_that_was_tampered_with_is_no_reason_to_let_anybody_in(sealed: Federated, here: Realm, refusal: Any) -> None:
    here.akia.akia.store.connection.execute("UPDATE saml_private_keys SET sealed = X'00'")
    assert refusal(sealed.call)[0] == "ServiceUnavailable"


# Where AWS's documentation leaves a question open.


def test_contested_saml_recipient_of_encrypted_assertions(sealed: Federated, here: Realm) -> None:
    """AWS documents that the address must hold the provider's id where encryption is required; here it may, and may not be another's."""
    here.iam.update_saml_provider(SAMLProviderArn=sealed.provider, AssertionEncryptionMode="Required")
    uuid = here.iam.get_saml_provider(SAMLProviderArn=sealed.provider)["SAMLProviderUUID"]
    for recipient in (SIGN_IN, f"{SIGN_IN}/acs/{uuid}"):
        assertion = sealed.idp.signed(sealed.idp.assertion(recipient=recipient))
        assert sealed.call(encoded(sealed.idp.wrapped(encrypted(assertion, pair("sp")))))["Audience"] == recipient


def test_contested_saml_encryption_without_a_mode(idp: Federated, here: Realm) -> None:
    """A key without AssertionEncryptionMode: encrypted assertions are read, plain ones as well."""
    here.iam.update_saml_provider(SAMLProviderArn=idp.provider, AddPrivateKey=pair("sp").pem)
    assert idp.call(encoded(idp.idp.wrapped(encrypted(idp.idp.signed(idp.idp.assertion()), pair("sp")))))["Subject"]
    assert idp.call()["Subject"]


def test_contested_saml_primary_group(idp: Federated, refusal: Any) -> None:
    """AWS's table maps the primary group to `uid`, its list of keys has `primaryGroupSID`: it is the latter here."""
    group = {"http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid": ("S-1-5",)}
    source = replace(idp, idp=replace(idp.idp, attributes=group))
    assert source.with_role("sid", trust(idp.provider, StringEquals={"saml:primaryGroupSID": "S-1-5"})).call()["Subject"]
    assert refusal(source.with_role("uid", trust(idp.provider, StringEquals={"saml:uid": "S-1-5"})).call) == DENIED


# What is recorded.


def record_of(akia: InProcess, name: str = "AssumeRoleWithSAML") -> dict[str, Any]:
    events = akia.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}])["Events"]
    return dict(json.loads(events[0]["CloudTrailEvent"]) | {"listed": events[0]})


def test_ac2_7_the_event_names_the_bearer_and_what_was_asked(idp: Federated, here: Realm) -> None:
    response = idp.saying(PrincipalTag_Project="Blue", TransitiveTagKeys=("Project",), SourceIdentity="alice-a").idp.response(
        id="_assertion1"
    )
    answer = idp.call(response, DurationSeconds=900)
    record = record_of(here.akia)
    qualifier = answer["NameQualifier"]
    assert record["userIdentity"] == {
        "type": "SAMLUser",
        "principalId": f"{qualifier}:alice@example.com",
        "userName": "alice@example.com",
        "identityProvider": qualifier,
    }
    assert record["requestParameters"] == {
        "sAMLAssertionID": "_assertion1",
        "roleSessionName": "alice",
        "sourceIdentity": "alice-a",
        "principalTags": {"Project": "Blue"},
        "transitiveTagKeys": ["Project"],
        "roleArn": idp.role,
        "principalArn": idp.provider,
        "durationSeconds": 900,
    }
    assert record["responseElements"]["subject"] == "alice@example.com"
    assert record["responseElements"]["assumedRoleUser"]["arn"] == answer["AssumedRoleUser"]["Arn"]
    assert record["readOnly"] is True
    assert {"ResourceType": "AWS::IAM::SAMLProvider", "ResourceName": idp.provider} in record["listed"]["Resources"]
    assert record["listed"]["Username"] == "alice@example.com"


def test_nt_67_neither_assertion_nor_credentials_are_recorded(idp: Federated, here: Realm) -> None:
    response = idp.idp.response()
    answer = idp.call(response)
    text = json.dumps(record_of(here.akia), default=str)
    assert response[:200] not in text
    assert answer["Credentials"]["SecretAccessKey"] not in text
    assert answer["Credentials"]["SessionToken"] not in text


def test_ac2_3_calls_of_the_session_tell_the_provider(idp: Federated, here: Realm) -> None:
    idp.session().client("iam").get_role(RoleName="ops")
    context = record_of(here.akia, "GetRole")["userIdentity"]["sessionContext"]
    assert context["webIdFederationData"] == {"federatedProvider": idp.provider, "attributes": {}}


def test_who_is_not_trusted_is_recorded_as_the_bearer_and_who_is_not_proven_as_unknown(idp: Federated, here: Realm, refusal: Any) -> None:
    assert refusal(idp.with_role("r", trust(idp.provider.replace("Corp", "corp"))).call) == DENIED
    denied = record_of(here.akia)
    assert (denied["userIdentity"]["type"], denied["errorCode"]) == ("SAMLUser", "AccessDenied")
    assert refusal(idp.call, replace(idp.idp, pair=pair("stranger")).response())[0] == "InvalidIdentityToken"
    unproven = record_of(here.akia)
    assert (unproven["userIdentity"]["type"], unproven["errorCode"]) == ("Unknown", "InvalidIdentityToken")


def test_w3_8_no_credentials_are_needed_and_those_that_come_along_do_not_matter(idp: Federated, here: Realm) -> None:
    assert idp.call()["Subject"]
    signing = here.akia.client("sts", here.user("bob"))
    answer = signing.assume_role_with_saml(RoleArn=idp.role, PrincipalArn=idp.provider, SAMLAssertion=idp.idp.response())
    assert answer["AssumedRoleUser"]["Arn"].endswith("/ops/alice")


def test_a_use_is_forgotten_when_the_assertion_is_too_old_anyway(idp: Federated, here: Realm) -> None:
    idp.call()
    store = here.akia.akia.store
    rows = store.connection.execute("SELECT provider, expires FROM used_assertions")
    assert rows[0][0] == idp.provider
    assert 0 < rows[0][1] - time.time() <= 360
    store.connection.begin_immediate()
    store.used_assertions.use(idp.provider, "_old", int(time.time()) - 1_000)
    store.connection.commit()
    idp.call()
    assert len(store.connection.execute("SELECT assertion FROM used_assertions")) == 2
