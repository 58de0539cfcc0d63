"""Nine refused requests, one for each layer that can refuse, with what would allow them: what `akia why` must explain."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from botocore import xform_name

from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from collections.abc import Callable

ALL = {"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}


class Akia(Protocol):
    """An akia in process or behind a socket."""

    def client(self, service: str, key: KeyPair | None = None, *, token: str | None = None) -> Any:
        """A boto3 client; without a key, of somebody who may do everything."""


@dataclass(frozen=True)
class Denial:
    """A request that is refused. `names` must stand in its explanation; `allow` makes the change that it proposes."""

    key: KeyPair
    service: str
    operation: str
    parameters: dict[str, str]
    names: tuple[str, ...]
    allow: Callable[[], KeyPair | None]
    """Returns new credentials where the old ones cannot be changed."""
    token: str | None = None
    tokens: dict[str, str] = field(default_factory=dict)
    """By access key id, of credentials that `allow` returns."""

    def call(self, akia: Akia, key: KeyPair | None = None) -> Any:
        """Make the request."""
        token = self.token if key is None else self.tokens.get(key.access_key_id)
        client = akia.client(self.service, key or self.key, token=token)
        return getattr(client, xform_name(self.operation))(**self.parameters)


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allow(action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(sid: str, action: str, **more: Any) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Deny", "Action": action, "Resource": "*", **more}


def user(akia: Akia, name: str, *statements: dict[str, Any]) -> KeyPair:
    iam = akia.client("iam")
    iam.create_user(UserName=name)
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(*statements))
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return KeyPair(made["AccessKeyId"], made["SecretAccessKey"])


def account(akia: Akia) -> str:
    return str(akia.client("sts").get_caller_identity()["Account"])


def identity_is_silent(akia: Akia) -> Denial:
    key = user(akia, "ida")
    target = f"arn:aws:iam::{account(akia)}:user/new"

    def fix() -> None:
        akia.client("iam").put_user_policy(UserName="ida", PolicyName="own", PolicyDocument=document(allow("iam:CreateUser", target)))

    names = ("identity-based policies: do not allow", f'"Resource": "{target}"', "Add this statement to an identity-based policy of")
    return Denial(key, "iam", "CreateUser", {"UserName": "new"}, names, fix)


def identity_denies(akia: Akia) -> Denial:
    key = user(akia, "dora", ALL, deny("NoListing", "iam:ListUsers"))

    def fix() -> None:
        akia.client("iam").put_user_policy(UserName="dora", PolicyName="own", PolicyDocument=document(ALL))

    names = (
        "identity-based policies: DENY",
        "statement NoListing of the inline policy own",
        '"iam:ListUsers"',
        "Take the statement NoListing",
    )
    return Denial(key, "iam", "ListUsers", {}, names, fix)


def group_denies(akia: Akia) -> Denial:
    key = user(akia, "gus", ALL)
    iam = akia.client("iam")
    iam.create_group(GroupName="interns")
    iam.put_group_policy(GroupName="interns", PolicyName="limits", PolicyDocument=document(deny("NoRoles", "iam:ListRoles")))
    iam.add_user_to_group(GroupName="interns", UserName="gus")

    def fix() -> None:
        iam.delete_group_policy(GroupName="interns", PolicyName="limits")

    names = ("identity-based policies: DENY", "Take the statement NoRoles out of the inline policy limits", ":group/interns")
    return Denial(key, "iam", "ListRoles", {}, names, fix)


def boundary_is_silent(akia: Akia) -> Denial:
    key = user(akia, "bea", ALL)
    iam = akia.client("iam")
    arn = iam.create_policy(PolicyName="fence", PolicyDocument=document(allow("s3:*")))["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="bea", PermissionsBoundary=arn)

    def fix() -> None:
        wider = document(allow("s3:*"), allow("iam:ListUsers"))
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=wider, SetAsDefault=True)

    names = (
        f"permissions boundary ({arn}): do not allow",
        "statement All of the inline policy own",
        f"Add this statement to the permissions boundary {arn}",
    )
    return Denial(key, "iam", "ListUsers", {}, names, fix)


def session_is_silent(akia: Akia) -> Denial:
    key = user(akia, "sam", ALL)
    iam = akia.client("iam")
    trust = document({"Effect": "Allow", "Principal": {"AWS": account(akia)}, "Action": "sts:AssumeRole"})
    arn = iam.create_role(RoleName="narrowed", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName="narrowed", PolicyName="own", PolicyDocument=document(ALL))
    tokens: dict[str, str] = {}

    def session(*statements: dict[str, Any]) -> KeyPair:
        made = akia.client("sts", key).assume_role(RoleArn=arn, RoleSessionName="session", Policy=document(*statements))["Credentials"]
        tokens[made["AccessKeyId"]] = made["SessionToken"]
        return KeyPair(made["AccessKeyId"], made["SecretAccessKey"])

    first = session(allow("s3:*"))
    names = ("session policies: do not allow", "identity-based policies: allow", "Add this statement to a session policy")
    return Denial(
        first, "iam", "ListUsers", {}, names, lambda: session(allow("s3:*"), allow("iam:ListUsers")), tokens[first.access_key_id], tokens
    )


def trust_is_silent(akia: Akia) -> Denial:
    key = user(akia, "tia", ALL)
    iam = akia.client("iam")
    nobody = document({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})
    arn = iam.create_role(RoleName="closed", AssumeRolePolicyDocument=nobody)["Role"]["Arn"]
    tia = f"arn:aws:iam::{account(akia)}:user/tia"

    def fix() -> None:
        trusting = document({"Effect": "Allow", "Principal": {"AWS": tia}, "Action": "sts:AssumeRole"})
        iam.update_assume_role_policy(RoleName="closed", PolicyDocument=trusting)

    names = ("resource's own policy: do not allow", f"Add this statement to the trust policy of {arn}", f'"AWS": "{tia}"')
    return Denial(key, "sts", "AssumeRole", {"RoleArn": arn, "RoleSessionName": "session"}, names, fix)


def trust_denies(akia: Akia) -> Denial:
    key = user(akia, "tom", ALL)
    iam = akia.client("iam")
    trusting = {"Effect": "Allow", "Principal": {"AWS": account(akia)}, "Action": "sts:AssumeRole"}
    not_here = {"Sid": "NotHere", "Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}
    elsewhere = {**not_here, "Condition": {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}
    arn = iam.create_role(RoleName="guarded", AssumeRolePolicyDocument=document(trusting, elsewhere))["Role"]["Arn"]

    def fix() -> None:
        iam.update_assume_role_policy(RoleName="guarded", PolicyDocument=document(trusting))

    names = (
        "resource's own policy: DENY",
        f"Take the statement NotHere out of the policy of {arn}",
        "192.0.2.0/24",
        "aws:SourceIp = 127.0.0.1",
    )
    return Denial(key, "sts", "AssumeRole", {"RoleArn": arn, "RoleSessionName": "session"}, names, fix)


@dataclass(frozen=True)
class Member:
    """An account of an organization, and a session in it that may do everything there."""

    id: str
    key: KeyPair
    token: str


def member(akia: Akia, name: str, policy_type: str) -> Member:
    organizations = akia.client("organizations")
    if not organizations_exist(organizations):
        organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]
    if policy_type not in {type_["Type"] for type_ in root["PolicyTypes"]}:
        organizations.enable_policy_type(RootId=root["Id"], PolicyType=policy_type)
    made = organizations.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]["Id"]
    id_ = organizations.describe_create_account_status(CreateAccountRequestId=made)["CreateAccountStatus"]["AccountId"]
    key = user(akia, f"visitor-{name}", ALL)
    role = f"arn:aws:iam::{id_}:role/OrganizationAccountAccessRole"
    session = akia.client("sts", key).assume_role(RoleArn=role, RoleSessionName="visit")["Credentials"]
    return Member(id_, KeyPair(session["AccessKeyId"], session["SecretAccessKey"]), session["SessionToken"])


def organizations_exist(organizations: Any) -> bool:
    try:
        organizations.describe_organization()
    except organizations.exceptions.AWSOrganizationsNotInUseException:
        return False
    return True


def attached(akia: Akia, target: str, name: str, type_: str, statement: dict[str, Any]) -> str:
    organizations = akia.client("organizations")
    made = organizations.create_policy(Name=name, Description=name, Type=type_, Content=document(statement))["Policy"]["PolicySummary"]
    organizations.attach_policy(PolicyId=made["Id"], TargetId=target)
    return str(made["Id"])


def scp_denies(akia: Akia) -> Denial:
    at = member(akia, "payments", "SERVICE_CONTROL_POLICY")
    policy = attached(akia, at.id, "no-users", "SERVICE_CONTROL_POLICY", deny("NoUsers", "iam:CreateUser"))

    def fix() -> None:
        akia.client("organizations").detach_policy(PolicyId=policy, TargetId=at.id)

    names = ("service control policies (arn:aws:organizations::", "): DENY", "statement NoUsers", f"/{policy}")
    return Denial(at.key, "iam", "CreateUser", {"UserName": "more"}, names, fix, at.token)


def rcp_denies(akia: Akia) -> Denial:
    at = member(akia, "vault", "RESOURCE_CONTROL_POLICY")
    trusting = document({"Effect": "Allow", "Principal": {"AWS": at.id}, "Action": "sts:AssumeRole"})
    iam = akia.client("iam", at.key, token=at.token)
    arn = iam.create_role(RoleName="keeper", AssumeRolePolicyDocument=trusting)["Role"]["Arn"]
    policy = attached(akia, at.id, "no-keepers", "RESOURCE_CONTROL_POLICY", deny("NoKeepers", "sts:AssumeRole", Principal="*"))

    def fix() -> None:
        akia.client("organizations").detach_policy(PolicyId=policy, TargetId=at.id)

    names = ("resource control policies (arn:aws:organizations::", "): DENY", "statement NoKeepers", f"/{policy}")
    return Denial(at.key, "sts", "AssumeRole", {"RoleArn": arn, "RoleSessionName": "session"}, names, fix, at.token)


DENIALS: dict[str, Callable[[Akia], Denial]] = {
    case.__name__: case
    for case in (
        identity_is_silent,
        identity_denies,
        group_denies,
        boundary_is_silent,
        session_is_silent,
        trust_is_silent,
        trust_denies,
        scp_denies,
        rcp_denies,
    )
}
