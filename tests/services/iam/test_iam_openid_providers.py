"""IAM's OpenID Connect providers: what may be registered, how it is shown and changed, who may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.openid import THUMBPRINT, Issuer

from akia.identity.openid_provider import OpenIdProvider

if TYPE_CHECKING:
    from akia.testing.in_process import InProcess

pytestmark = pytest.mark.covers("I4.federation.openid_providers")

URL = "https://idp.example.com/realms/ci"
ACCOUNT = "123456789012"
ARN = f"arn:aws:iam::{ACCOUNT}:oidc-provider/idp.example.com/realms/ci"
GIVEN = {"Url": URL, "ClientIDList": ["sts.amazonaws.com"], "ThumbprintList": [THUMBPRINT]}
TAGS = [{"Key": "Team", "Value": "ops"}]
NOBODY = f"arn:aws:iam::{ACCOUNT}:oidc-provider/nobody.example.com"
BY_ARN: dict[str, dict[str, Any]] = {
    "get_open_id_connect_provider": {},
    "update_open_id_connect_provider_thumbprint": {"ThumbprintList": [THUMBPRINT]},
    "add_client_id_to_open_id_connect_provider": {"ClientID": "a"},
    "remove_client_id_from_open_id_connect_provider": {"ClientID": "a"},
    "tag_open_id_connect_provider": {"Tags": TAGS},
    "untag_open_id_connect_provider": {"TagKeys": ["Team"]},
    "list_open_id_connect_provider_tags": {},
}


@pytest.fixture
def provider(iam: Any) -> str:
    return str(iam.create_open_id_connect_provider(**GIVEN)["OpenIDConnectProviderArn"])


def shown(iam: Any, arn: str = ARN) -> Any:
    return iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)


def test_what_is_registered_is_shown(iam: Any) -> None:
    made = iam.create_open_id_connect_provider(**GIVEN, Tags=TAGS)
    assert (made["OpenIDConnectProviderArn"], made["Tags"]) == (ARN, TAGS)
    found = shown(iam)
    assert found["Url"] == "idp.example.com/realms/ci"
    assert (found["ClientIDList"], found["ThumbprintList"], found["Tags"]) == (["sts.amazonaws.com"], [THUMBPRINT], TAGS)
    assert found["CreateDate"].timestamp() > 0
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == [{"Arn": ARN}]


@pytest.mark.parametrize(
    "url",
    [
        "https://idp.example.com", "https://idp.example.com/", "https://idp.example.com:8443/a", "https://127.0.0.1:4000", "https://[::1]:4000",
        "https://idp/realms/a", "https://auth0.example.com/a_b~c/%41",
    ],
)  # fmt: skip
def test_urls_that_may_be_registered(iam: Any, url: str) -> None:
    arn = iam.create_open_id_connect_provider(Url=url, ThumbprintList=[THUMBPRINT])["OpenIDConnectProviderArn"]
    assert arn == f"arn:aws:iam::{ACCOUNT}:oidc-provider/{url.removeprefix('https://')}"
    assert shown(iam, arn)["Url"] == url.removeprefix("https://")


@pytest.mark.parametrize(
    "url",
    [
        "http://idp.example.com", "idp.example.com", "https://", "https:///a", "https://idp.example.com?a=b", "https://idp.example.com/#a",
        "https://user@idp.example.com", "https://idp.example.com:0", "https://idp.example.com:123456", "https://idp.example.com/a b",
        "https://idp.example.com/*", "https://aws", "https://sts", "HTTPS://idp.example.com", "https://idp.example.com\n", "x",
    ],
)  # fmt: skip
def test_urls_that_may_not(iam: Any, refusal: Any, url: str) -> None:
    assert refusal(iam.create_open_id_connect_provider, Url=url, ThumbprintList=[THUMBPRINT])[0] == "InvalidInput"


@pytest.mark.parametrize("again", [URL, URL.replace("idp", "IDP")])
def test_a_url_is_registered_once_in_an_account_in_whatever_case(iam: Any, refusal: Any, provider: str, again: str) -> None:
    assert refusal(iam.create_open_id_connect_provider, Url=again, ThumbprintList=[THUMBPRINT])[0] == "EntityAlreadyExists"


@pytest.mark.parametrize("thumbprints", [["a" * 39 + "g"], [THUMBPRINT] * 6, ["ab" * 19 + "é "]])
def test_thumbprints_that_are_none_or_too_many(iam: Any, refusal: Any, provider: str, thumbprints: list[str]) -> None:
    made = {"Url": "https://other.example.com", "ThumbprintList": thumbprints}
    assert refusal(iam.create_open_id_connect_provider, **made)[0] == "InvalidInput"
    change = iam.update_open_id_connect_provider_thumbprint
    assert refusal(change, OpenIDConnectProviderArn=provider, ThumbprintList=thumbprints)[0] == "InvalidInput"


def test_thumbprints_are_replaced_and_kept_in_lower_case(iam: Any, provider: str, refusal: Any) -> None:
    new = ["CD" * 20, "ef" * 20]
    iam.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=provider, ThumbprintList=new)
    assert shown(iam)["ThumbprintList"] == ["cd" * 20, "ef" * 20]


def test_without_thumbprints_the_provider_is_asked(akia: InProcess, iam: Any) -> None:
    akia.akia.authority.provider_keys.__dict__["client"] = Issuer()
    iam.create_open_id_connect_provider(Url=URL)
    assert shown(iam)["ThumbprintList"] == [THUMBPRINT]
    assert shown(iam)["ClientIDList"] == []


def test_a_provider_that_cannot_be_asked_is_told(akia: InProcess, iam: Any, refusal: Any) -> None:
    akia.akia.authority.provider_keys.__dict__["client"] = Issuer(answers=False)
    assert refusal(iam.create_open_id_connect_provider, Url=URL)[0] == "OpenIdIdpCommunicationError"
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == []


def test_nt_23_nothing_inside_is_asked_for_its_thumbprint(iam: Any, refusal: Any) -> None:
    for url in ("https://127.0.0.1:9", "https://169.254.169.254", "https://localhost:9", "https://2130706433:443"):
        assert refusal(iam.create_open_id_connect_provider, Url=url)[0] == "OpenIdIdpCommunicationError"


def test_client_ids_come_and_go_and_repetition_does_not_matter(iam: Any, provider: str) -> None:
    for _ in range(2):
        iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=provider, ClientID="second")
    assert shown(iam)["ClientIDList"] == ["sts.amazonaws.com", "second"]
    for _ in range(2):
        iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=provider, ClientID="sts.amazonaws.com")
    assert shown(iam)["ClientIDList"] == ["second"]


def test_p5_4_8_a_hundred_client_ids_at_most(iam: Any, refusal: Any) -> None:
    many = [f"client-{number}" for number in range(101)]
    made = {"Url": URL, "ThumbprintList": [THUMBPRINT]}
    assert refusal(iam.create_open_id_connect_provider, **made, ClientIDList=many)[0] == "LimitExceeded"
    iam.create_open_id_connect_provider(**made, ClientIDList=many[:100])
    add = iam.add_client_id_to_open_id_connect_provider
    assert refusal(add, OpenIDConnectProviderArn=ARN, ClientID="one-more") == (
        "LimitExceeded",
        "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100",
    )
    add(OpenIDConnectProviderArn=ARN, ClientID="client-7")


def test_p5_4_8_a_hundred_providers_at_most(akia: InProcess, iam: Any, refusal: Any) -> None:
    store = akia.akia.store
    store.connection.begin_immediate()
    for number in range(100):
        store.openid_providers.add(OpenIdProvider(ACCOUNT, f"https://p{number}.example.com", 1))
    store.connection.commit()
    assert refusal(iam.create_open_id_connect_provider, **GIVEN)[0] == "LimitExceeded"


def test_the_accounts_summary_counts_them(iam: Any, provider: str) -> None:
    assert iam.get_account_summary()["SummaryMap"]["Providers"] == 1


def test_deleting_one_that_is_not_there_does_not_matter(iam: Any, provider: str) -> None:
    for _ in range(2):
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=provider)
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == []


@pytest.mark.parametrize("operation", BY_ARN)
def test_one_that_is_not_there_is_told(iam: Any, refusal: Any, operation: str) -> None:
    call = getattr(iam, operation)
    assert refusal(call, OpenIDConnectProviderArn=NOBODY, **BY_ARN[operation])[0] == "NoSuchEntity"
    assert refusal(call, OpenIDConnectProviderArn="not an arn, but long enough", **BY_ARN[operation])[0] == "ValidationError"
    assert refusal(call, OpenIDConnectProviderArn=f"arn:aws:iam::{ACCOUNT}:user/alice", **BY_ARN[operation])[0] == "InvalidInput"


def test_nt_42_another_accounts_provider_is_not_there(akia: InProcess, iam: Any, refusal: Any, stranger: Any) -> None:
    theirs = OpenIdProvider("999999999999", URL, 1)
    store = akia.akia.store
    store.connection.begin_immediate()
    store.openid_providers.add(theirs)
    store.connection.commit()
    for operation, arguments in BY_ARN.items():
        assert refusal(getattr(iam, operation), OpenIDConnectProviderArn=str(theirs.arn), **arguments)[0] == "NoSuchEntity"
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=str(theirs.arn))
    assert store.openid_providers.with_arn(str(theirs.arn)) == theirs
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == []
    iam.create_open_id_connect_provider(**GIVEN)  # the same URL is free here


# Tags


def test_tags_are_set_replaced_removed_and_listed(iam: Any, provider: str) -> None:
    iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=provider, Tags=[*TAGS, {"Key": "a", "Value": ""}])
    iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=provider, Tags=[{"Key": "Team", "Value": "dev"}])
    first = iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=provider, MaxItems=1)
    assert (first["Tags"], first["IsTruncated"]) == ([{"Key": "Team", "Value": "dev"}], True)
    rest = iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=provider, Marker=first["Marker"])
    assert (rest["Tags"], rest["IsTruncated"]) == ([{"Key": "a", "Value": ""}], False)
    iam.untag_open_id_connect_provider(OpenIDConnectProviderArn=provider, TagKeys=["Team", "nobody"])
    assert shown(iam)["Tags"] == [{"Key": "a", "Value": ""}]


def test_a_marker_belongs_to_one_list(iam: Any, provider: str, refusal: Any) -> None:
    other = iam.create_open_id_connect_provider(Url="https://other.example.com", ThumbprintList=[THUMBPRINT])["OpenIDConnectProviderArn"]
    iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=provider, Tags=[*TAGS, {"Key": "a", "Value": ""}])
    marker = iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=provider, MaxItems=1)["Marker"]
    assert refusal(iam.list_open_id_connect_provider_tags, OpenIDConnectProviderArn=other, Marker=marker)[0] == "ValidationError"


@pytest.mark.parametrize("tags", [[{"Key": "aws:x", "Value": ""}], [*TAGS, *TAGS]])
def test_tags_that_may_not_be_given(iam: Any, provider: str, refusal: Any, tags: Any) -> None:
    assert refusal(iam.tag_open_id_connect_provider, OpenIDConnectProviderArn=provider, Tags=tags)[0] == "InvalidInput"
    made = {"Url": "https://other.example.com", "ThumbprintList": [THUMBPRINT]}
    assert refusal(iam.create_open_id_connect_provider, **made, Tags=tags)[0] == "InvalidInput"


def test_p5_4_12_fifty_tags_at_most(iam: Any, provider: str, refusal: Any) -> None:
    iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=provider, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(50)])
    assert refusal(iam.tag_open_id_connect_provider, OpenIDConnectProviderArn=provider, Tags=TAGS)[0] == "LimitExceeded"


# Who may


def allow(action: str, resource: str = "*", **condition: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource} | ({"Condition": condition} if condition else {})


def test_the_resource_is_the_provider(user_client: Any, provider: str, refusal: Any) -> None:
    eve = user_client("eve", allow("iam:*", ARN))
    assert eve.get_open_id_connect_provider(OpenIDConnectProviderArn=ARN)
    code, message = refusal(eve.get_open_id_connect_provider, OpenIDConnectProviderArn=NOBODY)
    assert code == "AccessDenied"
    assert f"iam:GetOpenIDConnectProvider on resource: {NOBODY}" in message
    assert refusal(eve.create_open_id_connect_provider, Url="https://evil.example.com", ThumbprintList=[THUMBPRINT])[0] == "AccessDenied"


def test_tags_are_condition_keys(iam: Any, user_client: Any, provider: str, refusal: Any) -> None:
    eve = user_client("eve", allow("iam:*", StringEquals={"aws:ResourceTag/Team": "ops"}))
    for operation, arguments in BY_ARN.items():
        assert refusal(getattr(eve, operation), OpenIDConnectProviderArn=ARN, **arguments)[0] == "AccessDenied"
    iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=ARN, Tags=TAGS)
    for operation, arguments in BY_ARN.items():
        getattr(eve, operation)(OpenIDConnectProviderArn=ARN, **arguments)
        iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=ARN, Tags=TAGS)


def test_p2_1_6_who_tags_at_creation_must_be_allowed_to(user_client: Any, refusal: Any) -> None:
    eve = user_client("eve", allow("iam:CreateOpenIDConnectProvider"))
    code, message = refusal(eve.create_open_id_connect_provider, **GIVEN, Tags=TAGS)
    assert code == "AccessDenied"
    assert "iam:TagOpenIDConnectProvider" in message
    bob = user_client("bob", allow("iam:*OpenIDConnectProvider", StringEquals={"aws:RequestTag/Team": "ops"}))
    assert bob.create_open_id_connect_provider(**GIVEN, Tags=TAGS)
    again = {"Url": "https://other.example.com", "ThumbprintList": [THUMBPRINT], "Tags": [{"Key": "Team", "Value": "dev"}]}
    assert refusal(bob.create_open_id_connect_provider, **again)[0] == "AccessDenied"


def test_nobody_is_asked_before_the_caller_may(akia: InProcess, user_client: Any, refusal: Any) -> None:
    issuer = Issuer()
    akia.akia.authority.provider_keys.__dict__["client"] = issuer
    assert refusal(user_client("eve").create_open_id_connect_provider, Url=URL)[0] == "AccessDenied"
    assert issuer.asked == []


def test_the_event_names_the_provider(akia: InProcess, iam: Any, provider: str) -> None:
    found = akia.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "CreateOpenIDConnectProvider"}]
    )
    [event] = found["Events"]
    assert event["Resources"] == [{"ResourceType": "AWS::IAM::OIDCProvider", "ResourceName": ARN}]
