"""Prowler audits an account as it is left by careless people, and the same account after it was put in order.

Each weakness must be found where it is, and no more after it was removed; and Prowler itself must meet no error.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.clients.auditing import Session, run
from tests.clients.careless_account import neglect, put_in_order
from tests.clients.programs import absent
from tests.clients.test_ansible import saml_metadata, self_signed

if TYPE_CHECKING:
    from tests.served import Served

PROWLER = Path(__file__).parents[2] / ".venv-prowler" / "bin" / "prowler"

pytestmark = pytest.mark.covers("I4.clients.prowler")

WEAKNESSES = {
    # credentials
    "iam_user_two_active_access_key": "user/weak",
    "iam_rotate_access_key_90_days": "user/weak",
    "iam_user_accesskey_unused": "user/weak",
    "iam_user_no_setup_initial_access_key": "user/weak",
    "iam_user_mfa_enabled_console_access": "user/weak",
    "iam_user_with_temporary_credentials": "user/weak",
    "iam_user_access_not_stale_to_bedrock": "user/weak",
    "iam_user_access_not_stale_to_sagemaker": "user/weak-modeller",
    "iam_user_console_access_unused": "user/weak",
    "iam_no_expired_server_certificates_stored": "server-certificate/weak",
    "iam_user_hardware_mfa_enabled": "user/weak",
    "iam_administrator_access_with_mfa": "group/weak",
    # the root user
    "iam_no_root_access_key": "root",
    "iam_root_mfa_enabled": "root",
    "iam_root_hardware_mfa_enabled": "mfa",
    "iam_avoid_root_usage": "root",
    "iam_root_credentials_management_enabled": "root",
    # who holds which policy
    "iam_user_administrator_access_policy": "user/weak",
    "iam_group_administrator_access_policy": "group/weak",
    "iam_role_administratoraccess_policy": "role/weak",
    "iam_policy_attached_only_to_group_or_roles": "user/weak",
    "iam_policy_cloudshell_admin_not_attached": "policy/AWSCloudShellFullAccess",
    "iam_aws_attached_policy_no_administrative_privileges": "policy/AdministratorAccess",
    # what policies say
    "iam_customer_attached_policy_no_administrative_privileges": "policy/weak-everything",
    "iam_customer_unattached_policy_no_administrative_privileges": "policy/weak-unattached",
    "iam_inline_policy_no_administrative_privileges": "user/weak",
    "iam_inline_policy_allows_privilege_escalation": "user/weak",
    "iam_inline_policy_no_full_access_to_cloudtrail": "user/weak",
    "iam_inline_policy_no_full_access_to_kms": "user/weak",
    "iam_inline_policy_no_wildcard_marketplace_subscribe": "user/weak",
    "iam_policy_allows_privilege_escalation": "policy/weak-escalation",
    "iam_policy_no_full_access_to_cloudtrail": "policy/weak-cloudtrail",
    "iam_policy_no_full_access_to_kms": "policy/weak-kms",
    "iam_policy_no_wildcard_marketplace_subscribe": "policy/weak-marketplace",
    "iam_policy_no_agentcore_workload_access_token_wildcard": "policy/weak-tokens",
    "iam_policy_passrole_to_bedrock_agentcore_restricted": "policy/weak-pass",
    "iam_no_custom_policy_permissive_role_assumption": "policy/weak-assume",
    # whom roles trust
    "iam_role_cross_account_readonlyaccess_policy": "role/weak-stranger",
    "iam_role_cross_service_confused_deputy_prevention": "role/weak-service",
    "iam_role_service_trust_restricts_source_to_account": "role/weak-source",
    "iam_role_access_not_stale_to_bedrock": "role/weak",
    # the account
    "iam_password_policy_expires_passwords_within_90_days_or_less": "password-policy",
    "iam_password_policy_lowercase": "password-policy",
    "iam_password_policy_minimum_length_14": "password-policy",
    "iam_password_policy_number": "password-policy",
    "iam_password_policy_reuse_24": "password-policy",
    "iam_password_policy_symbol": "password-policy",
    "iam_password_policy_uppercase": "password-policy",
    "iam_check_saml_providers_sts": "root",
    "iam_securityaudit_role_created": "policy/SecurityAudit",
    "iam_support_role_created": "policy/AWSSupportAccess",
}
"""Prowler's check, and the end of the ARN at which it must fail."""

