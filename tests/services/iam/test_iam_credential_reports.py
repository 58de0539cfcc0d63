"""The credential report through an unmodified boto3: columns, values and age (AC9)."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from tests.services.iam.minted import mint
from tests.signin import Device

from akia.authority.issuing import issue_successor
from akia.identity.quotas import Quotas

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.testing.in_process import InProcess

pytestmark = pytest.mark.covers("I4.iam.credential_report")

HEADER = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,"
    "access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,"
    "cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
)


def report(iam: Any) -> dict[str, Mapping[str, str]]:
    """A new report's lines, by user."""
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    text = iam.get_credential_report()["Content"].decode()
    assert text.splitlines()[0] == HEADER
    return {line["user"]: line for line in csv.DictReader(io.StringIO(text))}


def test_ac9_4_the_root_users_line_comes_first(iam: Any, account: str) -> None:
    iam.create_user(UserName="aaa")
    lines = report(iam)
    assert list(lines) == ["<root_account>", "aaa"]
    root = lines["<root_account>"]
    assert root["arn"] == f"arn:aws:iam::{account}:root"
    assert (root["password_enabled"], root["password_last_changed"], root["password_next_rotation"]) == ("not_supported",) * 3
    assert (root["access_key_1_active"], root["access_key_2_active"]) == ("true", "false")


def test_ac9_5_who_has_nothing_has_na_everywhere(iam: Any, account: str) -> None:
    iam.create_user(UserName="alice", Path="/ops/")
    line = report(iam)["alice"]
    assert line["arn"] == f"arn:aws:iam::{account}:user/ops/alice"
    created = iam.get_user(UserName="alice")["User"]["CreateDate"]
    assert line["user_creation_time"] == created.isoformat(timespec="seconds")
    flags = {name for name in line if name.endswith(("_active", "_enabled"))}
    assert {line[name] for name in flags} == {"false"}
    assert {value for name, value in line.items() if name not in flags | {"user", "arn", "user_creation_time"}} == {"N/A"}


def test_ac9_7_keys_tell_when_they_were_made_and_last_used_up_to_the_call_before(iam: Any, akia: InProcess, pair: Any) -> None:
    iam.create_user(UserName="alice")
    first = iam.create_access_key(UserName="alice")
    second = iam.create_access_key(UserName="alice")["AccessKey"]
    iam.update_access_key(UserName="alice", AccessKeyId=second["AccessKeyId"], Status="Inactive")
    with pytest.raises(ClientError, match="AccessDenied"):  # a verified call counts, whatever comes of it
        akia.client("cloudtrail", pair(first), region="eu-central-1").lookup_events()
    line = report(iam)["alice"]
    active, idle = 1, 2
    used = iam.get_access_key_last_used(AccessKeyId=first["AccessKey"]["AccessKeyId"])["AccessKeyLastUsed"]
    assert (line[f"access_key_{active}_active"], line[f"access_key_{idle}_active"]) == ("true", "false")
    assert line[f"access_key_{active}_last_rotated"] == first["AccessKey"]["CreateDate"].isoformat(timespec="seconds")
    assert line[f"access_key_{active}_last_used_date"] == used["LastUsedDate"].isoformat(timespec="seconds")
    assert line[f"access_key_{active}_last_used_region"] == "eu-central-1"
    assert line[f"access_key_{active}_last_used_service"] == "cloudtrail"
    assert {line[f"access_key_{idle}_last_used_{what}"] for what in ("date", "region", "service")} == {"N/A"}


