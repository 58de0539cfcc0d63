"""An account as careless people leave it, with every weakness that Prowler looks for; and the same account put in order."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import time
from contextlib import closing
from typing import Any

import pyotp
from tests.clients.auditing import Session
from tests.clients.documents import allowing, trusting
from tests.clients.test_ansible import self_signed
from tests.served import PROGRAM, Served, environment

from akia.store.founding import KeyPair

AWS_POLICY = "arn:aws:iam::aws:policy/"
STRANGER = "arn:aws:iam::999999999999:root"
PASSWORD = "Correct horse 1 battery!"

WEAK_DOCUMENTS = {
    "everything": allowing("*"),
    "escalation": allowing("iam:CreatePolicyVersion"),
    "cloudtrail": allowing("cloudtrail:*"),
    "kms": allowing("kms:*"),
    "marketplace": allowing("aws-marketplace:Subscribe"),
}
"""Written both into customer managed policies and into inline ones."""

MANAGED_DOCUMENTS = WEAK_DOCUMENTS | {
    "tokens": allowing("bedrock-agentcore:GetWorkloadAccessToken"),
    "pass": allowing("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "bedrock-agentcore.amazonaws.com"}}),
    "assume": allowing("sts:AssumeRole"),
}

HARMLESS = allowing("s3:GetObject", "arn:aws:s3:::reports/*")


def client_of_root(served: Served, service: str) -> Any:
    return served.client(service, key_in((served.data / "root-profile").read_text()))


def key_in(profile: str) -> KeyPair:
    """The key pair in the text of an AWS profile."""
    return KeyPair(*(re.findall(rf"{name} = (\S+)", profile)[0] for name in ("aws_access_key_id", "aws_secret_access_key")))


# --- careless ---------------------------------------------------------------------------------------------------------------------


def neglect(served: Served) -> None:
    """Make every weakness, as the administrator."""
    iam = served.client("iam")
    upload_certificate(iam, "weak", seconds=3)
    account = served.client("sts").get_caller_identity()["Account"]
    iam.create_user(UserName="weak")
    iam.create_group(GroupName="weak")
    iam.create_role(RoleName="weak", AssumeRolePolicyDocument=trusting(AWS=f"arn:aws:iam::{account}:root"))
    iam.create_login_profile(UserName="weak", Password=PASSWORD)
    iam.add_user_to_group(GroupName="weak", UserName="weak")
    iam.create_user(UserName="weak-modeller")
    iam.put_user_policy(UserName="weak-modeller", PolicyName="own", PolicyDocument=allowing("sagemaker:*"))
    allow_too_much(iam)
    trust_too_many(iam)
    leave_keys_about(served)
    served.client("organizations").create_organization(FeatureSet="ALL")


def upload_certificate(iam: Any, name: str, seconds: int) -> None:
    """A server certificate that will be good for so many seconds."""
    key, certificate = self_signed("shop.example.com", seconds)
    iam.upload_server_certificate(ServerCertificateName=name, CertificateBody=certificate, PrivateKey=key)


def allow_too_much(iam: Any) -> None:
    administrator = f"{AWS_POLICY}AdministratorAccess"
    iam.attach_user_policy(UserName="weak", PolicyArn=administrator)
    iam.attach_group_policy(GroupName="weak", PolicyArn=administrator)
    iam.attach_role_policy(RoleName="weak", PolicyArn=administrator)
    iam.attach_user_policy(UserName="weak", PolicyArn=f"{AWS_POLICY}AWSCloudShellFullAccess")
    for name, text in WEAK_DOCUMENTS.items():
        iam.put_user_policy(UserName="weak", PolicyName=name, PolicyDocument=text)
    for name, text in MANAGED_DOCUMENTS.items():
        arn = iam.create_policy(PolicyName=f"weak-{name}", PolicyDocument=text)["Policy"]["Arn"]
        iam.attach_role_policy(RoleName="weak", PolicyArn=arn)
    iam.create_policy(PolicyName="weak-unattached", PolicyDocument=WEAK_DOCUMENTS["everything"])


def trust_too_many(iam: Any) -> None:
    iam.create_role(RoleName="weak-stranger", AssumeRolePolicyDocument=trusting(AWS=STRANGER))
    iam.attach_role_policy(RoleName="weak-stranger", PolicyArn=f"{AWS_POLICY}ReadOnlyAccess")
    iam.create_role(RoleName="weak-service", AssumeRolePolicyDocument=trusting(Service="lambda.amazonaws.com"))
    pattern = {"StringLike": {"aws:SourceAccount": "1234*"}}
    iam.create_role(RoleName="weak-source", AssumeRolePolicyDocument=trusting(pattern, Service="lambda.amazonaws.com"))


def leave_keys_about(served: Served) -> None:
    """A user's key that was made and used long ago, another that was never used; and a key of the root user, used today."""
    iam = served.client("iam")
    old, _ = (iam.create_access_key(UserName="weak")["AccessKey"] for _ in range(2))
    served.client("sts", KeyPair(old["AccessKeyId"], old["SecretAccessKey"])).get_caller_identity()
    iam.get_access_key_last_used(AccessKeyId=old["AccessKeyId"])  # after which the use is in the database
    grow_old(served, old["AccessKeyId"], days=100)
    command = [str(PROGRAM), "root-key", "--data", str(served.data)]
    subprocess.run(command, env=environment(served.home), capture_output=True, check=True)
    client_of_root(served, "sts").get_caller_identity()


