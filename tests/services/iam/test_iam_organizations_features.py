"""Centralized root access: which features an organization has, who may switch them, and what it needs."""

from __future__ import annotations

from typing import Any

import pytest
from tests.organization import World as Organization

pytestmark = pytest.mark.covers("I4.organizations.root_features")

SERVICE = "iam.amazonaws.com"
SWITCHES = [
    ("RootCredentialsManagement", "organizations_root_credentials_management"),
    ("RootSessions", "organizations_root_sessions"),
]
ENABLING = [f"enable_{name}" for _, name in SWITCHES]
EVERY = [*ENABLING, *(f"disable_{name}" for _, name in SWITCHES), "list_organizations_features"]


@pytest.fixture
def organization(akia: Any) -> Organization:
    """One that trusts IAM."""
    made = Organization(akia)
    made.client.enable_aws_service_access(ServicePrincipal=SERVICE)
    return made


@pytest.fixture
def iam(akia: Any) -> Any:
    return akia.client("iam")


@pytest.mark.parametrize(("feature", "name"), SWITCHES)
def test_a_feature_is_switched_on_and_off_for_itself(organization: Organization, iam: Any, feature: str, name: str) -> None:
    def listed() -> Any:
        answer = iam.list_organizations_features()
        assert answer["OrganizationId"] == organization.id
        return answer["EnabledFeatures"]

    assert listed() == []
    for _ in range(2):
        answer = getattr(iam, f"enable_{name}")()
        assert (answer["OrganizationId"], answer["EnabledFeatures"]) == (organization.id, [feature])
    assert listed() == [feature]
    for _, other in SWITCHES:
        getattr(iam, f"enable_{other}")()
    assert listed() == ["RootCredentialsManagement", "RootSessions"]
    for _ in range(2):
        answer = getattr(iam, f"disable_{name}")()
        assert feature not in answer["EnabledFeatures"]
    assert len(listed()) == 1


def test_without_an_organization_there_is_nothing_to_switch(iam: Any, refused: Any) -> None:
    for name in EVERY:
        assert refused(getattr(iam, name))[:2] == ("OrganizationNotFoundException", 400)


def test_billing_alone_is_not_enough(akia: Any, iam: Any, refused: Any) -> None:
    akia.client("organizations").create_organization(FeatureSet="CONSOLIDATED_BILLING")
    for name in EVERY:
        assert refused(getattr(iam, name))[:2] == ("OrganizationNotInAllFeaturesModeException", 400)


def test_without_trusted_access_nothing_is_enabled_and_what_was_sleeps(
    akia: Any, organization: Organization, iam: Any, refused: Any
) -> None:
    enabled = akia.akia.store.root_features.enabled
    iam.enable_organizations_root_sessions()
    assert enabled(organization.id) == {"RootSessions"}
    organization.client.disable_aws_service_access(ServicePrincipal=SERVICE)
    for name in EVERY:
        assert refused(getattr(iam, name))[:2] == ("ServiceAccessNotEnabledException", 400)
    assert enabled(organization.id) == frozenset()


def test_member_accounts_may_not_and_the_delegated_administrator_may_all_but_enable(
    organization: Organization, iam: Any, refused: Any
) -> None:
    member = organization.account()
    client = member.client("iam")
    for name in EVERY:
        assert refused(getattr(client, name))[:2] == ("AccountNotManagementOrDelegatedAdministratorException", 400)
    iam.enable_organizations_root_sessions()
    organization.client.register_delegated_administrator(AccountId=member.id, ServicePrincipal=SERVICE)
    assert client.list_organizations_features()["EnabledFeatures"] == ["RootSessions"]
    assert client.disable_organizations_root_sessions()["EnabledFeatures"] == []
    for name in ENABLING:
        assert refused(getattr(client, name))[:2] == ("CallerIsNotManagementAccountException", 400)


def test_contested_the_delegated_administrator_disables_but_does_not_enable(organization: Organization, iam: Any, refused: Any) -> None:
    """The model names CallerIsNotManagementAccount for enabling alone, and beside AccountNotManagementOrDelegatedAdministrator."""
    member = organization.account()
    organization.client.register_delegated_administrator(AccountId=member.id, ServicePrincipal=SERVICE)
    assert refused(member.client("iam").enable_organizations_root_sessions)[0] == "CallerIsNotManagementAccountException"
    assert member.client("iam").disable_organizations_root_sessions()["EnabledFeatures"] == []


def test_administrators_of_other_services_may_not(organization: Organization, refused: Any) -> None:
    member = organization.account()
    organization.client.enable_aws_service_access(ServicePrincipal="config.amazonaws.com")
    organization.client.register_delegated_administrator(AccountId=member.id, ServicePrincipal="config.amazonaws.com")
    code = refused(member.client("iam").list_organizations_features)[0]
    assert code == "AccountNotManagementOrDelegatedAdministratorException"


def test_each_switch_has_its_own_permission(akia: Any, organization: Organization, refused: Any) -> None:
    lister = akia.person("lister", {"Action": "iam:ListOrganizationsFeatures"}).client("iam")
    lister.list_organizations_features()
    for name in EVERY[:-1]:
        assert refused(getattr(lister, name))[:2] == ("AccessDenied", 403)


def test_features_end_with_the_organization(akia: Any, organization: Organization, iam: Any) -> None:
    iam.enable_organizations_root_sessions()
    organization.client.delete_organization()
    assert akia.akia.store.connection.execute("SELECT count(*) FROM root_features")[0][0] == 0
