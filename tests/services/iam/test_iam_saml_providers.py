"""SAML providers and their tags, through boto3."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tests.saml import at, metadata, pair

from akia.identity.account import Account

if TYPE_CHECKING:
    from akia.testing.in_process import InProcess

DOCUMENT = metadata(pair("idp"))
OTHER_ACCOUNT = "999999999999"


def tags(*pairs: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, _, value in (each.partition("=") for each in pairs)]


@pytest.fixture
def arn(iam: Any) -> str:
    """A provider."""
    return str(iam.create_saml_provider(Name="idp", SAMLMetadataDocument=DOCUMENT)["SAMLProviderArn"])


@pytest.fixture
def theirs(akia: InProcess) -> str:
    """A provider of another account, of the same name."""
    from akia.federation.saml_metadata import read
    from akia.identity.saml_provider import SamlProvider

    store = akia.akia.store
    provider = SamlProvider(OTHER_ACCOUNT, "idp", "SAMLSP" + "A" * 20, 1, read(DOCUMENT).idps)
    store.connection.begin_immediate()
    store.accounts.add(Account(OTHER_ACCOUNT, "other", 1))
    store.saml_providers.add(provider, DOCUMENT)
    store.connection.commit()
    return str(provider.arn)


def test_a_provider_is_made_and_shown_with_its_document(iam: Any, account: str) -> None:
    made = iam.create_saml_provider(Name="idp", SAMLMetadataDocument=DOCUMENT, Tags=tags("b=2", "a=1"))
    assert made["SAMLProviderArn"] == f"arn:aws:iam::{account}:saml-provider/idp"
    assert made["Tags"] == tags("a=1", "b=2")
    shown = iam.get_saml_provider(SAMLProviderArn=made["SAMLProviderArn"])
    assert shown["SAMLMetadataDocument"] == DOCUMENT
    assert shown["Tags"] == tags("a=1", "b=2")
    assert re.fullmatch("[A-Z0-9]{22,64}", shown["SAMLProviderUUID"])
    assert abs(shown["CreateDate"] - datetime.now(UTC)) < timedelta(minutes=5)
    assert shown["ValidUntil"] - shown["CreateDate"] == timedelta(days=36_500)
    assert {"AssertionEncryptionMode", "PrivateKeyList"}.isdisjoint(shown)


def test_the_end_that_the_metadata_sets_is_told(iam: Any) -> None:
    arn = iam.create_saml_provider(Name="idp", SAMLMetadataDocument=metadata(pair("idp"), valid_until=at(86_400)))["SAMLProviderArn"]
    for shown in (iam.get_saml_provider(SAMLProviderArn=arn), iam.list_saml_providers()["SAMLProviderList"][0]):
        assert abs(shown["ValidUntil"] - datetime.now(UTC) - timedelta(days=1)) < timedelta(minutes=5)


def test_names_are_unique_without_regard_to_case(iam: Any, arn: str, refusal: Any) -> None:
    refused = refusal(iam.create_saml_provider, Name="IDP", SAMLMetadataDocument=DOCUMENT)
    assert refused == ("EntityAlreadyExists", "SAML provider with name IDP already exists.")
    for name in ("a b", "a/b", "ä", "x" * 129):
        assert refusal(iam.create_saml_provider, Name=name, SAMLMetadataDocument=DOCUMENT)[0] == "ValidationError", name


def test_p5_4_8_there_may_be_a_hundred(iam: Any, refusal: Any, akia: InProcess) -> None:
    from dataclasses import replace

    akia.akia.authority.quotas = replace(akia.akia.authority.quotas, saml_providers_per_account=2)
    for name in ("one", "two"):
        iam.create_saml_provider(Name=name, SAMLMetadataDocument=DOCUMENT)
    refused = refusal(iam.create_saml_provider, Name="three", SAMLMetadataDocument=DOCUMENT)
    assert refused == ("LimitExceeded", "Cannot exceed quota for SAMLProvidersPerAccount: 2")


@pytest.mark.parametrize("document", ["x" * 1_000, f"<x>{' ' * 1_000}</x>", DOCUMENT.replace("IDPSSO", "SPSSO"), f"<!DOCTYPE x>{DOCUMENT}"])
def test_what_is_no_metadata_is_refused(iam: Any, arn: str, refusal: Any, document: str) -> None:
    for call, named in ((iam.create_saml_provider, {"Name": "x"}), (iam.update_saml_provider, {"SAMLProviderArn": arn})):
        code, message = refusal(call, SAMLMetadataDocument=document, **named)
        assert (code, message.partition(":")[0]) == ("InvalidInput", "Could not parse metadata")
    assert len(iam.list_saml_providers()["SAMLProviderList"]) == 1
    assert iam.get_saml_provider(SAMLProviderArn=arn)["SAMLMetadataDocument"] == DOCUMENT


def test_providers_are_listed_in_the_order_of_names_without_tags(iam: Any, theirs: str, account: str) -> None:
    assert iam.list_saml_providers()["SAMLProviderList"] == []
    for name in ("b", "C", "a"):
        iam.create_saml_provider(Name=name, SAMLMetadataDocument=DOCUMENT, Tags=tags("a=1"))
    listed = iam.list_saml_providers()["SAMLProviderList"]
    assert [each["Arn"] for each in listed] == [f"arn:aws:iam::{account}:saml-provider/{name}" for name in ("a", "b", "C")]
    assert all(each.keys() == {"Arn", "ValidUntil", "CreateDate"} for each in listed)


def test_metadata_is_exchanged_and_the_rest_stays(iam: Any, arn: str) -> None:
    before = iam.get_saml_provider(SAMLProviderArn=arn)
    renewed = metadata(pair("idp"), pair("next"))
    assert iam.update_saml_provider(SAMLProviderArn=arn, SAMLMetadataDocument=renewed)["SAMLProviderArn"] == arn
    after = iam.get_saml_provider(SAMLProviderArn=arn)
    assert after["SAMLMetadataDocument"] == renewed
    assert (after["SAMLProviderUUID"], after["CreateDate"]) == (before["SAMLProviderUUID"], before["CreateDate"])


def test_a_deleted_provider_is_gone_with_its_keys(iam: Any, refusal: Any, akia: InProcess) -> None:
    arn = iam.create_saml_provider(Name="idp", SAMLMetadataDocument=DOCUMENT, AddPrivateKey=pair("sp").pem)["SAMLProviderArn"]
    iam.delete_saml_provider(SAMLProviderArn=arn)
    absent = ("NoSuchEntity", f"Manifest not found for arn {arn}")
    calls: list[tuple[Any, dict[str, Any]]] = [
        (iam.get_saml_provider, {}),
        (iam.delete_saml_provider, {}),
        (iam.update_saml_provider, {"SAMLMetadataDocument": DOCUMENT}),
        (iam.tag_saml_provider, {"Tags": tags("a=1")}),
        (iam.untag_saml_provider, {"TagKeys": ["a"]}),
        (iam.list_saml_provider_tags, {}),
    ]
    for call, more in calls:
        assert refusal(call, SAMLProviderArn=arn, **more) == absent
    for table in ("saml_providers", "saml_metadata", "saml_private_keys"):
        assert akia.akia.store.connection.execute(f"SELECT count(*) FROM {table}") == [(0,)]


def test_nt_42_providers_of_other_accounts_and_other_arns_are_out_of_reach(
    iam: Any, theirs: str, arn: str, account: str, refusal: Any
) -> None:
    for call in (iam.get_saml_provider, iam.delete_saml_provider, iam.list_saml_provider_tags):
        assert refusal(call, SAMLProviderArn=theirs)[0] == "NoSuchEntity"
        for spelling in (arn.replace("idp", "IDP"), arn.replace("saml-provider/", "saml-provider/x/"), arn.replace("aws", "aws-cn", 1)):
            assert refusal(call, SAMLProviderArn=spelling)[0] == "NoSuchEntity", spelling
        for odd in ("x" * 20, f"arn:aws:iam::{account}:role/idp", f"arn:aws:sts::{account}:saml-provider/idp"):
            assert refusal(call, SAMLProviderArn=odd) == ("InvalidInput", f"Invalid ARN: {odd}")
    assert len(iam.list_saml_providers()["SAMLProviderList"]) == 1


# Private keys.


def keys(iam: Any, arn: str) -> list[str]:
    return [key["KeyId"] for key in iam.get_saml_provider(SAMLProviderArn=arn).get("PrivateKeyList", [])]


def test_private_keys_rotate_one_in_one_out(iam: Any, refusal: Any) -> None:
    made = iam.create_saml_provider(
        Name="idp", SAMLMetadataDocument=DOCUMENT, AssertionEncryptionMode="Required", AddPrivateKey=pair("sp").pem
    )
    arn = made["SAMLProviderArn"]
    shown = iam.get_saml_provider(SAMLProviderArn=arn)
    assert shown["AssertionEncryptionMode"] == "Required"
    (first,) = keys(iam, arn)
    assert re.fullmatch("[A-Z0-9]{22,64}", first)
    assert abs(shown["PrivateKeyList"][0]["Timestamp"] - datetime.now(UTC)) < timedelta(minutes=5)
    assert refusal(iam.update_saml_provider, SAMLProviderArn=arn, RemovePrivateKey=first) == (
        "InvalidInput",
        "Failed to remove private key.",
    )
    iam.update_saml_provider(SAMLProviderArn=arn, AddPrivateKey=pair("next").pem)
    full = ("LimitExceeded", "Private key limit of 2 is reached.")
    assert refusal(iam.update_saml_provider, SAMLProviderArn=arn, AddPrivateKey=pair("third").pem) == full
    iam.update_saml_provider(SAMLProviderArn=arn, RemovePrivateKey=first)
    (second,) = keys(iam, arn)
    assert second != first
    unknown = ("InvalidInput", "Failed to remove private key because the Key ID does not match a private key.")
    assert refusal(iam.update_saml_provider, SAMLProviderArn=arn, RemovePrivateKey=first) == unknown
    iam.update_saml_provider(SAMLProviderArn=arn, AssertionEncryptionMode="Allowed")
    iam.update_saml_provider(SAMLProviderArn=arn, RemovePrivateKey=second)
    assert keys(iam, arn) == []


def test_encryption_cannot_be_required_without_a_key(iam: Any, arn: str, refusal: Any) -> None:
    refused = ("InvalidInput", "Unable to set assertion encryption mode to Required because no private key is provided.")
    assert refusal(iam.create_saml_provider, Name="x", SAMLMetadataDocument=DOCUMENT, AssertionEncryptionMode="Required") == refused
    assert refusal(iam.update_saml_provider, SAMLProviderArn=arn, AssertionEncryptionMode="Required") == refused
    iam.update_saml_provider(SAMLProviderArn=arn, AssertionEncryptionMode="Required", AddPrivateKey=pair("sp").pem)
    assert refusal(iam.update_saml_provider, SAMLProviderArn=arn, AssertionEncryptionMode="Sometimes")[0] == "ValidationError"


def test_an_update_changes_something_and_one_thing_about_keys(iam: Any, arn: str, refusal: Any) -> None:
    assert refusal(iam.update_saml_provider, SAMLProviderArn=arn)[0] == "InvalidInput"
    both = refusal(iam.update_saml_provider, SAMLProviderArn=arn, AddPrivateKey=pair("sp").pem, RemovePrivateKey="A" * 22)
    assert both[0] == "InvalidInput"
    assert both[1].startswith("Unable to add and remove private keys in the same request.")


@pytest.mark.parametrize(
    "key",
    [
        "key",
        pair("sp").certificate_pem,
        pair("ec", kind="ec").pem,
        pair("short", bits=1024).pem,
        pair("sp").pem.replace("A", "B"),
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n",
    ],
)
def test_only_rsa_keys_of_2048_bits_are_taken_and_no_message_tells_them(iam: Any, arn: str, refusal: Any, key: str) -> None:
    for call, more in (
        (iam.create_saml_provider, {"Name": "x", "SAMLMetadataDocument": DOCUMENT}),
        (iam.update_saml_provider, {"SAMLProviderArn": arn}),
    ):
        code, message = refusal(call, AddPrivateKey=key, **more)
        assert (code, message.partition(":")[0]) == ("InvalidInput", "Invalid private key")
        assert key.strip()[30:60] not in message or len(key) < 60
    assert keys(iam, arn) == []


def test_nt_67_private_keys_are_in_no_file_and_no_event(iam: Any, akia: InProcess) -> None:
    iam.create_saml_provider(Name="idp", SAMLMetadataDocument=DOCUMENT, AddPrivateKey=pair("sp").pem)
    events = akia.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateSAMLProvider"}]
    )
    secret = "".join(pair("sp").pem.splitlines()[5:8])
    (event,) = events["Events"]
    record = json.loads(event["CloudTrailEvent"])
    assert record["requestParameters"]["name"] == "idp"
    assert "addPrivateKey" not in record["requestParameters"]
    assert "PRIVATE KEY" not in event["CloudTrailEvent"]
    content = b"".join(path.read_bytes() for path in akia.directory.rglob("*") if path.is_file())
    assert b"saml-provider/idp" in content, "the search must be able to find what is there"
    assert pair("sp").pem.splitlines()[5].encode() not in content
    assert secret.encode() not in content
    assert {"ResourceType": "AWS::IAM::SAMLProvider", "ResourceName": event["Resources"][0]["ResourceName"]} in event["Resources"]


# Tags.


def test_tags_differ_by_case_and_come_in_pages(iam: Any, arn: str, refusal: Any) -> None:
    iam.tag_saml_provider(SAMLProviderArn=arn, Tags=tags("Team=a", "team=b", "x=1", "y=2"))
    iam.tag_saml_provider(SAMLProviderArn=arn, Tags=tags("x=3"))
    iam.untag_saml_provider(SAMLProviderArn=arn, TagKeys=["TEAM", "team"])
    assert iam.list_saml_provider_tags(SAMLProviderArn=arn)["Tags"] == tags("Team=a", "x=3", "y=2")
    first = iam.list_saml_provider_tags(SAMLProviderArn=arn, MaxItems=2)
    assert (first["Tags"], first["IsTruncated"]) == (tags("Team=a", "x=3"), True)
    assert iam.list_saml_provider_tags(SAMLProviderArn=arn, Marker=first["Marker"])["Tags"] == tags("y=2")
    other = iam.create_saml_provider(Name="other", SAMLMetadataDocument=DOCUMENT)["SAMLProviderArn"]
    assert refusal(iam.list_saml_provider_tags, SAMLProviderArn=other, Marker=first["Marker"]) == ("ValidationError", "Invalid Marker.")


@pytest.mark.parametrize(
    ("given", "code"),
    [(tags("k=1", "k=2"), "InvalidInput"), (tags("aws:k=1"), "InvalidInput"), (tags(*(f"k{n}=" for n in range(51))), "ValidationError")],
)
def test_what_is_wrong_with_tags_is_refused(iam: Any, arn: str, refusal: Any, given: list[dict[str, str]], code: str) -> None:
    assert refusal(iam.tag_saml_provider, SAMLProviderArn=arn, Tags=given)[0] == code
    assert refusal(iam.create_saml_provider, Name="x", SAMLMetadataDocument=DOCUMENT, Tags=given)[0] == code
    assert len(iam.list_saml_providers()["SAMLProviderList"]) == 1


# Authorization.


def test_resource_and_tags_of_the_provider_decide(iam: Any, arn: str, account: str, user_client: Any, refusal: Any) -> None:
    iam.tag_saml_provider(SAMLProviderArn=arn, Tags=tags("team=a"))
    own = user_client("own", {"Effect": "Allow", "Action": "iam:*SAMLProvider*", "Resource": f"arn:aws:iam::{account}:saml-provider/mine"})
    own.create_saml_provider(Name="mine", SAMLMetadataDocument=DOCUMENT, Tags=tags("a=1"))
    for call in (own.get_saml_provider, own.delete_saml_provider, own.list_saml_provider_tags):
        assert refusal(call, SAMLProviderArn=arn)[0] == "AccessDenied"
    assert refusal(own.create_saml_provider, Name="yours", SAMLMetadataDocument=DOCUMENT)[0] == "AccessDenied"
    assert refusal(own.list_saml_providers)[0] == "AccessDenied"  # has no resource
    condition = {"StringEquals": {"aws:ResourceTag/team": "a", "iam:ResourceTag/team": "a"}}
    team = user_client("team", {"Effect": "Allow", "Action": "iam:*", "Resource": "*", "Condition": condition})
    team.update_saml_provider(SAMLProviderArn=arn, SAMLMetadataDocument=DOCUMENT)
    assert refusal(team.get_saml_provider, SAMLProviderArn=arn.replace("/idp", "/mine"))[0] == "AccessDenied"


def test_p2_1_6_tags_at_creation_need_the_permission_to_tag(user_client: Any, refusal: Any) -> None:
    eve = user_client("eve", {"Effect": "Allow", "Action": "iam:CreateSAMLProvider", "Resource": "*"})
    eve.create_saml_provider(Name="a", SAMLMetadataDocument=DOCUMENT)
    code, message = refusal(eve.create_saml_provider, Name="b", SAMLMetadataDocument=DOCUMENT, Tags=tags("a=1"))
    assert code == "AccessDenied"
    assert "iam:TagSAMLProvider" in message
    condition = {"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}
    tag = user_client(
        "tag", {"Effect": "Allow", "Action": ["iam:CreateSAMLProvider", "iam:TagSAMLProvider"], "Resource": "*", "Condition": condition}
    )
    tag.create_saml_provider(Name="c", SAMLMetadataDocument=DOCUMENT, Tags=tags("a=1"))
    assert refusal(tag.create_saml_provider, Name="d", SAMLMetadataDocument=DOCUMENT, Tags=tags("b=1"))[0] == "AccessDenied"


def test_nothing_is_read_before_authorization(user_client: Any, refusal: Any, arn: str) -> None:
    nobody = user_client("nobody")
    for document in (DOCUMENT, "x" * 1_000):
        assert refusal(nobody.create_saml_provider, Name="x", SAMLMetadataDocument=document)[0] == "AccessDenied"
        assert refusal(nobody.update_saml_provider, SAMLProviderArn=arn, SAMLMetadataDocument=document)[0] == "AccessDenied"
        assert refusal(nobody.update_saml_provider, SAMLProviderArn=arn + "x", SAMLMetadataDocument=document)[0] == "AccessDenied"
