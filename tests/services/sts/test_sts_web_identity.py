"""AssumeRoleWithWebIdentity: the token proves who asks, the trust policy decides, the session carries what the token says."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.openid import CLIENT, ISSUER, NAME, THUMBPRINT, Issuer, known_to, role, take, taker, trusting
from tests.organization import World as Organization

from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from tests.conftest import World

pytestmark = pytest.mark.covers("I4.federation.web_identity")

NOT_VALIDATED = ("InvalidIdentityToken", 400, "The web identity token that was passed could not be validated.")
DENIED = ("AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithWebIdentity")


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture
def provider(akia: World, issuer: Issuer) -> str:
    return known_to(akia, issuer)


@pytest.fixture
def deployer(akia: World, provider: str) -> str:
    """A role that trusts every token of the provider that was issued for AWS."""
    return role(akia, "deployer", trusting(provider, StringEquals={f"{NAME}:aud": CLIENT}))


def client(akia: World, answer: Any, service: str = "sts") -> Any:
    credentials = answer["Credentials"]
    pair = KeyPair(credentials["AccessKeyId"], credentials["SecretAccessKey"])
    return akia.client(service, pair, token=credentials["SessionToken"])


def last_event(akia: World, name: str = "AssumeRoleWithWebIdentity") -> Any:
    found = akia.client("cloudtrail").lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}])["Events"]
    return json.loads(found[0]["CloudTrailEvent"])


def test_the_answer_says_who_came_and_its_credentials_work(akia: World, issuer: Issuer, provider: str, deployer: str) -> None:
    answer = take(akia, deployer, issuer.token())
    assert answer["SubjectFromWebIdentityToken"] == "repo:acme/app"
    assert answer["Audience"] == CLIENT
    arn = f"arn:aws:sts::{akia.account}:assumed-role/deployer/build-1"
    assert answer["AssumedRoleUser"]["Arn"] == arn
    assert answer["AssumedRoleUser"]["AssumedRoleId"].startswith("AROA")
    assert "PackedPolicySize" not in answer
    assert "SourceIdentity" not in answer
    assert client(akia, answer).get_caller_identity()["Arn"] == arn
    assert client(akia, answer, "iam").list_users()["Users"]


def test_contested_provider_in_the_answer_is_the_arn(akia: World, issuer: Issuer, provider: str, deployer: str) -> None:
    """AWS documents the token's `iss`; what AWS answers, as others show it, is the provider's ARN."""
    assert take(akia, deployer, issuer.token())["Provider"] == provider


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"])
def test_each_algorithm_verifies(akia: World, algorithm: str) -> None:
    issuer = Issuer(algorithms=(algorithm,))
    arn = role(akia, "deployer", trusting(known_to(akia, issuer)))
    assert take(akia, arn, issuer.token(algorithm))


def test_w3_8_nothing_is_signed(akia: World, issuer: Issuer, deployer: str) -> None:
    sent: list[Any] = []
    sts = akia.client("sts")
    sts.meta.events.register_first("before-send", lambda request, **_: sent.append(request.headers))
    sts.assume_role_with_web_identity(RoleArn=deployer, RoleSessionName="build-1", WebIdentityToken=issuer.token())
    assert "Authorization" not in sent[0]


def test_keys_are_fetched_once(akia: World, issuer: Issuer, deployer: str) -> None:
    for _ in range(3):
        take(akia, deployer, issuer.token())
    assert issuer.asked == [f"{ISSUER}/.well-known/openid-configuration", f"{ISSUER}/keys"]


# The trust policy


def test_a_role_that_does_not_trust_the_provider_is_not_taken(akia: World, issuer: Issuer, provider: str, refused: Any) -> None:
    other = role(akia, "other", trusting(provider.replace("/ci", "/other")))
    assert refused(taker(akia), RoleArn=other, RoleSessionName="x1", WebIdentityToken=issuer.token()) == DENIED


def test_a_role_that_is_not_there_looks_the_same(akia: World, issuer: Issuer, provider: str, refused: Any) -> None:
    arn = f"arn:aws:iam::{akia.account}:role/nobody"
    assert refused(taker(akia), RoleArn=arn, RoleSessionName="x1", WebIdentityToken=issuer.token()) == DENIED


def test_principals_of_other_kinds_do_not_let_tokens_in(akia: World, issuer: Issuer, provider: str, refused: Any) -> None:
    statement = trusting(provider) | {"Principal": {"AWS": "*"}}
    arn = role(akia, "open", statement)
    assert refused(taker(akia), RoleArn=arn, RoleSessionName="x1", WebIdentityToken=issuer.token()) == DENIED


def test_p1_7_1_assume_role_is_another_action(akia: World, issuer: Issuer, provider: str, refused: Any) -> None:
    arn = role(akia, "other", trusting(provider) | {"Action": "sts:AssumeRole"})
    assert refused(taker(akia), RoleArn=arn, RoleSessionName="x1", WebIdentityToken=issuer.token()) == DENIED


@pytest.mark.parametrize(
    ("condition", "claims"),
    [
        ({"StringEquals": {f"{NAME}:sub": "repo:acme/app"}}, {"sub": "repo:acme/app"}),
        ({"StringLike": {f"{NAME}:sub": "repo:acme/*"}}, {"sub": "repo:acme/other"}),
        ({"StringEquals": {f"{NAME.upper()}:SUB": "repo:acme/app"}}, {}),  # C3.1-1: keys do not tell letter cases apart
        ({"StringEquals": {f"{NAME}:oidc.circleci.com/project-id": "p-1"}}, {"oidc.circleci.com/project-id": "p-1"}),  # F4
        ({"ForAnyValue:StringEquals": {f"{NAME}:amr": "authenticated"}}, {"amr": ["authenticated", "x"]}),
        ({"ForAnyValue:StringEquals": {f"{NAME}:groups": "ops"}}, {"groups": ["dev", "ops"]}),
        ({"NumericEquals": {f"{NAME}:build_number": "17"}}, {"build_number": 17}),
        ({"Bool": {f"{NAME}:protected": "true"}}, {"protected": True}),
        ({"StringEquals": {f"{NAME}:aud": CLIENT, f"{NAME}:oaud": "https://api"}}, {"aud": "https://api", "azp": CLIENT}),
        ({"StringEquals": {"sts:RoleSessionName": "build-1"}}, {}),
        ({"StringEquals": {"aws:ResourceTag/team": "ops"}}, {}),
    ],
    ids=str,
)
def test_p4_3_25_claims_are_condition_keys(akia: World, issuer: Issuer, provider: str, condition: Any, claims: Any, refused: Any) -> None:
    arn = role(akia, "one", trusting(provider, **condition), Tags=[{"Key": "team", "Value": "ops"}])
    assert take(akia, arn, issuer.token(**claims))
    [(operator, keys)] = condition.items()
    wrong = role(akia, "two", trusting(provider, **{operator: dict.fromkeys(keys, "4711")}))
    assert refused(taker(akia), RoleArn=wrong, RoleSessionName="build-1", WebIdentityToken=issuer.token(**claims)) == DENIED


def test_a_claim_in_another_case_does_not_stand_in_for_the_real_one(akia: World, issuer: Issuer, provider: str, refused: Any) -> None:
    arn = role(akia, "one", trusting(provider, StringEquals={f"{NAME}:sub": "admin"}))
    for forged in ({"SUB": "admin"}, {"Sub": "admin", "sUb": "admin"}, {f"{NAME}:sub": "admin"}):
        assert refused(taker(akia), RoleArn=arn, RoleSessionName="x1", WebIdentityToken=issuer.token(**forged)) == DENIED


def test_aws_principal_arn_is_absent(akia: World, issuer: Issuer, provider: str, refused: Any) -> None:
    arn = role(akia, "one", trusting(provider, Null={"aws:PrincipalArn": "false"}))
    assert refused(taker(akia), RoleArn=arn, RoleSessionName="x1", WebIdentityToken=issuer.token()) == DENIED


# What the session carries


def test_claims_that_last_are_known_in_the_session(akia: World, issuer: Issuer, provider: str, deployer: str) -> None:
    akia.client("iam").put_role_policy(
        RoleName="deployer",
        PolicyName="all",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": {
                    "Effect": "Allow",
                    "Action": "iam:ListUsers",
                    "Resource": "*",
                    "Condition": {"StringEquals": {f"{NAME}:sub": "repo:acme/app", "aws:FederatedProvider": provider}},
                },
            }
        ),
    )
    assert client(akia, take(akia, deployer, issuer.token()), "iam").list_users()
    other = client(akia, take(akia, deployer, issuer.token(sub="repo:evil/app")), "iam")
    with pytest.raises(other.exceptions.ClientError, match="AccessDenied"):
        other.list_users()


TAGS = {"https://aws.amazon.com/tags": {"principal_tags": {"Team": ["ops"]}, "transitive_tag_keys": ["Team"]}}


def test_si17_3_tags_and_source_identity_come_from_claims(akia: World, issuer: Issuer, provider: str, refused: Any) -> None:
    claims = {**TAGS, "https://aws.amazon.com/source_identity": "alice"}
    allowed = ("sts:TagSession", "sts:SetSourceIdentity")
    arn = role(akia, "tagged", trusting(provider, *allowed, StringEquals={"aws:RequestTag/team": "ops", "sts:SourceIdentity": "alice"}))
    answer = take(akia, arn, issuer.token(**claims))
    assert answer["SourceIdentity"] == "alice"
    assert answer["PackedPolicySize"] > 0
    key_id = answer["Credentials"]["AccessKeyId"]
    session = akia.akia.authority.tokens.open(key_id, answer["Credentials"]["SessionToken"].encode()).session
    assert (dict(session.tags), sorted(session.transitive), session.source_identity) == ({"Team": "ops"}, ["Team"], "alice")
    for missing in allowed:
        left = [action for action in allowed if action != missing]
        poor = role(akia, missing[4:], trusting(provider, *left))
        answer = refused(taker(akia), RoleArn=poor, RoleSessionName="x1", WebIdentityToken=issuer.token(**claims))
        assert answer == ("AccessDenied", 403, f"Not authorized to perform {missing}")


def test_si17_3_tags_may_be_flat(akia: World, issuer: Issuer, provider: str) -> None:
    arn = role(akia, "tagged", trusting(provider, "sts:TagSession"))
    flat = {"https://aws.amazon.com/tags/principal_tags/Team": "ops", "https://aws.amazon.com/tags/transitive_tag_keys": ["Team"]}
    answer = take(akia, arn, issuer.token(**flat))
    session = akia.akia.authority.tokens.open(answer["Credentials"]["AccessKeyId"], answer["Credentials"]["SessionToken"].encode()).session
    assert (dict(session.tags), sorted(session.transitive)) == ({"Team": "ops"}, ["Team"])


@pytest.mark.parametrize(
    "claims",
    [
        {"https://aws.amazon.com/tags": "Team"},
        {"https://aws.amazon.com/tags": {"principal_tags": ["Team"]}},
        {"https://aws.amazon.com/tags": {"principal_tags": {"Team": ["a", "b"]}}},
        {"https://aws.amazon.com/tags": {"principal_tags": {"Team": [1]}}},
        {"https://aws.amazon.com/tags": {"principal_tags": {"": ["a"]}}},
        {"https://aws.amazon.com/tags": {"principal_tags": {"Team": ["<"]}}},
        {"https://aws.amazon.com/tags": {"principal_tags": {"k" * 129: ["a"]}}},
        {"https://aws.amazon.com/tags": {"principal_tags": {"Team": ["a" * 257]}}},
        {"https://aws.amazon.com/tags": {"transitive_tag_keys": "Team"}},
        {"https://aws.amazon.com/tags": {"transitive_tag_keys": [1]}},
        {"https://aws.amazon.com/tags/transitive_tag_keys": "Team"},
        {"https://aws.amazon.com/tags/principal_tags/Team": "a", **TAGS},
        {"https://aws.amazon.com/source_identity": "a"},
        {"https://aws.amazon.com/source_identity": ["alice"]},
        {"https://aws.amazon.com/source_identity": "al ice"},
    ],
    ids=str,
)
def test_claims_for_the_session_that_have_not_the_documented_form_are_refused(
    akia: World, issuer: Issuer, provider: str, claims: Any, refused: Any
) -> None:
    arn = role(akia, "tagged", trusting(provider, "sts:TagSession", "sts:SetSourceIdentity"))
    assert refused(taker(akia), RoleArn=arn, RoleSessionName="x1", WebIdentityToken=issuer.token(**claims)) == NOT_VALIDATED


def test_p5_3_7_tag_keys_that_differ_by_case_alone_are_refused(akia: World, issuer: Issuer, provider: str, refused: Any) -> None:
    arn = role(akia, "tagged", trusting(provider, "sts:TagSession"))
    token = issuer.token(**{"https://aws.amazon.com/tags": {"principal_tags": {"a": ["1"], "A": ["2"]}}})
    assert refused(taker(akia), RoleArn=arn, RoleSessionName="x1", WebIdentityToken=token)[0] == "InvalidParameterValue"


def test_p1_7_8_session_policies_narrow_it_down(akia: World, issuer: Issuer, deployer: str) -> None:
    narrow = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:GetRole", "Resource": "*"}})
    answer = take(akia, deployer, issuer.token(), Policy=narrow)
    assert answer["PackedPolicySize"] > 0
    iam = client(akia, answer, "iam")
    assert iam.get_role(RoleName="deployer")
    with pytest.raises(iam.exceptions.ClientError, match="no session policy allows"):
        iam.list_users()


def test_p1_7_10_the_role_says_how_long(akia: World, issuer: Issuer, deployer: str, refused: Any) -> None:
    def seconds(**options: Any) -> float:
        made = take(akia, deployer, issuer.token(), **options)["Credentials"]
        issued = akia.akia.authority.tokens.open(made["AccessKeyId"], made["SessionToken"].encode()).session.issued
        lived: float = made["Expiration"].timestamp() - issued
        return lived

    assert (seconds(), seconds(DurationSeconds=900)) == (3_600, 900)
    code, _, message = refused(taker(akia), RoleArn=deployer, RoleSessionName="x1", WebIdentityToken=issuer.token(), DurationSeconds=3_601)
    assert (code, message) == ("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")


def test_contested_a_session_outlives_the_token_that_it_was_made_with(akia: World, issuer: Issuer, deployer: str) -> None:
    """NT-29 says that nothing outlives its source. AWS lets sessions outlive tokens, and must: those of CI systems last for minutes, and no
    session is shorter than a quarter of an hour. A token is the proof of a sign-in, not a credential that is exchanged; the role's maximum
    binds, and a token without an end is refused."""
    now = int(time.time())
    answer = take(akia, deployer, issuer.token(exp=now + 60))
    assert answer["Credentials"]["Expiration"].timestamp() >= now + 3_600


def test_p1_7_9_the_session_is_one_of_a_role(akia: World, issuer: Issuer, deployer: str, refused: Any) -> None:
    sts = client(akia, take(akia, deployer, issuer.token()))
    assert refused(sts.get_session_token)[0] == "AccessDenied"


def test_p1_5_1_scps_bind_the_session_but_not_who_asks_for_it(akia: World, issuer: Issuer, refused: Any) -> None:
    """The bearer of a token belongs to no account."""
    organization = Organization(akia)
    organization.enable()
    member = organization.account()
    akia.akia.authority.provider_keys.__dict__["client"] = issuer
    iam = member.client("iam")
    made = iam.create_open_id_connect_provider(Url=ISSUER, ClientIDList=[CLIENT], ThumbprintList=[THUMBPRINT])["OpenIDConnectProviderArn"]
    trust = json.dumps({"Version": "2012-10-17", "Statement": trusting(made)})
    arn = iam.create_role(RoleName="deployer", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    everything = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    iam.put_role_policy(RoleName="deployer", PolicyName="all", PolicyDocument=everything)
    assert client(akia, take(akia, arn, issuer.token()), "iam").list_users()
    organization.client.attach_policy(PolicyId=organization.policy(Action=["sts:*", "iam:*"]), TargetId=member.id)
    session = client(akia, take(akia, arn, issuer.token()), "iam")
    code, _, message = refused(session.list_users)
    assert (code, "service control policy" in message) == ("AccessDenied", True)


def test_rcps_of_the_roles_account_bind_who_asks_for_it(akia: World, issuer: Issuer, refused: Any) -> None:
    organization = Organization(akia)
    organization.enable("RESOURCE_CONTROL_POLICY")
    member = organization.account()
    akia.akia.authority.provider_keys.__dict__["client"] = issuer
    iam = member.client("iam")
    made = iam.create_open_id_connect_provider(Url=ISSUER, ClientIDList=[CLIENT], ThumbprintList=[THUMBPRINT])["OpenIDConnectProviderArn"]
    trust = json.dumps({"Version": "2012-10-17", "Statement": trusting(made)})
    arn = iam.create_role(RoleName="deployer", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    assert take(akia, arn, issuer.token())
    denying: dict[str, Any] = {
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": "*",
        "Condition": {"StringNotEquals": {f"{NAME}:sub": "repo:acme/app"}},
    }
    policy = organization.policy(kind="RESOURCE_CONTROL_POLICY", **denying)
    organization.client.attach_policy(PolicyId=policy, TargetId=member.id)
    assert take(akia, arn, issuer.token())
    assert refused(taker(akia), RoleArn=arn, RoleSessionName="x1", WebIdentityToken=issuer.token(sub="repo:evil/app")) == DENIED


# Refusals


def test_provider_id_is_refused(akia: World, issuer: Issuer, deployer: str, refused: Any) -> None:
    code, status, _ = refused(
        taker(akia), RoleArn=deployer, RoleSessionName="x1", WebIdentityToken=issuer.token(), ProviderId="www.amazon.com"
    )
    assert (code, status) == ("ValidationError", 400)


def test_p5_3_6_a_role_arn_that_is_none(akia: World, issuer: Issuer, provider: str, refused: Any) -> None:
    arn = f"arn:aws:iam::{akia.account}:user/alice"
    assert refused(taker(akia), RoleArn=arn, RoleSessionName="x1", WebIdentityToken=issuer.token())[0] == "ValidationError"


def test_an_expired_token_is_told_from_a_wrong_one_only_if_it_is_genuine(akia: World, issuer: Issuer, deployer: str, refused: Any) -> None:
    old = {"iat": 1_000, "exp": 2_000}
    assert refused(taker(akia), RoleArn=deployer, RoleSessionName="x1", WebIdentityToken=issuer.token(**old))[:2] == (
        "ExpiredTokenException",
        400,
    )
    forged = replace(issuer, which="another").token(header={"kid": issuer.kid()}, **old)
    assert refused(taker(akia), RoleArn=deployer, RoleSessionName="x1", WebIdentityToken=forged) == NOT_VALIDATED


def test_a_provider_that_does_not_answer_is_told_and_not_asked_again_at_once(
    akia: World, issuer: Issuer, deployer: str, refused: Any
) -> None:
    issuer.answers = False
    for _ in range(3):
        code, status, _ = refused(taker(akia), RoleArn=deployer, RoleSessionName="x1", WebIdentityToken=issuer.token())
        assert (code, status) == ("IDPCommunicationError", 400)
    assert len(issuer.asked) == 1


@pytest.mark.parametrize(
    "document",
    [
        b"not json",
        b"{}",
        json.dumps({"issuer": ISSUER + "/", "jwks_uri": f"{ISSUER}/keys"}).encode(),
        json.dumps({"issuer": ISSUER}).encode(),
        json.dumps({"issuer": ISSUER, "jwks_uri": 1}).encode(),
    ],
)
def test_a_provider_that_describes_itself_wrongly_is_no_source_of_keys(
    akia: World, issuer: Issuer, deployer: str, document: bytes, refused: Any
) -> None:
    issuer.documents[f"{ISSUER}/.well-known/openid-configuration"] = document
    code, _, _ = refused(taker(akia), RoleArn=deployer, RoleSessionName="x1", WebIdentityToken=issuer.token())
    assert code == "IDPCommunicationError"


def test_deleting_the_provider_ends_it(akia: World, issuer: Issuer, provider: str, deployer: str, refused: Any) -> None:
    take(akia, deployer, issuer.token())
    akia.client("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=provider)
    assert refused(taker(akia), RoleArn=deployer, RoleSessionName="x1", WebIdentityToken=issuer.token()) == NOT_VALIDATED


def test_removing_the_client_ends_it(akia: World, issuer: Issuer, provider: str, deployer: str, refused: Any) -> None:
    akia.client("iam").remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=provider, ClientID=CLIENT)
    assert refused(taker(akia), RoleArn=deployer, RoleSessionName="x1", WebIdentityToken=issuer.token()) == NOT_VALIDATED


# What is remembered


def test_ac2_8_the_event_names_the_bearer_and_holds_no_token(akia: World, issuer: Issuer, provider: str, deployer: str) -> None:
    token = issuer.token()
    answer = take(akia, deployer, token)
    event = last_event(akia)
    assert event["userIdentity"] == {
        "type": "WebIdentityUser",
        "principalId": f"{provider}:{CLIENT}:repo:acme/app",
        "userName": "repo:acme/app",
        "identityProvider": provider,
    }
    text = json.dumps(event)
    assert token not in text
    assert "webIdentityToken" not in text
    assert answer["Credentials"]["SecretAccessKey"] not in text
    assert event["requestParameters"] == {"roleArn": deployer, "roleSessionName": "build-1"}
    assert event["responseElements"]["subjectFromWebIdentityToken"] == "repo:acme/app"
    assert event["resources"][0]["ARN"] == deployer


def test_ac2_3_events_of_the_session_name_the_provider(akia: World, issuer: Issuer, provider: str, deployer: str) -> None:
    client(akia, take(akia, deployer, issuer.token()), "iam").list_users()
    context = last_event(akia, "ListUsers")["userIdentity"]["sessionContext"]
    assert context["webIdFederationData"] == {"federatedProvider": provider, "attributes": {}}


def test_the_reason_of_a_refusal_is_in_the_event_only(akia: World, issuer: Issuer, deployer: str, refused: Any) -> None:
    token = issuer.token(aud="somebody-else")
    assert refused(taker(akia), RoleArn=deployer, RoleSessionName="x1", WebIdentityToken=token) == NOT_VALIDATED
    event = last_event(akia)
    assert event["errorCode"] == "InvalidIdentityToken"
    assert event["errorMessage"] == "the token was issued to a client that is not registered with the provider"
    assert token not in json.dumps(event)