def test_o15_of_three_keys_the_two_newest_are_shown(iam: Any, akia: InProcess) -> None:
    iam.create_user(UserName="alice")
    oldest, second = (iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"] for _ in range(2))
    iam.update_access_key(UserName="alice", AccessKeyId=second, Status="Inactive")
    store = akia.akia.store
    key = store.access_keys.get(oldest)
    assert key is not None
    issue_successor(store, Quotas(), key, key.created)
    line = report(iam)["alice"]
    assert (line["access_key_1_active"], line["access_key_2_active"]) == ("false", "true")


def test_certificates_tell_when_they_were_uploaded(iam: Any) -> None:
    iam.create_user(UserName="alice")
    made = iam.upload_signing_certificate(UserName="alice", CertificateBody=mint().pem)["Certificate"]
    assert report(iam)["alice"]["cert_1_active"] == "true"
    iam.update_signing_certificate(UserName="alice", CertificateId=made["CertificateId"], Status="Inactive")
    line = report(iam)["alice"]
    assert (line["cert_1_active"], line["cert_2_active"], line["cert_2_last_rotated"]) == ("false", "false", "N/A")
    assert line["cert_1_last_rotated"] == made["UploadDate"].isoformat(timespec="seconds")


def test_other_accounts_are_not_in_it(iam: Any, stranger: Any) -> None:
    assert stranger.user.name not in report(iam)


def test_ac9_1_without_one_there_is_none_to_get(iam: Any, refusal: Any) -> None:
    assert refusal(iam.get_credential_report) == ("ReportNotPresent", "No report exists. Generate a report first.")


def test_ac9_1_an_old_report_has_expired(iam: Any, akia: InProcess, refusal: Any) -> None:
    report(iam)
    akia.akia.authority.quotas = replace(Quotas(), credential_report_lifetime=-1)
    assert refusal(iam.get_credential_report)[0] == "ReportExpired"


def test_ac9_1_a_report_is_kept_as_long_as_the_quota_says(iam: Any, akia: InProcess) -> None:
    akia.akia.authority.quotas = replace(Quotas(), credential_report_seconds=3_600)
    report(iam)
    iam.create_user(UserName="late")
    assert "late" not in report(iam)
    akia.akia.authority.quotas = Quotas()
    assert "late" in report(iam)


@pytest.mark.parametrize("operation", ["generate_credential_report", "get_credential_report"])
def test_each_needs_its_own_permission(user_client: Any, refusal: Any, operation: str) -> None:
    action = "iam:" + operation.replace("_", " ").title().replace(" ", "")
    others = user_client("eve", {"Effect": "Allow", "NotAction": action, "Resource": "*"})
    assert refusal(getattr(others, operation))[0] == "AccessDenied"
    holder = user_client("bob", {"Effect": "Allow", "Action": action, "Resource": "*"})
    if operation == "generate_credential_report":
        assert holder.generate_credential_report()
    else:
        assert refusal(holder.get_credential_report)[0] == "ReportNotPresent"


def test_contested_a_changed_status_is_no_rotation(iam: Any) -> None:
    """AC9.7 says "created or last changed"; what readers want to know is the age of the secret, which a changed status does not renew."""
    iam.create_user(UserName="alice")
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    iam.update_access_key(UserName="alice", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert report(iam)["alice"]["access_key_1_last_rotated"] == key["CreateDate"].isoformat(timespec="seconds")


def test_ac9_5_a_password_tells_when_it_was_set_and_when_it_must_be_changed(iam: Any) -> None:
    iam.create_user(UserName="alice")
    made = iam.create_login_profile(UserName="alice", Password="a Long enough passw0rd")["LoginProfile"]["CreateDate"]
    line = report(iam)["alice"]
    assert (line["password_enabled"], line["password_last_used"], line["password_next_rotation"]) == ("true", "no_information", "N/A")
    assert line["password_last_changed"] == made.isoformat(timespec="seconds")
    iam.update_account_password_policy(MaxPasswordAge=30)
    assert report(iam)["alice"]["password_next_rotation"] == (made + timedelta(days=30)).isoformat(timespec="seconds")


def test_mfa_tells_for_users_and_for_root(iam: Any) -> None:
    iam.create_user(UserName="alice")
    phone = Device(iam, "phone")
    assert report(iam)["alice"]["mfa_active"] == "false"
    iam.enable_mfa_device(UserName="alice", SerialNumber=phone.serial, **phone.pair())
    lines = report(iam)
    assert (lines["alice"]["mfa_active"], lines["<root_account>"]["mfa_active"]) == ("true", "false")
