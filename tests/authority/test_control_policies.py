"""SCPs and RCPs in force, end to end: P1.3-2, P1.3-3, P1.5-5, P1.5-6, P1.6; NT-65, NT-76, NT-66."""

from __future__ import annotations

import json
from typing import Any

import pytest

from akia.store.founding import KeyPair

SCP, RCP = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
FULL = "p-FullAWSAccess"
EXPLICIT = "with an explicit deny in a service control policy"


def attach(org: Any, target: str, name: str = "p", kind: str = SCP, **statement: Any) -> str:
    policy: str = org.policy(name, kind, **statement)
    org.client.attach_policy(PolicyId=policy, TargetId=target)
    return policy


def pair(made: Any) -> KeyPair:
    return KeyPair(made["AccessKeyId"], made["SecretAccessKey"])


def user(akia: Any, account: Any, policy: Any, name: str = "bob") -> KeyPair:
    """The key of a new user of `account` who may do everything."""
    iam = account.client("iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy({"Action": "*"}))
    return pair(iam.create_access_key(UserName=name)["AccessKey"])


@pytest.fixture
def dev(org: Any) -> Any:
    org.enable()
    return org.account("dev")


def test_nt_65_an_scp_binds_the_root_user_of_a_member_account(org: Any, dev: Any, refused: Any) -> None:
    iam = dev.client("iam")
    iam.list_users()
    attach(org, dev.id, Action="iam:List*")
    message = refused(iam.list_users)[2]
    assert message == (
        f"User: arn:aws:iam::{dev.id}:root is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::{dev.id}:user/ {EXPLICIT}"
    )
    iam.create_user(UserName="alice")


def test_nt_65_an_scp_spares_the_management_account(org: Any, akia: Any, dev: Any) -> None:
    attach(org, org.root, "root")
    attach(org, akia.account, "account")
    for key in (akia.root, akia.admin):
        akia.client("iam", key).list_users()


def test_p1_5_6_an_scp_spares_service_linked_roles(org: Any, akia: Any, dev: Any, refused: Any) -> None:
    """Only its service takes a service-linked role, so a role that trusts others is put where such roles stand."""
    from dataclasses import replace

    store = akia.akia.store
    role = store.roles.named(dev.id, "OrganizationAccountAccessRole")
    sts = akia.client("sts", akia.admin)

    def session(arn: str) -> Any:
        made = sts.assume_role(RoleArn=arn, RoleSessionName="xx")["Credentials"]
        return akia.client("iam", pair(made), token=made["SessionToken"])

    attach(org, dev.id, Action="iam:*")
    assert EXPLICIT in refused(session(str(role.arn)).list_users)[2]
    linked = replace(role, path="/aws-service-role/x.amazonaws.com/")
    store.connection.begin_immediate()
    store.roles.replace(linked)
    store.connection.commit()
    akia.akia.authority.applied([role.id], store.changes.latest())
    session(str(linked.arn)).list_users()


def test_p1_5_6_an_scp_binds_a_role_whose_path_only_looks_service_linked(org: Any, akia: Any, dev: Any, refused: Any) -> None:
    """A path may hold colons: further in, the ARN of anybody's role says what it likes."""
    iam, sts = dev.client("iam"), akia.client("sts", akia.admin)
    trust = iam.get_role(RoleName="OrganizationAccountAccessRole")["Role"]["AssumeRolePolicyDocument"]
    for path in ("/x:role/aws-service-role/y/", "/x/role/aws-service-role/", "/role/aws-service-role/ecs.amazonaws.com/"):
        role = iam.create_role(RoleName="sly", Path=path, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
        iam.attach_role_policy(RoleName="sly", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        policy = attach(org, dev.id, Action="iam:List*")
        made = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="xx")["Credentials"]
        assert EXPLICIT in refused(akia.client("iam", pair(made), token=made["SessionToken"]).list_users)[2], path
        org.client.detach_policy(PolicyId=policy, TargetId=dev.id)
        org.client.delete_policy(PolicyId=policy)
        iam.detach_role_policy(RoleName="sly", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        iam.delete_role(RoleName="sly")


def test_nt_76_policies_of_one_level_unite_and_levels_intersect(org: Any, akia: Any, dev: Any, refused: Any) -> None:
    unit = org.unit("u")
    org.client.move_account(AccountId=dev.id, SourceParentId=org.root, DestinationParentId=unit)
    iam = dev.client("iam")
    attach(org, unit, "deny", Action="iam:ListUsers")
    assert EXPLICIT in refused(iam.list_users)[2]
    iam.list_roles()
    attach(org, unit, "allow", Effect="Allow", Action="iam:ListGroups")  # beside FullAWSAccess: nothing changes
    iam.list_roles()
    org.client.detach_policy(PolicyId=FULL, TargetId=unit)  # now only ListGroups is allowed at this level
    iam.list_groups()
    code, _, message = refused(iam.list_roles)
    assert code == "AccessDenied"
    assert message.endswith("because no service control policy allows the iam:ListRoles action")  # P6.1-2, PX-22
    attach(org, org.root, "root", Effect="Allow", Action="iam:*")  # another level does not help
    assert refused(iam.list_roles)[0] == "AccessDenied"


@pytest.mark.parametrize("level", ["root", "outer", "inner", "account"])
def test_p1_6_1_every_level_on_the_path_must_allow(org: Any, dev: Any, refused: Any, level: str) -> None:
    outer = org.unit("outer")
    inner = org.unit("inner", outer)
    org.client.move_account(AccountId=dev.id, SourceParentId=org.root, DestinationParentId=inner)
    target = {"root": org.root, "outer": outer, "inner": inner, "account": dev.id}[level]
    iam = dev.client("iam")
    iam.list_users()
    attach(org, target, Effect="Allow", Action="sts:*")
    org.client.detach_policy(PolicyId=FULL, TargetId=target)
    assert "no service control policy allows" in refused(iam.list_users)[2]
    dev.client("sts").get_access_key_info(AccessKeyId="AKIAQQQQQQQQQQQQQQQQ")


def test_an_scp_of_one_unit_does_not_reach_another(org: Any, dev: Any, refused: Any) -> None:
    unit, other = org.unit("u"), org.account("other")
    attach(org, unit)
    iam = other.client("iam")
    iam.list_users()
    org.client.move_account(AccountId=other.id, SourceParentId=org.root, DestinationParentId=unit)
    assert EXPLICIT in refused(iam.list_users)[2]
    dev.client("iam").list_users()


def test_an_scp_grants_nothing(org: Any, akia: Any, dev: Any, refused: Any) -> None:
    iam = dev.client("iam")
    iam.create_user(UserName="nobody")
    nobody = akia.client("iam", pair(iam.create_access_key(UserName="nobody")["AccessKey"]))
    assert "no identity-based policy allows" in refused(nobody.list_users)[2]


def test_p1_7_11_get_caller_identity_works_under_an_scp_that_denies_everything(org: Any, dev: Any) -> None:
    attach(org, dev.id)
    assert dev.client("sts").get_caller_identity()["Account"] == dev.id


def test_nt_66_every_change_is_in_force_at_once(org: Any, dev: Any, document: Any, refused: Any) -> None:
    """Each way to change what is in force, against a caller who is in the cache."""
    iam = dev.client("iam")

    def allowed() -> bool:
        try:
            iam.list_users()
        except iam.exceptions.ClientError:
            return False
        return True

    unit = org.unit("u")
    policy = attach(org, unit)
    told = [allowed()]
    org.client.move_account(AccountId=dev.id, SourceParentId=org.root, DestinationParentId=unit)
    told.append(allowed())
    org.client.update_policy(PolicyId=policy, Content=document(Action="s3:*"))
    told.append(allowed())
    org.client.update_policy(PolicyId=policy, Content=document(Action="iam:*"))
    told.append(allowed())
    org.client.detach_policy(PolicyId=policy, TargetId=unit)
    told.append(allowed())
    org.client.attach_policy(PolicyId=policy, TargetId=org.root)
    told.append(allowed())
    org.client.disable_policy_type(RootId=org.root, PolicyType=SCP)
    told.append(allowed())
    org.enable()
    told.append(allowed())  # only FullAWSAccess came back
    org.client.attach_policy(PolicyId=policy, TargetId=dev.id)
    told.append(allowed())
    org.client.remove_account_from_organization(AccountId=dev.id)
    told.append(allowed())
    assert told == [True, False, True, False, True, False, True, True, False, True]


def test_conditions_of_an_scp_see_the_request(org: Any, akia: Any, dev: Any, refused: Any, policy: Any) -> None:
    key = user(akia, dev, policy)
    condition = {"StringNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{dev.id}:root"}}
    attach(org, org.root, Action="iam:ListUsers", Condition=condition)
    dev.client("iam").list_users()
    assert EXPLICIT in refused(akia.client("iam", key).list_users)[2]


def trust(principal: str, condition: Any = None) -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principal}}
    return json.dumps({"Version": "2012-10-17", "Statement": statement | ({"Condition": condition} if condition else {})})


