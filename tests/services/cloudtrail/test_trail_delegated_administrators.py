"""Delegated administrators of CloudTrail: the list that the organization keeps, from CloudTrail's side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.organization import World as Organization

if TYPE_CHECKING:
    from tests.conftest import World

pytestmark = pytest.mark.covers("I5.trail.api")

TRAILS = "cloudtrail.amazonaws.com"


@pytest.fixture
def organization(akia: World) -> Organization:
    made = Organization(akia)
    made.client.enable_aws_service_access(ServicePrincipal=TRAILS)
    return made


@pytest.fixture
def client(akia: World) -> Any:
    return akia.client("cloudtrail")


def registered(organization: Organization) -> list[str]:
    told = organization.client.list_delegated_administrators(ServicePrincipal=TRAILS)["DelegatedAdministrators"]
    return sorted(each["Id"] for each in told)


def test_a_member_is_registered_and_deregistered(organization: Organization, client: Any, refused: Any) -> None:
    member = organization.account().id
    client.register_organization_delegated_admin(MemberAccountId=member)
    assert registered(organization) == [member]
    assert refused(client.register_organization_delegated_admin, MemberAccountId=member)[:2] == ("AccountRegisteredException", 400)
    client.deregister_organization_delegated_admin(DelegatedAdminAccountId=member)
    assert registered(organization) == []
    told = refused(client.deregister_organization_delegated_admin, DelegatedAdminAccountId=member)
    assert told[:2] == ("AccountNotRegisteredException", 400)


def test_it_is_the_list_of_the_organization(organization: Organization, client: Any) -> None:
    member = organization.account().id
    organization.client.register_delegated_administrator(AccountId=member, ServicePrincipal=TRAILS)
    client.deregister_organization_delegated_admin(DelegatedAdminAccountId=member)
    assert registered(organization) == []


def test_who_can_be_registered(organization: Organization, akia: World, client: Any, refused: Any) -> None:
    told = refused(client.register_organization_delegated_admin, MemberAccountId=akia.account)
    assert told[:2] == ("CannotDelegateManagementAccountException", 400)
    for operation, member in (
        (client.register_organization_delegated_admin, "MemberAccountId"),
        (client.deregister_organization_delegated_admin, "DelegatedAdminAccountId"),
    ):
        assert refused(operation, **{member: "999999999999"})[:2] == ("AccountNotFoundException", 400)


def test_an_organization_has_three(organization: Organization, client: Any, refused: Any) -> None:
    members = [organization.account(f"member-{number}").id for number in range(4)]
    for member in members[:3]:
        client.register_organization_delegated_admin(MemberAccountId=member)
    told = refused(client.register_organization_delegated_admin, MemberAccountId=members[3])
    assert told[:2] == ("DelegatedAdminAccountLimitExceededException", 400)


def test_only_the_management_account_of_a_trusting_organization_registers(akia: World, client: Any, refused: Any) -> None:
    def codes(of: Any) -> set[str]:
        return {
            refused(of.register_organization_delegated_admin, MemberAccountId="999999999999")[0],
            refused(of.deregister_organization_delegated_admin, DelegatedAdminAccountId="999999999999")[0],
        }

    assert codes(client) == {"OrganizationsNotInUseException"}
    organization = Organization(akia)
    assert codes(client) == {"CloudTrailAccessNotEnabledException"}
    assert codes(organization.account().client("cloudtrail")) == {"NotOrganizationManagementAccountException"}


def test_the_organization_must_let_the_caller_too(organization: Organization, akia: World, refused: Any) -> None:
    member = organization.account().id
    own = {"Action": "cloudtrail:*"}
    person = akia.person("trails", own).client("cloudtrail")
    for operation, name, action in (
        (person.register_organization_delegated_admin, "MemberAccountId", "RegisterDelegatedAdministrator"),
        (person.deregister_organization_delegated_admin, "DelegatedAdminAccountId", "DeregisterDelegatedAdministrator"),
    ):
        told = refused(operation, **{name: member})
        assert told[0] == "AccessDeniedException"
        assert f"organizations:{action} on resource: arn:aws:organizations::{akia.account}:account/{organization.id}/{member}" in told[2]
    both = {"Action": ["cloudtrail:*", "organizations:RegisterDelegatedAdministrator"]}
    akia.person("both", both).client("cloudtrail").register_organization_delegated_admin(MemberAccountId=member)
    assert registered(organization) == [member]
