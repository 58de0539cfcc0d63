"""awsJson, and the bodies of rest-json."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from akia.aws.errors import MalformedInput, ValidationError
from akia.wire import HttpRequest, Models, Routed, route
from akia.wire.protocols.json_reader import MAX_DEPTH, JsonReader, load_object
from akia.wire.protocols.json_writer import JsonWriter
from akia.wire.schema import Shape

pytestmark = pytest.mark.covers("I2.wire.json")

Call = Callable[[str, bytes], dict[str, Any]]

NUMBERS: dict[str, Any] = {
    "Top": {
        "type": "structure",
        "members": {
            "Count": {"shape": "Integer"},
            "Size": {"shape": "Long"},
            "Share": {"shape": "Double"},
            "When": {"shape": "When", "timestampFormat": "rfc822"},
            "Parent": {"shape": "Top"},
        },
    },
    "Integer": {"type": "integer"},
    "Long": {"type": "long"},
    "Double": {"type": "double"},
    "When": {"type": "timestamp"},
}


def test_w6_5_null_counts_as_absent(json_call: Call) -> None:
    assert json_call("secretsmanager.GetSecretValue", b'{"SecretId":"a","VersionId":null}') == {"SecretId": "a"}


def test_nt_43_undeclared_members_of_a_body_are_ignored(json_call: Call) -> None:
    body = b'{"SecretId":"a","AccountId":"1","user_id":{"x":[]},"secretId":"b","__type":"c"}'
    assert json_call("secretsmanager.GetSecretValue", body) == {"SecretId": "a"}


def test_w3_2_no_body_is_an_empty_object(json_call: Call) -> None:
    assert json_call("organizations.DescribeOrganization", b"") == {}
    assert json_call("organizations.ListRoots", b"") == json_call("organizations.ListRoots", b"{}") == {}


def test_w5_5_timestamps_are_numbers_with_or_without_fractions(json_call: Call) -> None:
    for number, moment in ((b"1704067200", 0), (b"1704067200.5", 500_000), (b"1.704067200001E9", 1_000)):
        read = json_call("cloudtrail.LookupEvents", b'{"StartTime":%s}' % number)
        assert read == {"StartTime": datetime(2024, 1, 1, 0, 0, 0, moment, UTC)}


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"1",
        b'"a"',
        b"null",
        b"{",
        b"{}{}",
        b"{'a':1}",
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b"\xff",
        b'{"a":"\xff"}',
        b'{"a":"\\ud800"}',
        b'{"StartTime":"2024-01-01T00:00:00Z"}',
        b'{"StartTime":true}',
        b'{"StartTime":1e300}',
        b'{"StartTime":[]}',
        b'{"StartTime":-1e15}',
        b'{"MaxResults":"1"}',
        b'{"MaxResults":1.5}',
        b'{"MaxResults":true}',
        b'{"MaxResults":2147483648}',
        b'{"MaxResults":99999999999999999999}',
        b'{"MaxResults":{}}',
        b'{"NextToken":1}',
        b'{"NextToken":false}',
        b'{"NextToken":[]}',
        b'{"LookupAttributes":{}}',
        b'{"LookupAttributes":"x"}',
        b'{"LookupAttributes":["x"]}',
        b'{"LookupAttributes":[[]]}',
    ],
)
def test_nt_71_wrong_json_is_a_serialization_error(json_call: Call, body: bytes) -> None:
    with pytest.raises(MalformedInput):
        json_call("cloudtrail.LookupEvents", body)


def test_null_in_a_list_is_a_validation_error(json_call: Call) -> None:
    with pytest.raises(ValidationError, match=r"Value null at 'lookupAttributes.1.member'"):
        json_call("cloudtrail.LookupEvents", b'{"LookupAttributes":[null]}')


@pytest.mark.parametrize("text", ["a", "YQ", "YQ==\n", "Y Q==", "YR==", "_-8=", "é", "YQ==YQ=="])
def test_blobs_have_one_spelling(json_call: Call, text: str) -> None:
    body = orjson.dumps({"Name": "a", "SecretBinary": text})
    with pytest.raises(MalformedInput, match="base64"):
        json_call("secretsmanager.CreateSecret", body)


def test_blobs_are_base64(json_call: Call) -> None:
    assert json_call("secretsmanager.CreateSecret", b'{"Name":"a","SecretBinary":"YQ=="}')["SecretBinary"] == b"a"


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_nt_71_deep_nesting_is_refused_before_anything_recurses(opening: bytes, closing: bytes) -> None:
    for depth in (MAX_DEPTH, 5_000, 200_000):
        with pytest.raises(MalformedInput):
            load_object(b'{"a":' + opening * depth + b"1" + closing * depth + b"}")
    assert load_object(b'{"a":' + opening * (MAX_DEPTH - 1) + b"1" + closing * (MAX_DEPTH - 1) + b"}")


def test_many_braces_side_by_side_are_not_deep() -> None:
    assert load_object(orjson.dumps({"a": [{}] * 1_000, "b": "{" * 1_000}))["b"] == "{" * 1_000


def test_a_shape_may_contain_itself() -> None:
    value: dict[str, Any] = {"Count": 1}
    for _ in range(MAX_DEPTH - 2):
        value = {"Parent": value}
    top = Shape({"shape": "Top"}, NUMBERS)
    assert JsonReader().of(top)(value) == value
    write = JsonWriter().of(top)
    assert write is not None
    assert write(value) == value


def test_numbers_that_mean_integers_are_integers() -> None:
    read = JsonReader().of(Shape({"shape": "Top"}, NUMBERS))
    assert read({"Count": 3.0, "Size": -(2**63), "Share": 2}) == {"Count": 3, "Size": -(2**63), "Share": 2.0}
    assert str(read({"Share": "NaN"})["Share"]) == "nan"
    for wrong in ({"Size": 2**63}, {"Count": 2.0**60}, {"Share": "nan"}, {"Share": True}, {"Share": [1]}):
        with pytest.raises(MalformedInput):
            read(wrong)


def test_floats_that_json_has_no_number_for_are_words() -> None:
    write = JsonWriter().of(Shape({"shape": "Top"}, NUMBERS))
    assert write is not None
    assert write({"Share": float("nan")}) == {"Share": "NaN"}
    assert write({"Share": float("-inf")}) == {"Share": "-Infinity"}


def test_the_models_timestamp_format_holds_in_bodies() -> None:
    top = Shape({"shape": "Top"}, NUMBERS)
    text, moment = "Mon, 01 Jan 2024 00:00:00 GMT", datetime(2024, 1, 1, tzinfo=UTC)
    assert JsonReader().of(top)({"When": text}) == {"When": moment}
    write = JsonWriter().of(top)
    assert write is not None
    assert write({"When": moment}) == {"When": text}
    with pytest.raises(MalformedInput):
        JsonReader().of(top)({"When": 1704067200})


def test_a_union_has_exactly_one_member(json_call: Call) -> None:
    with pytest.raises(MalformedInput, match="union"):
        json_call("identitystore.GetUserId", b'{"IdentityStoreId":"d-1234567890","AlternateIdentifier":{}}')


def test_w6_3_results_are_json_with_numbers_for_timestamps(models: Models) -> None:
    secret = models.service("secretsmanager").operation("GetSecretValue")
    created = datetime(2024, 1, 1, 0, 0, 0, 120_999, UTC)
    answer = secret.success({"CreatedDate": created, "SecretBinary": b"a", "Name": None, "Owner": "undeclared"}, "id-1")
    assert answer.headers == [(b"content-type", b"application/x-amz-json-1.1"), (b"x-amzn-requestid", b"id-1")]
    assert orjson.loads(answer.body) == {"CreatedDate": 1704067200.12, "SecretBinary": "YQ=="}
    assert b'"CreatedDate":1704067200}' in secret.success({"CreatedDate": created.replace(microsecond=0)}, "x").body


def test_w6_3_a_void_success_is_an_empty_object(models: Models) -> None:
    assert models.service("organizations").operation("LeaveOrganization").success(None, "x").body == b"{}"


def test_w13_7_each_service_has_its_own_idea_of_time(models: Models) -> None:
    """The portal's `expiration` and the OIDC `clientSecretExpiresAt` are plain numbers, which pass as they are."""
    portal = models.service("sso").operation("GetRoleCredentials").success({"roleCredentials": {"expiration": 1704067200123}}, "x")
    oidc = models.service("sso-oidc").operation("RegisterClient").success({"clientSecretExpiresAt": 1704067200}, "x")
    assert portal.body == b'{"roleCredentials":{"expiration":1704067200123}}'
    assert oidc.body == b'{"clientSecretExpiresAt":1704067200}'


def test_w5_9_a_gzipped_body_is_unpacked(models: Models) -> None:
    import gzip

    headers = [
        (b"content-type", b"application/x-amz-json-1.1"),
        (b"x-amz-target", b"secretsmanager.GetSecretValue"),
        (b"content-encoding", b"gzip"),
    ]
    routed = route(models, HttpRequest(b"POST", b"/", b"", headers, gzip.compress(b'{"SecretId":"a"}')), "secretsmanager")
    assert isinstance(routed, Routed)
    assert routed.parse() == {"SecretId": "a"}
