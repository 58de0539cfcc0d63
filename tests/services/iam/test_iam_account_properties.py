"""What an account settles for itself: properties, and the version of STS's tokens."""

from __future__ import annotations

from typing import Any

import pytest
from tests.delegation import Partner

pytestmark = pytest.mark.covers("I4.account.properties")

ENABLED = {"RoleManager/Enabled": "true"}


@pytest.fixture
def iam(akia: Any) -> Any:
    return akia.client("iam")


def test_properties_are_put_and_got(iam: Any) -> None:
    assert iam.get_account_properties().get("Properties", {}) == {}
    for value in ("true", "false"):
        iam.put_account_properties(Properties={"RoleManager/Enabled": value})
        assert iam.get_account_properties()["Properties"] == {"RoleManager/Enabled": value}


def test_each_account_has_its_own(akia: Any, iam: Any) -> None:
    other = Partner(akia).client()
    iam.put_account_properties(Properties=ENABLED)
    assert other.get_account_properties().get("Properties", {}) == {}
    other.put_account_properties(Properties={"RoleManager/Enabled": "false"})
    assert iam.get_account_properties()["Properties"] == ENABLED


@pytest.mark.parametrize(
    "properties",
    [
        {"RoleManager": "true"},
        {"RoleManager/": "true"},
        {"RoleManager/Enabled/x": "true"},
        {"RoleManager/Enabled": "yes"},
        {"RoleManager/Enabled": "True"},
        {**ENABLED, "Other/Enabled": "true"},
        {"RoleManager/Nothing": "true"},
    ],
)
def test_what_is_no_property_is_refused_whole(iam: Any, refused: Any, properties: dict[str, str]) -> None:
    assert refused(iam.put_account_properties, Properties=properties)[:2] == ("InvalidInput", 400)
    assert iam.get_account_properties().get("Properties", {}) == {}


def test_no_properties_at_all_are_none_that_could_be_put(iam: Any, refused: Any) -> None:
    assert refused(iam.put_account_properties, Properties={})[:2] == ("ValidationError", 400)


def test_contested_properties_that_nobody_heeds_are_refused(iam: Any, refused: Any) -> None:
    """AWS publishes no list of properties. One that is not documented would silently do nothing."""
    assert refused(iam.put_account_properties, Properties={"RoleManager/Mode": "strict"})[0] == "InvalidInput"


def test_policies_may_speak_of_namespaces(akia: Any, iam: Any, refused: Any) -> None:
    condition = {"ForAnyValue:StringEquals": {"iam:AccountPropertyNamespaces": "RoleManager"}}
    kept = akia.person("kept", {"Action": "iam:*"}, {"Effect": "Deny", "Action": "iam:PutAccountProperties", "Condition": condition})
    assert refused(kept.client("iam").put_account_properties, Properties=ENABLED)[:2] == ("AccessDenied", 403)
    assert kept.client("iam").get_account_properties()
    allowed = akia.person("allowed", {"Action": "iam:*AccountProperties", "Condition": condition}).client("iam")
    allowed.put_account_properties(Properties=ENABLED)
    assert allowed.get_account_properties()["Properties"] == ENABLED


def test_the_version_of_tokens_is_remembered_for_the_summary(akia: Any, iam: Any) -> None:
    version = akia.akia.store.account_settings.token_version
    assert version(akia.account) == 1
    for name, number in (("v2Token", 2), ("v1Token", 1), ("v2Token", 2)):
        iam.set_security_token_service_preferences(GlobalEndpointTokenVersion=name)
        assert version(akia.account) == number
    assert version("444455556666") == 1


def test_each_has_its_own_permission(akia: Any, refused: Any) -> None:
    client = akia.person("reader", {"Action": "iam:GetAccountProperties"}).client("iam")
    client.get_account_properties()
    assert refused(client.put_account_properties, Properties=ENABLED)[0] == "AccessDenied"
    assert refused(client.set_security_token_service_preferences, GlobalEndpointTokenVersion="v2Token")[0] == "AccessDenied"
    assert refused(akia.person("eve").client("iam").get_account_properties)[0] == "AccessDenied"


def test_role_templates_are_published_by_nobody_here(iam: Any, refused: Any) -> None:
    arn = "arn:aws:iam::aws:role-template/x/y"
    for call in (iam.acquire_role, iam.get_role_template_version):
        assert refused(call, TemplateArn=arn)[:2] == ("NotImplemented", 501)