def assume(akia: Any, key: KeyPair, account: str, role: str = "r") -> Any:
    return akia.client("sts", key).assume_role(RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="xx")


def test_p1_5_5_an_rcp_binds_whoever_touches_a_members_resource(org: Any, akia: Any, dev: Any, refused: Any, policy: Any) -> None:
    org.enable(RCP)
    dev.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=trust("*"))
    own = user(akia, dev, policy)
    assume(akia, own, dev.id)
    assume(akia, akia.admin, dev.id)
    attach(org, dev.id, "rcp", RCP, Principal="*", Action="sts:AssumeRole")
    for key in (own, akia.admin):  # the management account's principals too (P1.5-6)
        message = refused(assume, akia=akia, key=key, account=dev.id)[2]
        assert "with an explicit deny in a resource control policy" in message


def test_p1_5_5_scps_of_the_resources_account_do_not_bind_others(org: Any, akia: Any, dev: Any, policy: Any) -> None:
    dev.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=trust("*"))
    attach(org, dev.id, Action="sts:*")
    assume(akia, akia.admin, dev.id)


def test_p1_5_1_scps_of_the_callers_account_bind_it_abroad(org: Any, akia: Any, dev: Any, refused: Any, policy: Any) -> None:
    other = org.account("other")
    other.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=trust(dev.id))
    key = user(akia, dev, policy)
    assume(akia, key, other.id)
    attach(org, dev.id, Action="sts:AssumeRole")
    assert EXPLICIT in refused(assume, akia=akia, key=key, account=other.id)[2]


