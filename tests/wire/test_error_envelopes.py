"""Errors as botocore's parsers read them, in every family (W7, SV7, P6.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest
from botocore.awsrequest import HeadersDict
from botocore.parsers import create_parser

from akia.aws import errors
from akia.aws.errors import AccessDenied, AwsError, CommonError, InternalFailure, InvalidAction, NoSuchEntity, Throttling
from akia.wire.directory import SERVED
from akia.wire.stranger import Stranger

if TYPE_CHECKING:
    from akia.wire import Answer, Models

pytestmark = pytest.mark.covers("I2.wire.errors")


def subclasses(of: type[AwsError]) -> list[type[AwsError]]:
    return [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, of)]


OF_NO_MODEL = {"InvalidParameterValue"}
"""Codes that STS sends although its model does not list them (P5.3-7, P5.3-8)."""


def read(answer: Answer, protocol: str) -> dict[str, Any]:
    headers = HeadersDict({name.decode(): value.decode() for name, value in answer.headers})
    unknown: Any = None  # the shape: what botocore passes when it knows none
    parsed: dict[str, Any] = create_parser(protocol).parse({"status_code": answer.status, "headers": headers, "body": answer.body}, unknown)
    return parsed


@pytest.mark.parametrize("service", [entry.name for entry in SERVED])
@pytest.mark.parametrize("kind", subclasses(CommonError)[1:], ids=lambda kind: kind.__name__)
def test_sv7_every_common_error_is_read_by_botocore_with_its_code_and_status(service: str, kind: type[AwsError], models: Models) -> None:
    speaker = models.service(service)
    error = kind("what & <why>\r\nü")
    answer = speaker.error(error, "id-1")
    parsed = read(answer, speaker.protocol)
    code, status = error.seen_through(speaker.family)
    assert parsed["Error"]["Code"] == code
    assert parsed["Error"]["Message"] == error.message
    assert parsed["ResponseMetadata"]["HTTPStatusCode"] == answer.status == status
    assert parsed["ResponseMetadata"]["RequestId"] == "id-1"


def test_w7_5_the_query_envelope(models: Models) -> None:
    answer = models.service("iam").error(NoSuchEntity("The user with name a&b cannot be found."), "id-1")
    assert answer.status == 404
    assert answer.headers == [(b"content-type", b"text/xml"), (b"x-amzn-requestid", b"id-1")]
    assert answer.body == (
        b'<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>NoSuchEntity</Code>'
        b"<Message>The user with name a&amp;b cannot be found.</Message></Error><RequestId>id-1</RequestId></ErrorResponse>"
    )


def test_w7_5_the_fault_is_the_receivers_from_500_on(models: Models) -> None:
    assert b"<Type>Receiver</Type>" in models.service("sts").error(InternalFailure(), "x").body


def test_w7_6_json_errors_carry_their_code_twice(models: Models) -> None:
    answer = models.service("ssm").error(Throttling("Rate exceeded"), "id-1")
    assert orjson.loads(answer.body) == {"__type": "ThrottlingException", "message": "Rate exceeded"}
    assert answer.headers == [
        (b"content-type", b"application/x-amz-json-1.1"),
        (b"x-amzn-requestid", b"id-1"),
        (b"x-amzn-errortype", b"ThrottlingException"),
    ]


@pytest.mark.parametrize(
    ("code", "oauth"),
    [
        ("AuthorizationPendingException", "authorization_pending"),
        ("SlowDownException", "slow_down"),
        ("ExpiredTokenException", "expired_token"),
        ("InternalServerException", "server_error"),
        ("InvalidRequestRegionException", "invalid_request"),
        ("UnsupportedGrantTypeException", "unsupported_grant_type"),
        ("InvalidClientMetadataException", "invalid_client_metadata"),
    ],
)
def test_w7_7_sso_oidc_errors_carry_oauths_members(models: Models, code: str, oauth: str) -> None:
    kind = type("Error", (AwsError,), {"code": code, "status": 400})
    answer = models.service("sso-oidc").error(kind("why"), "x")
    assert orjson.loads(answer.body) == {"__type": code, "message": "why", "error": oauth, "error_description": "why"}
    assert b"error_description" not in models.service("sso").error(kind("why"), "x").body


@pytest.mark.parametrize("service", ["iam", "ssm", "sso-oidc"])
def test_nt_71_no_message_can_break_an_envelope(models: Models, service: str) -> None:
    for message in ("\x00\x0b", "\ud800", "]]><x>&", '"\\\u2028', "\ufffe"):
        answer = models.service(service).error(AccessDenied(message), "x")
        assert read(answer, models.service(service).protocol)["Error"]["Code"].startswith("AccessDenied")


@pytest.mark.parametrize("service", ["organizations", "accessanalyzer"])
def test_what_an_errors_shape_has_beside_its_message_is_told(models: Models, service: str) -> None:
    error = NoSuchEntity("gone")
    error.more = {"Reason": "WHY"}
    assert orjson.loads(models.service(service).error(error, "x").body) == {"__type": "NoSuchEntity", "message": "gone", "Reason": "WHY"}


def test_contested_query_errors_as_json(models: Models) -> None:
    # W4.9: errors of query services for those who accept JSON
    answer = models.service("iam").error(NoSuchEntity("gone"), "id-1", accept_json=True)
    assert answer.status == 404
    assert orjson.loads(answer.body) == {"Error": {"Type": "Sender", "Code": "NoSuchEntity", "Message": "gone"}, "RequestId": "id-1"}


def test_a_stranger_is_answered_in_xml_or_in_json_if_the_request_looked_like_it() -> None:
    error = InvalidAction("Unknown operation")
    assert read(Stranger().error(error, "id-1"), "query")["Error"] == {
        "Type": "Sender",
        "Code": "InvalidAction",
        "Message": "Unknown operation",
    }
    assert read(Stranger(json=True).error(error, "id-1"), "json")["Error"]["Code"] == "UnknownOperationException"
    assert Stranger().error(error, "x", accept_json=True).headers[0] == (b"content-type", b"application/json")


def test_w7_1_error_classes_have_the_codes_and_statuses_of_the_models(models: Models) -> None:
    """Each class that is not common to all services is an exception of IAM or STS with that trait (W7.2, W7.3)."""
    statuses: dict[str, set[int]] = {}
    for service in (models.service("iam"), models.service("sts")):
        for shape in map(service.shape, service.shape_names):
            if shape.traits.get("exception"):
                trait = shape.traits.get("error", {})
                statuses.setdefault(trait.get("code", shape.name), set()).add(trait.get("httpStatusCode", 400))
    own = [kind for kind in subclasses(AwsError) if not issubclass(kind, CommonError) and kind is not AwsError]
    assert len(own) >= 12
    for kind in own:
        if kind.code not in OF_NO_MODEL:
            assert kind.status in statuses[kind.code], kind
