"""One call for each form of `userIdentity` (AC2) and each row of the table of redactions (AC3.1) that akia performs, and its record.

python -m tests.trail.golden_records     # writes the files in `golden/` anew: read the difference before you keep it
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from pyotp import HOTP
from tests import openid, saml
from tests.conftest import World
from tests.delegation import TEMPLATE, Partner
from tests.organization import World as Organization
from tests.services.iam.minted import mint

from akia.authority.operator import Operator
from akia.store.founding import KeyPair
from akia.testing.in_process import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Person

DIRECTORY = Path(__file__).parent / "golden"
AGENT = Config(user_agent="golden")
OPEN = {"Effect": "Allow", "Action": "*", "Resource": "*"}
AUDIT = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"


class Scene:
    """An akia, and who calls it."""

    def __init__(self) -> None:
        self.akia = World(ACCOUNT)
        self.akia.source_ip = "203.0.113.7"

    def client(self, service: str, who: Person | KeyPair | dict[str, Any] | None = None) -> Any:
        """A client of a person, a key, or the credentials that STS has answered; of the root user by default."""
        if isinstance(who, dict):
            made = who["Credentials"]
            pair = KeyPair(made["AccessKeyId"], made["SecretAccessKey"])
            return self.akia.client(service, pair, token=made["SessionToken"], config=AGENT)
        return self.akia.client(service, who if who is None or isinstance(who, KeyPair) else who.key, config=AGENT)

    def alice(self) -> Person:
        return self.akia.person("alice", OPEN)

    def code(self, who: Person) -> dict[str, str]:
        """A code of a new device of `who`, and its serial number."""
        iam, now = self.client("iam"), int(self.akia_now()) // 30
        made = iam.create_virtual_mfa_device(VirtualMFADeviceName=who.name)["VirtualMFADevice"]
        device = HOTP(made["Base32StringSeed"].decode())
        pair = {"AuthenticationCode1": device.at(now - 1), "AuthenticationCode2": device.at(now)}
        iam.enable_mfa_device(UserName=who.name, SerialNumber=made["SerialNumber"], **pair)
        return {"SerialNumber": made["SerialNumber"], "TokenCode": device.at(now + 1)}

    def akia_now(self) -> float:
        return self.akia.akia.pipeline.clock()

    def role(self, name: str, *statements: dict[str, Any], trusted: str = ACCOUNT, iam: Any = None) -> str:
        """The ARN of a role that may do everything, and is trusted to `trusted`, or as `statements` say."""
        actions = ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"]
        trust = list(statements) or [{"Effect": "Allow", "Principal": {"AWS": trusted}, "Action": actions}]
        document, client = json.dumps({"Version": "2012-10-17", "Statement": trust}), iam or self.akia.client("iam")
        made = client.create_role(RoleName=name, Path="/team/", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        everything = json.dumps({"Version": "2012-10-17", "Statement": OPEN})
        client.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=everything)
        return str(made)

    def records(self, name: str, account: str = ACCOUNT) -> list[dict[str, Any]]:
        """Those of the events called `name`, newest first."""
        from akia.store.trail.lookup import Attribute

        self.akia.akia.authority.drain()
        return [json.loads(row.record) for row in self.akia.akia.store.events.lookup(account, Attribute.EVENT_NAME, name)]

    def refused(self, call: Callable[..., Any], /, **arguments: Any) -> None:
        try:
            call(**arguments)
        except ClientError:
            return
        raise AssertionError("the call was allowed")


# Who calls (AC2)


def iam_user(scene: Scene) -> Any:
    scene.client("iam", scene.alice()).create_access_key(UserName="alice")
    return scene.records("CreateAccessKey")[0]


def iam_user_session(scene: Scene) -> Any:
    session = scene.client("sts", scene.alice()).get_session_token(DurationSeconds=900)
    scene.client("sts", session).get_caller_identity()
    return scene.records("GetCallerIdentity")[0]


def iam_user_session_with_mfa(scene: Scene) -> Any:
    alice = scene.alice()
    session = scene.client("sts", alice).get_session_token(**scene.code(alice))
    scene.client("iam", session).create_login_profile(UserName="alice", Password="correct-Horse-9", PasswordResetRequired=True)
    return scene.records("CreateLoginProfile")[0]


def root(scene: Scene) -> Any:
    scene.client("iam").create_virtual_mfa_device(VirtualMFADeviceName="phone", Tags=[{"Key": "floor", "Value": "3"}])
    return scene.records("CreateVirtualMFADevice")[0]


def root_with_alias(scene: Scene) -> Any:
    iam = scene.client("iam")
    iam.create_account_alias(AccountAlias="acme")
    iam.create_user(UserName="bob", Path="/team/", Tags=[{"Key": "floor", "Value": "3"}])
    return scene.records("CreateUser")[0]


def root_session(scene: Scene) -> Any:
    scene.client("sts", scene.client("sts").get_session_token()).get_caller_identity()
    return scene.records("GetCallerIdentity")[0]


def assumed_root(scene: Scene) -> Any:
    organization = Organization(scene.akia)
    organization.client.enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    scene.akia.client("iam").enable_organizations_root_sessions()
    member = organization.account()
    session = scene.client("sts", scene.alice()).assume_root(TargetPrincipal=member.id, TaskPolicyArn={"arn": AUDIT})
    scene.client("iam", session).get_account_summary()
    return scene.records("GetAccountSummary", member.id)[0]


def assumed_role(scene: Scene) -> Any:
    alice, arn = scene.alice(), scene.role("reader")
    session = scene.client("sts", alice).assume_role(RoleArn=arn, RoleSessionName="night", SourceIdentity="diego", **scene.code(alice))
    scene.client("iam", session).list_users(PathPrefix="/team/", MaxItems=5)
    return scene.records("ListUsers")[0]


def assumed_role_chained(scene: Scene) -> Any:
    first, second = scene.role("first"), scene.role("second")
    one = scene.client("sts", scene.alice()).assume_role(RoleArn=first, RoleSessionName="one", SourceIdentity="diego")
    scene.client("sts", one).assume_role(
        RoleArn=second, RoleSessionName="two", DurationSeconds=900, ExternalId="partner", TransitiveTagKeys=["team"],
        Tags=[{"Key": "team", "Value": "red"}], Policy=json.dumps({"Version": "2012-10-17", "Statement": OPEN}),
    )  # fmt: skip
    return scene.records("AssumeRole")[0]


def federated_user(scene: Scene) -> Any:
    policy = json.dumps({"Version": "2012-10-17", "Statement": OPEN})
    session = scene.client("sts", scene.alice()).get_federation_token(Name="guest", Policy=policy)
    scene.client("sts", session).get_caller_identity()
    return scene.records("GetCallerIdentity")[0]


def federated_user_of_root(scene: Scene) -> Any:
    scene.client("sts", scene.client("sts").get_federation_token(Name="guest")).get_caller_identity()
    return scene.records("GetCallerIdentity")[0]


def get_federation_token(scene: Scene) -> Any:
    scene.client("sts", scene.alice()).get_federation_token(Name="guest", Tags=[{"Key": "team", "Value": "red"}])
    return scene.records("GetFederationToken")[0]


def _with_web_identity(scene: Scene) -> Any:
    issuer = openid.Issuer()
    arn = openid.role(scene.akia, "deployer", openid.trusting(openid.known_to(scene.akia, issuer)))
    given = {"RoleArn": arn, "RoleSessionName": "build-1", "WebIdentityToken": issuer.token()}
    unsigned = scene.akia.client("sts", config=AGENT.merge(Config(signature_version=UNSIGNED)))
    return unsigned.assume_role_with_web_identity(**given)


def web_identity_user(scene: Scene) -> Any:
    _with_web_identity(scene)
    return scene.records("AssumeRoleWithWebIdentity")[0]


def assumed_role_by_web_identity(scene: Scene) -> Any:
    scene.client("sts", _with_web_identity(scene)).get_caller_identity()
    return scene.records("GetCallerIdentity")[0]


def saml_user(scene: Scene) -> Any:
    pair = saml.pair("golden")
    made = scene.akia.client("iam").create_saml_provider(Name="office", SAMLMetadataDocument=saml.metadata(pair))
    provider = made["SAMLProviderArn"]
    actions = ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"]
    arn = scene.role("visitor", {"Effect": "Allow", "Principal": {"Federated": provider}, "Action": actions})
    attributes = {f"{saml.AWS}SourceIdentity": ("diego",), f"{saml.AWS}PrincipalTag:team": ("red",)}
    idp = saml.Idp(pair, (f"{arn},{provider}",), attributes=attributes)
    unsigned = scene.akia.client("sts", config=AGENT.merge(Config(signature_version=UNSIGNED)))
    unsigned.assume_role_with_saml(RoleArn=arn, PrincipalArn=provider, SAMLAssertion=idp.response())
    return scene.records("AssumeRoleWithSAML")[0]


def aws_account(scene: Scene) -> Any:
    member = Organization(scene.akia).account()
    arn = scene.role("guest", trusted=ACCOUNT, iam=member.client("iam"))
    scene.client("sts", scene.alice()).assume_role(RoleArn=arn, RoleSessionName="visit")
    return scene.records("AssumeRole", member.id)[0]


def aws_service(scene: Scene) -> Any:
    return json.loads(Operator(ACCOUNT, "akia root-key").made_key("AKIAIOSFODNN7EXAMPLE", None).record)


def delegated(scene: Scene) -> Any:
    partner = Partner(scene.akia)
    alice = scene.alice()
    access = partner.access(scene.client("iam", alice), partner.request(partner.template(TEMPLATE)))
    scene.client("iam", access).list_users()
    return scene.records("ListUsers")[0]


def unknown(scene: Scene) -> Any:
    scene.refused(scene.client("iam", KeyPair(scene.akia.root.access_key_id, "x" * 40)).list_users)
    return next(record for record in scene.records("ListUsers") if "errorCode" in record)


# What is left out (AC3.1); rows a, b and c are above


def update_login_profile(scene: Scene) -> Any:
    scene.alice()
    scene.client("iam").create_login_profile(UserName="alice", Password="correct-Horse-9")
    scene.client("iam").update_login_profile(UserName="alice", Password="correct-Horse-10", PasswordResetRequired=False)
    return scene.records("UpdateLoginProfile")[0]


def change_password(scene: Scene) -> Any:
    alice = scene.alice()
    scene.client("iam").create_login_profile(UserName="alice", Password="correct-Horse-9")
    scene.client("iam", alice).change_password(OldPassword="correct-Horse-9", NewPassword="correct-Horse-10")
    return scene.records("ChangePassword")[0]


def enable_mfa_device(scene: Scene) -> Any:
    scene.code(scene.alice())
    return scene.records("EnableMFADevice")[0]


def create_service_specific_credential(scene: Scene) -> Any:
    scene.alice()
    scene.client("iam").create_service_specific_credential(UserName="alice", ServiceName="codecommit.amazonaws.com")
    return scene.records("CreateServiceSpecificCredential")[0]


def reset_service_specific_credential(scene: Scene) -> Any:
    scene.alice()
    iam = scene.client("iam")
    made = iam.create_service_specific_credential(UserName="alice", ServiceName="bedrock.amazonaws.com")["ServiceSpecificCredential"]
    iam.reset_service_specific_credential(UserName="alice", ServiceSpecificCredentialId=made["ServiceSpecificCredentialId"])
    return scene.records("ResetServiceSpecificCredential")[0]


def upload_server_certificate(scene: Scene) -> Any:
    minted = mint()
    scene.client("iam").upload_server_certificate(
        ServerCertificateName="web", CertificateBody=minted.pem, PrivateKey=minted.key_pem, CertificateChain=minted.pem
    )
    return scene.records("UploadServerCertificate")[0]


def get_session_token(scene: Scene) -> Any:
    alice = scene.alice()
    scene.client("sts", alice).get_session_token(**scene.code(alice))
    return scene.records("GetSessionToken")[0]


# Refusals (AC3.2)


def denied_by_iam(scene: Scene) -> Any:
    scene.refused(scene.client("iam", scene.akia.person("bob")).create_user, UserName="eve", Path="/team/")
    return scene.records("CreateUser")[0]


def denied_by_sts(scene: Scene) -> Any:
    arn = scene.role("reader", trusted=f"arn:aws:iam::{ACCOUNT}:root")
    scene.refused(scene.client("sts", scene.akia.person("bob")).assume_role, RoleArn=arn, RoleSessionName="night")
    return scene.records("AssumeRole")[0]


def denied_by_cloudtrail(scene: Scene) -> Any:
    scene.refused(scene.client("cloudtrail", scene.akia.person("bob")).lookup_events, MaxResults=3)
    return scene.records("LookupEvents")[0]


def refused_by_iam(scene: Scene) -> Any:
    scene.refused(scene.client("iam").delete_user, UserName="nobody")
    return scene.records("DeleteUser")[0]


CASES: dict[str, Callable[[Scene], Any]] = {
    case.__name__: case
    for case in (
        iam_user, iam_user_session, iam_user_session_with_mfa, root, root_with_alias, root_session, assumed_root, assumed_role,
        assumed_role_chained, federated_user, federated_user_of_root, get_federation_token, web_identity_user,
        assumed_role_by_web_identity, saml_user, aws_account, aws_service, delegated, unknown, update_login_profile, change_password,
        enable_mfa_device, create_service_specific_credential, reset_service_specific_credential, upload_server_certificate,
        get_session_token, denied_by_iam, denied_by_sts, denied_by_cloudtrail, refused_by_iam,
    )
}  # fmt: skip


_CHANCE = {
    "GUID": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "DECISION": r"(?<![0-9a-z])[0-9a-f]{32}(?![0-9a-z])",
    "SHA-256": r"(?<![0-9a-z])[0-9a-f]{64}(?![0-9a-z])",
    "AKIA": r"AKIA[A-Z2-7]{16}",
    "ASIA": r"ASIA[A-Z2-7]{16}",
    "AIDA": r"AIDA[A-Z2-7]{16,17}",
    "AROA": r"AROA[A-Z2-7]{16,17}",
    "ASCA": r"ASCA[A-Z2-7]{16,17}",
    "ACCA": r"ACCA[A-Z2-7]{16,17}",
    "TIME": r"20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z",
    "STS TIME": r"[A-Z][a-z]{2} [0-9]{1,2}, 20[0-9]{2}, [0-9]{1,2}:[0-9]{2}:[0-9]{2} [AP]M",
    "IAM TIME": r"[A-Z][a-z]{2} [0-9]{1,2}, 20[0-9]{2} [0-9]{1,2}:[0-9]{2}:[0-9]{2} [AP]M",
    "PEM": r"-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----(?:\\n)?",
    "ASSERTION": r"_[0-9a-f]{32}",
    "ACCOUNT": r"(?<![0-9])(?!123456789012|444455556666)[0-9]{12}(?![0-9])",
    "VERSION": r"(?<=Botocore/)[0-9.]+",
    "SIZE": r"(?<=sessionTokenSize\": )[0-9]+|(?<=sessionTokenUtilization\": )[0-9]+|(?<=packedPolicySize\": )[0-9]+",
}  # fmt: skip
"""What differs from run to run, by its form. Equal values get equal names: `<AKIA 1>`."""


def settled(record: dict[str, Any]) -> str:
    """The record as text, in its order of members, with names in place of what differs from run to run."""
    names: dict[str, str] = {}
    counts: dict[str, int] = {}

    def name(found: re.Match[str]) -> str:
        kind = str(found.lastgroup).replace("__", "-").replace("_", " ")
        if "TIME" in kind or kind in {"PEM", "SIZE", "VERSION"}:
            return f"<{kind}>"
        if found[0] not in names:
            counts[kind] = counts.get(kind, 0) + 1
            names[found[0]] = f"<{kind} {counts[kind]}>"
        return names[found[0]]

    groups = [f"(?P<{kind.replace('-', '__').replace(' ', '_')}>{form})" for kind, form in _CHANCE.items()]
    return re.sub("|".join(groups), name, json.dumps(record, indent=2)) + "\n"


def golden(case: str) -> str:
    """What the record of `case` is today."""
    scene = Scene()
    try:
        return settled(CASES[case](scene))
    finally:
        scene.akia.close()


if __name__ == "__main__":
    for each in CASES:
        (DIRECTORY / f"{each}.json").write_text(golden(each), "utf-8")