def test_nt_65_rcps_spare_resources_of_the_management_account(org: Any, akia: Any, dev: Any, policy: Any) -> None:
    org.enable(RCP)
    akia.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=trust(dev.id))
    attach(org, org.root, "rcp", RCP, Principal="*", Action="sts:*")
    assume(akia, user(akia, dev, policy), akia.account)


def test_p1_6_3_rcps_concern_supported_services_only(org: Any, akia: Any, dev: Any, refused: Any) -> None:
    org.enable(RCP)
    attach(org, dev.id, "rcp", RCP, Principal="*")
    dev.client("iam").list_users()
    assert "resource control policy" in refused(dev.client("sts").get_access_key_info, AccessKeyId="AKIAQQQQQQQQQQQQQQQQ")[2]


def test_a_data_perimeter_lets_in_the_organization_only(org: Any, akia: Any, dev: Any, refused: Any, policy: Any) -> None:
    """P4.3-9: `aws:PrincipalOrgID` in an RCP; an account outside of the organization is refused."""
    org.enable(RCP)
    dev.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=trust("*"))
    stranger = org.account("stranger")
    org.client.remove_account_from_organization(AccountId=stranger.id)
    key = user(akia, stranger, policy)
    assume(akia, key, dev.id)
    attach(
        org,
        org.root,
        "rcp",
        RCP,
        Principal="*",
        Action="sts:AssumeRole",
        Condition={"StringNotEqualsIfExists": {"aws:PrincipalOrgID": org.id}},
    )
    assume(akia, akia.admin, dev.id)
    assert "resource control policy" in refused(assume, akia=akia, key=key, account=dev.id)[2]


def test_p4_3_9_the_keys_of_the_principals_organization(org: Any, akia: Any, dev: Any, refused: Any, policy: Any) -> None:
    unit = org.unit("u")
    key = user(akia, dev, policy)
    iam = akia.client("iam")
    paths = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{org.id}/{org.root}/{unit}/*"}}
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust("*", paths))
    iam.create_role(RoleName="o", AssumeRolePolicyDocument=trust("*", {"StringEquals": {"aws:PrincipalOrgID": org.id}}))
    assume(akia, key, akia.account, "o")
    assert refused(assume, akia=akia, key=key, account=akia.account)[0] == "AccessDenied"
    org.client.move_account(AccountId=dev.id, SourceParentId=org.root, DestinationParentId=unit)
    assume(akia, key, akia.account)
    org.client.remove_account_from_organization(AccountId=dev.id)
    for role in ("r", "o"):
        assert refused(assume, akia=akia, key=key, account=akia.account, role=role)[0] == "AccessDenied"


def test_p4_3_19_the_keys_of_the_resources_organization(org: Any, akia: Any, dev: Any, refused: Any, policy: Any) -> None:
    dev.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=trust("*"))
    iam, path = akia.client("iam"), f"{org.id}/{org.root}/"
    condition = {"StringEquals": {"aws:ResourceOrgID": org.id}, "ForAnyValue:StringEquals": {"aws:ResourceOrgPaths": path}}
    bob = akia.person("bob", {"Action": "sts:AssumeRole", "Condition": condition})
    assume(akia, bob.key, dev.id)
    assert refused(bob.client("iam").list_users)[0] == "AccessDenied"
    org.client.remove_account_from_organization(AccountId=dev.id)
    assert refused(assume, akia=akia, key=bob.key, account=dev.id)[0] == "AccessDenied"
    assert iam.get_user(UserName="bob")["User"]["UserName"] == "bob"


def test_a_member_cannot_free_itself(org: Any, akia: Any, dev: Any, refused: Any) -> None:
    attach(org, org.root, Action="organizations:LeaveOrganization")
    assert EXPLICIT in refused(dev.client("organizations").leave_organization)[2]
    assert refused(dev.client("organizations").delete_organization)[2] == "You don't have permissions to access this resource."
    detach = dev.client("organizations").detach_policy
    assert refused(detach, PolicyId=FULL, TargetId=dev.id)[2] == "You don't have permissions to access this resource."