def grow_old(served: Served, key_id: str, *, days: int) -> None:
    """Make a key and a password as old as only time could, by the hand of somebody who has the database."""
    seconds = days * 86_400
    changes = [
        ("UPDATE access_keys SET created = created - ? WHERE id = ?", (seconds, key_id)),
        ("UPDATE key_uses SET at = at - ? WHERE access_key_id = ?", (seconds * 1000, key_id)),
        ("UPDATE login_profiles SET used = created - ?", (seconds,)),
    ]
    with closing(sqlite3.connect(served.data / "akia.db", timeout=30)) as database, database:
        assert [database.execute(*change).rowcount for change in changes] == [1, 1, 1]


# --- in order ---------------------------------------------------------------------------------------------------------------------


def put_in_order(served: Served, saml_metadata: str) -> Session:
    """Remove what is weak, set up what is missing, and leave no key in the account; the credentials are those of an auditor's session."""
    iam = served.client("iam")
    remove_the_weak(iam)
    set_the_account_up(served, saml_metadata)
    session = audit_session(served)
    root = client_of_root(served, "iam")
    remove_user(root, "administrator")
    for key in root.list_access_keys()["AccessKeyMetadata"]:
        root.delete_access_key(AccessKeyId=key["AccessKeyId"])
    return session


def remove_the_weak(iam: Any) -> None:
    iam.remove_user_from_group(GroupName="weak", UserName="weak")
    iam.delete_login_profile(UserName="weak")
    remove_user(iam, "weak")
    remove_user(iam, "weak-modeller")
    iam.delete_server_certificate(ServerCertificateName="weak")
    iam.detach_group_policy(GroupName="weak", PolicyArn=f"{AWS_POLICY}AdministratorAccess")
    iam.delete_group(GroupName="weak")
    for role in iam.list_roles()["Roles"]:
        for policy in iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=role["RoleName"], PolicyArn=policy["PolicyArn"])
        iam.delete_role(RoleName=role["RoleName"])
    for policy in iam.list_policies(Scope="Local")["Policies"]:
        iam.delete_policy(PolicyArn=policy["Arn"])


def remove_user(iam: Any, name: str) -> None:
    for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    for policy in iam.list_attached_user_policies(UserName=name)["AttachedPolicies"]:
        iam.detach_user_policy(UserName=name, PolicyArn=policy["PolicyArn"])
    for inline in iam.list_user_policies(UserName=name)["PolicyNames"]:
        iam.delete_user_policy(UserName=name, PolicyName=inline)
    iam.delete_user(UserName=name)


def set_the_account_up(served: Served, saml_metadata: str) -> None:
    """What a good account has: a password policy, federation, roles for auditors and support, and a user who signs in with two factors."""
    iam, account = served.client("iam"), served.client("sts").get_caller_identity()["Account"]
    iam.update_account_password_policy(
        MinimumPasswordLength=14,
        RequireSymbols=True,
        RequireNumbers=True,
        RequireUppercaseCharacters=True,
        RequireLowercaseCharacters=True,
        MaxPasswordAge=90,
        PasswordReusePrevention=24,
    )
    iam.create_saml_provider(Name="office", SAMLMetadataDocument=saml_metadata)
    served.client("organizations").enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    iam.enable_organizations_root_credentials_management()
    own = {"StringEquals": {"aws:SourceAccount": account}}
    roles = {"auditor": trusting(AWS=f"arn:aws:iam::{account}:root"), "tidy": trusting(own, Service="lambda.amazonaws.com")}
    for name, trust in roles.items():
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    for name in ("SecurityAudit", "AWSSupportAccess"):
        iam.attach_role_policy(RoleName="auditor", PolicyArn=f"{AWS_POLICY}{name}")
    arn = iam.create_policy(PolicyName="tidy", PolicyDocument=HARMLESS)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="tidy", PolicyArn=arn)
    iam.put_role_policy(RoleName="tidy", PolicyName="tidy", PolicyDocument=HARMLESS)
    iam.create_policy(PolicyName="tidy-unattached", PolicyDocument=HARMLESS)
    upload_certificate(iam, "tidy", seconds=86_400)
    add_tidy_user(iam)


def add_tidy_user(iam: Any) -> None:
    iam.create_group(GroupName="tidy")
    iam.put_group_policy(GroupName="tidy", PolicyName="tidy", PolicyDocument=HARMLESS)
    iam.create_user(UserName="tidy")
    iam.add_user_to_group(GroupName="tidy", UserName="tidy")
    iam.create_login_profile(UserName="tidy", Password=PASSWORD)
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="tidy")["VirtualMFADevice"]
    codes = pyotp.TOTP(device["Base32StringSeed"].decode())
    now = int(time.time())
    first, second = codes.at(now - 30), codes.at(now)
    iam.enable_mfa_device(UserName="tidy", SerialNumber=device["SerialNumber"], AuthenticationCode1=first, AuthenticationCode2=second)


def audit_session(served: Served) -> Session:
    sts = served.client("sts")
    arn = f"arn:aws:iam::{sts.get_caller_identity()['Account']}:role/auditor"
    given = sts.assume_role(RoleArn=arn, RoleSessionName="prowler")["Credentials"]
    return Session(KeyPair(given["AccessKeyId"], given["SecretAccessKey"]), given["SessionToken"])
