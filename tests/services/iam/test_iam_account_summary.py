"""The account's summary through an unmodified boto3."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.session import get_session

from akia.identity.mfa_device import MfaDevice
from akia.identity.quotas import Quotas

if TYPE_CHECKING:
    from akia.testing.in_process import InProcess

TRUST = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
}
POLICY = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:GetUser", "Resource": "*"}}


def _summary_keys() -> set[str]:
    shape: Any = get_session().get_service_model("iam").shape_for("summaryKeyType")
    return set(shape.enum)


@pytest.mark.covers("I2.services.account")
def test_the_summary_has_all_of_the_models_keys_and_awss_quotas(iam: Any) -> None:
    summary = iam.get_account_summary()["SummaryMap"]
    assert summary.keys() == _summary_keys()
    quotas = {key: value for key, value in summary.items() if key.endswith("Quota")}
    assert quotas == {
        "AccessKeysPerUserQuota": 2,
        "AssumeRolePolicySizeQuota": 2048,
        "AttachedPoliciesPerGroupQuota": 10,
        "AttachedPoliciesPerRoleQuota": 10,
        "AttachedPoliciesPerUserQuota": 10,
        "GroupPolicySizeQuota": 5120,
        "GroupsPerUserQuota": 10,
        "GroupsQuota": 300,
        "InstanceProfilesQuota": 1000,
        "PoliciesQuota": 1500,
        "PolicySizeQuota": 6144,
        "PolicyVersionsInUseQuota": 10000,
        "RolePolicySizeQuota": 10240,
        "RolesQuota": 1000,
        "ServerCertificatesQuota": 20,
        "SigningCertificatesPerUserQuota": 2,
        "UserPolicySizeQuota": 2048,
        "UsersQuota": 5000,
        "VersionsPerPolicyQuota": 5,
    }


def test_b2_the_summary_counts_what_there_is(iam: Any, stranger: Any) -> None:
    before = iam.get_account_summary()["SummaryMap"]
    assert before["AccountAccessKeysPresent"] == 1
    for number in range(3):
        iam.create_user(UserName=f"u{number}")
    for number in range(2):
        iam.create_group(GroupName=f"g{number}")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.create_instance_profile(InstanceProfileName="i")
    arn = iam.create_policy(PolicyName="p", PolicyDocument=json.dumps(POLICY))["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(POLICY))
    iam.attach_user_policy(UserName="u0", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    after = iam.get_account_summary()["SummaryMap"]
    grown = {key: after[key] - before[key] for key in after if after[key] != before[key]}
    assert grown == {"Users": 3, "Groups": 2, "Roles": 1, "InstanceProfiles": 1, "Policies": 1, "PolicyVersionsInUse": 3}


def test_ac10_2_security_keys_are_mfa_devices_too(iam: Any, akia: InProcess, account: str) -> None:
    iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")
    serial = f"arn:aws:iam::{account}:u2f/key"
    akia.akia.store.mfa_devices.add(MfaDevice(serial, account, "key", "/", 1, virtual=False, owner=account, enabled=1))
    summary = iam.get_account_summary()["SummaryMap"]
    assert (summary["MFADevices"], summary["MFADevicesInUse"], summary["AccountMFAEnabled"]) == (2, 1, 1)


def test_ac10_2_quotas_are_those_that_are_in_force(iam: Any, akia: InProcess) -> None:
    akia.akia.authority.quotas = replace(Quotas(), instance_profiles_per_account=7, users_per_account=8)
    summary = iam.get_account_summary()["SummaryMap"]
    assert (summary["InstanceProfilesQuota"], summary["UsersQuota"]) == (7, 8)


def test_ac10_2_a_deactivated_key_of_root_is_still_there(iam: Any, akia: InProcess) -> None:
    """AWS's checks ask whether there is a key, not whether it is active."""
    iam.update_access_key(AccessKeyId=iam.create_access_key()["AccessKey"]["AccessKeyId"], Status="Inactive")
    assert iam.get_account_summary()["SummaryMap"]["AccountAccessKeysPresent"] == 1
