"""What the trail may say of a call (AC1.3, AC1.4, AC3.1, AC3.4, NT-67)."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from akia.wire.casing import lower_camel
from akia.wire.directory import SERVED
from akia.wire.events import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from akia.wire import Models
    from akia.wire.schema import Shape

MOMENT = datetime(2024, 8, 1, 13, 33, 28, tzinfo=UTC)


def told(models: Models, call: str, members: dict[str, Any]) -> dict[str, Any]:
    service, _, operation = call.partition(".")
    return models.service(service).operation(operation).event_input(members)


def told_result(models: Models, call: str, result: dict[str, Any] | None) -> dict[str, Any]:
    service, _, operation = call.partition(".")
    return models.service(service).operation(operation).event_output(result)


@pytest.mark.parametrize(
    ("name", "camel"), [("UserName", "userName"), ("SAMLAssertion", "sAMLAssertion"), ("arn", "arn"), ("ARN", "aRN"), ("", "")]
)
def test_ac1_3_only_the_first_letter_is_lowered(name: str, camel: str) -> None:
    assert lower_camel(name) == camel


def test_ac3_1_a_a_new_access_key_is_told_without_its_secret(models: Models) -> None:
    key = {"UserName": "a", "AccessKeyId": "AKIA", "Status": "Active", "SecretAccessKey": "s3cret", "CreateDate": MOMENT}
    expected = {"userName": "a", "accessKeyId": "AKIA", "status": "Active", "createDate": "Aug 1, 2024 1:33:28 PM"}
    assert told_result(models, "iam.CreateAccessKey", {"AccessKey": key}) == {"accessKey": expected}


def test_ac3_1_b_passwords_are_dropped(models: Models) -> None:
    members = {"UserName": "a", "Password": "s3cret", "PasswordResetRequired": True}
    assert told(models, "iam.CreateLoginProfile", members) == {"userName": "a", "passwordResetRequired": True}
    assert told(models, "iam.ChangePassword", {"OldPassword": "a", "NewPassword": "b"}) == {}


def test_ac3_1_c_mfa_seeds_and_codes_are_dropped(models: Models) -> None:
    device = {"SerialNumber": "arn", "Base32StringSeed": b"s", "QRCodePNG": b"p"}
    assert told_result(models, "iam.CreateVirtualMFADevice", {"VirtualMFADevice": device}) == {"virtualMFADevice": {"serialNumber": "arn"}}
    members = {"UserName": "a", "SerialNumber": "arn", "AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
    assert told(models, "iam.EnableMFADevice", members) == {"userName": "a", "serialNumber": "arn"}


def test_ac3_1_d_passwords_of_services_and_private_keys_are_dropped(models: Models) -> None:
    credential = {"UserName": "a", "ServicePassword": "s3cret", "ServiceCredentialSecret": "s3cret", "Status": "Active"}
    for name in ("Create", "Reset"):
        shown = told_result(models, f"iam.{name}ServiceSpecificCredential", {"ServiceSpecificCredential": credential})
        assert shown == {"serviceSpecificCredential": {"userName": "a", "status": "Active"}}
    members = {"ServerCertificateName": "n", "CertificateBody": "b", "PrivateKey": "s3cret"}
    assert told(models, "iam.UploadServerCertificate", members) == {"serverCertificateName": "n", "certificateBody": "b"}


def test_ac3_1_e_session_tokens_are_told_by_their_digest(models: Models) -> None:
    credentials = {"AccessKeyId": "ASIA", "SecretAccessKey": "s3cret", "SessionToken": "token", "Expiration": MOMENT}
    assert told_result(models, "sts.AssumeRole", {"Credentials": credentials, "PackedPolicySize": 3}) == {
        "credentials": {"accessKeyId": "ASIA", "sessionToken": sha256(b"token").hexdigest(), "expiration": "Aug 1, 2024, 1:33:28 PM"},
        "packedPolicySize": 3,
    }
    members = {"RoleArn": "r", "RoleSessionName": "s", "TokenCode": "123456", "Tags": [{"Key": "k", "Value": "v"}]}
    assert told(models, "sts.AssumeRole", members) == {"roleArn": "r", "roleSessionName": "s", "tags": [{"key": "k", "value": "v"}]}


def test_ac3_1_e_assertions_are_dropped(models: Models) -> None:
    assert told(models, "sts.AssumeRoleWithSAML", {"RoleArn": "r", "PrincipalArn": "p", "SAMLAssertion": "x"}) == {
        "roleArn": "r",
        "principalArn": "p",
    }
    assert told(models, "sts.AssumeRoleWithWebIdentity", {"RoleArn": "r", "WebIdentityToken": "x"}) == {"roleArn": "r"}


def test_ac3_1_g_secrets_are_dropped(models: Models) -> None:
    members = {"Name": "n", "SecretString": "s", "SecretBinary": b"s", "ClientRequestToken": "t"}
    assert told(models, "secretsmanager.CreateSecret", members) == {"name": "n", "clientRequestToken": "t"}


def test_ac3_1_h_parameters_are_hidden(models: Models) -> None:
    assert told(models, "ssm.PutParameter", {"Name": "n", "Value": "s3cret", "Type": "String"}) == {
        "name": "n",
        "value": HIDDEN,
        "type": "String",
    }


def test_ac3_1_j_tokens_of_the_oidc_service_are_hidden(models: Models) -> None:
    members = {"clientId": "c", "clientSecret": "s", "grantType": "g", "code": "x", "deviceCode": "y", "refreshToken": "z"}
    expected = {"clientId": "c", "clientSecret": HIDDEN, "grantType": "g", "code": HIDDEN, "deviceCode": HIDDEN}
    assert told(models, "sso-oidc.CreateToken", members) == expected


def test_ac1_4_other_services_have_iso_dates(models: Models) -> None:
    assert told(models, "cloudtrail.LookupEvents", {"StartTime": MOMENT}) == {"startTime": "2024-08-01T13:33:28Z"}


def test_nothing_to_tell_is_an_empty_dictionary(models: Models) -> None:
    assert told_result(models, "iam.DeleteUser", None) == told(models, "iam.GetUser", {}) == {}
    assert told(models, "iam.GetUser", {"UserName": None, "Undeclared": "x"}) == {}


def sensitive_texts(value: Any, shape: Shape, *, sensitive: bool = False) -> list[str]:
    """All texts in `value` that stand under a sensitive shape."""
    sensitive = sensitive or shape.sensitive
    if shape.document:
        return []
    match shape.type:
        case "structure":
            return [text for name, member in value.items() for text in sensitive_texts(member, shape.members[name], sensitive=sensitive)]
        case "list":
            return [text for element in value for text in sensitive_texts(element, shape.element, sensitive=sensitive)]
        case "map":
            keys = [text for key in value for text in sensitive_texts(key, shape.key, sensitive=sensitive)]
            return keys + [text for element in value.values() for text in sensitive_texts(element, shape.value, sensitive=sensitive)]
        case _:
            return [value] if sensitive and isinstance(value, str) and len(value) > 5 else []


@pytest.mark.parametrize("service", [entry.name for entry in SERVED])
def test_nt_67_no_sensitive_value_of_any_operation_is_told(service: str, models: Models, values: Callable[..., Any]) -> None:
    for operation in map(models.service(service).operation, models.service(service).operation_names):
        for shape, tell in ((operation.interface.input, operation.event_input), (operation.interface.output, operation.event_output)):
            if shape is not None:
                members = values(f"{service} {operation.name}").structure(shape, 1.0, 0)
                event = orjson.dumps(tell(members)).decode()  # which also proves that every event is JSON
                for text in sensitive_texts(members, shape):
                    assert orjson.dumps(text).decode()[1:-1] not in event, (operation, text)