UNAVOIDABLE = {"iam_user_hardware_mfa_enabled", "iam_role_access_not_stale_to_bedrock"}
"""What fails in a good account, too: no API enables a security key; and AWS's SecurityAudit allows reads of Bedrock, which nobody uses."""

SILENT = {
    "iam_no_root_access_key",
    "iam_root_mfa_enabled",
    "iam_root_hardware_mfa_enabled",
    "iam_user_access_not_stale_to_bedrock",
    "iam_user_access_not_stale_to_sagemaker",
}
"""What has nothing to say of a good account: its root user has no credentials, and no user may call Bedrock or SageMaker."""


@dataclass(frozen=True)
class Finding:
    """What Prowler says of one thing."""

    check: str
    passed: bool
    arn: str
    told: str


@dataclass(frozen=True)
class Audit:
    """All findings, and what Prowler logged as errors."""

    findings: list[Finding]
    errors: list[str]

    def failed(self) -> set[tuple[str, str]]:
        """The checks that failed, each with the ARN at which it did."""
        return {(one.check, one.arn) for one in self.findings if not one.passed}

    def passed(self) -> set[str]:
        """The checks that failed nowhere and passed somewhere."""
        return {one.check for one in self.findings if one.passed} - {one.check for one in self.findings if not one.passed}


def audit(served: Served, folder: Path, session: Session | None = None) -> Audit:
    """Run all of Prowler's checks of IAM, as the administrator or in a session."""
    command = [str(PROWLER), "aws", "--service", "iam", "--region", "us-east-1", "--output-formats", "json-ocsf"]
    command += ["--output-directory", str(folder), "--output-filename", "audit", "--no-banner", "--no-color", "--ignore-exit-code-3"]
    command += ["--log-level", "ERROR", "--log-file", str(folder / "log")]
    run(served, folder, *command, session=session)
    findings = [finding(told) for told in json.loads((folder / "audit.ocsf.json").read_text())]
    return Audit(findings, [json.loads(line)["message"] for line in (folder / "log").read_text().splitlines()])


def finding(told: dict[str, Any]) -> Finding:
    """Read one of Prowler's findings, in the form of OCSF."""
    return Finding(told["metadata"]["event_code"], told["status_code"] == "PASS", told["resources"][0]["uid"], told["status_detail"])


# --- the tests --------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    if not PROWLER.exists():
        absent("Prowler is not there: `make prowler` installs it")


@pytest.fixture(scope="module")
def careless(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Audit:
    neglect(served)
    return audit(served, tmp_path_factory.mktemp("careless"))


@pytest.fixture(scope="module")
def tidy(served: Served, careless: Audit, tmp_path_factory: pytest.TempPathFactory) -> Audit:
    session = put_in_order(served, saml_metadata(self_signed("idp.example.com")[1]))
    return audit(served, tmp_path_factory.mktemp("tidy"), session)


@pytest.mark.parametrize("check", WEAKNESSES)
def test_prowler_finds_each_weakness_where_it_is(careless: Audit, check: str) -> None:
    places = [arn for found, arn in careless.failed() if found == check]
    assert [arn for arn in places if arn.endswith(WEAKNESSES[check])], places


def test_nothing_is_left_of_the_weaknesses_when_the_account_is_in_order(tidy: Audit) -> None:
    assert {check for check, _ in tidy.failed()} == UNAVOIDABLE
    assert WEAKNESSES.keys() - tidy.passed() == UNAVOIDABLE | SILENT


def test_every_check_of_iam_that_prowler_has_is_tried(served: Served) -> None:
    package = next(PROWLER.parents[1].glob("lib/python*/site-packages/prowler/providers/aws/services/iam"))
    assert {path.name for path in package.glob("iam_*/")} == WEAKNESSES.keys()


def test_prowler_meets_no_error_but_ec2s_which_akia_does_not_speak_for(careless: Audit, tidy: Audit) -> None:
    for errors in (careless.errors, tidy.errors):
        assert ["DescribeRegions" in error for error in errors] == [True], errors
