"""The parts of rest-json that our services' models do not use as well as those that they do, against botocore."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.awsrequest import HeadersDict, create_request_object, prepare_request_dict
from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from akia.aws.errors import MalformedInput
from akia.wire import HttpRequest, Models, Routed, route
from akia.wire.library import prune
from akia.wire.service import Service
from akia.wire.uri_templates import UriTemplate, most_literal_first

pytestmark = pytest.mark.covers("I2.wire.rest_json")

MODEL: dict[str, Any] = {
    "version": "2.0",
    "metadata": {"apiVersion": "1", "endpointPrefix": "all", "protocol": "rest-json", "serviceId": "All", "signatureVersion": "v4"},
    "operations": {
        "Everything": {
            "name": "Everything",
            "http": {"method": "PUT", "requestUri": "/things/{Name}/{Key+}?fixed=1", "responseCode": 201},
            "input": {"shape": "Everything"},
            "output": {"shape": "Headers"},
        },
        "PutBlob": {
            "name": "PutBlob",
            "http": {"method": "PUT", "requestUri": "/blob"},
            "input": {"shape": "BlobMessage"},
            "output": {"shape": "BlobMessage"},
        },
        "PutText": {
            "name": "PutText",
            "http": {"method": "PUT", "requestUri": "/text"},
            "input": {"shape": "TextMessage"},
            "output": {"shape": "TextMessage"},
        },
    },
    "shapes": {
        "Everything": {
            "type": "structure",
            "members": {
                "Name": {"shape": "Text", "location": "uri", "locationName": "Name"},
                "Key": {"shape": "Text", "location": "uri", "locationName": "Key"},
                "Since": {"shape": "Time", "location": "querystring", "locationName": "since"},
                "Wanted": {"shape": "Flag", "location": "querystring", "locationName": "wanted"},
                "Many": {"shape": "Integers", "location": "querystring", "locationName": "many"},
                "Rest": {"shape": "Map", "location": "querystring"},
                "Modified": {"shape": "Time", "location": "header", "locationName": "If-Modified"},
                "Tags": {"shape": "Texts", "location": "header", "locationName": "X-Tags"},
                "Times": {"shape": "Times", "location": "header", "locationName": "X-Times"},
                "Deep": {"shape": "Text", "location": "header", "locationName": "X-Deep", "jsonvalue": True},
                "Ratio": {"shape": "Float", "location": "header", "locationName": "X-Ratio"},
                "On": {"shape": "Flag", "location": "header", "locationName": "X-On"},
                "Meta": {"shape": "Map", "location": "headers", "locationName": "X-Meta-"},
                "Body": {"shape": "Text", "locationName": "body"},
                "Moment": {"shape": "Time"},
            },
        },
        "Headers": {
            "type": "structure",
            "members": {
                "Modified": {"shape": "Time", "location": "header", "locationName": "Last-Modified"},
                "Deep": {"shape": "Text", "location": "header", "locationName": "X-Deep", "jsonvalue": True},
                "Count": {"shape": "Integer", "location": "header", "locationName": "X-Count"},
                "On": {"shape": "Flag", "location": "header", "locationName": "X-On"},
                "Tags": {"shape": "Texts", "location": "header", "locationName": "X-Tags"},
                "Body": {"shape": "Text", "locationName": "body"},
            },
        },
        "BlobMessage": {"type": "structure", "payload": "Data", "members": {"Data": {"shape": "Blob"}}},
        "TextMessage": {"type": "structure", "payload": "Data", "members": {"Data": {"shape": "Text"}}},
        "Integers": {"type": "list", "member": {"shape": "Integer"}},
        "Texts": {"type": "list", "member": {"shape": "Text"}},
        "Times": {"type": "list", "member": {"shape": "Time"}},
        "Map": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}},
        "Text": {"type": "string"},
        "Integer": {"type": "integer"},
        "Float": {"type": "double"},
        "Flag": {"type": "boolean"},
        "Time": {"type": "timestamp"},
        "Blob": {"type": "blob"},
    },
}
NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def service() -> Service:
    return Service("all", prune(MODEL))


def sent(operation: str, members: dict[str, Any]) -> HttpRequest:
    model = ServiceModel(MODEL, "all")
    asked = create_serializer("rest-json").serialize_to_request(members, model.operation_model(operation))
    prepare_request_dict(asked, "http://localhost")
    prepared = create_request_object(asked).prepare()
    path, _, query = prepared.url.removeprefix("http://localhost").partition("?")
    headers = [(name.lower().encode(), value if isinstance(value, bytes) else value.encode()) for name, value in prepared.headers.items()]
    body = prepared.body or b""
    return HttpRequest(prepared.method.encode(), path.encode(), query.encode(), headers, body if isinstance(body, bytes) else body.encode())


def received(service: Service, request: HttpRequest) -> dict[str, Any]:
    path, query = request.raw_path.split(b"/")[1:], {"fixed": "1"}
    for template in service.uri_templates:
        labels = template.match(path, query)
        if labels is not None:
            return service.operation(template.operation).parse(request, labels)
    raise AssertionError(request)


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"Since": NOON, "Wanted": True, "Many": [1, 2, -3]},
        {"Rest": {"a": "b&", "ü": ""}},
        {"Modified": NOON, "Tags": ["a", "b,c", 'say "x"', "d e"], "On": False, "Ratio": 1.5},
        {"Times": [NOON, NOON]},
        {"Deep": {"a": [1, "é"]}},
        {"Meta": {"one": "1", "two": "2"}},
        {"Body": "é", "Moment": NOON},
    ],
)
def test_w5_6_members_are_found_wherever_they_travel(service: Service, members: dict[str, Any]) -> None:
    members = {"Name": "a/b c+%", "Key": "x/y z/é", **members}
    assert received(service, sent("Everything", members)) == {"Rest": {"fixed": "1"}, **members} | (
        {"Rest": {"fixed": "1", **members["Rest"]}} if "Rest" in members else {}
    )


def test_a_payload_may_be_the_raw_body(service: Service) -> None:
    assert received(service, sent("PutBlob", {"Data": b"\x00\xff"})) == {"Data": b"\x00\xff"}
    assert received(service, sent("PutText", {"Data": "é"})) == {"Data": "é"}
    assert service.operation("PutBlob").success({"Data": b"\x00\xff"}, "x").body == b"\x00\xff"
    assert service.operation("PutText").success({"Data": "é"}, "x").body == "é".encode()
    with pytest.raises(MalformedInput):
        received(service, HttpRequest(b"PUT", b"/text", b"", [], b"\xff"))


def test_w6_3_results_travel_in_headers_too(service: Service) -> None:
    result = {"Modified": NOON, "Deep": {"a": 1}, "Count": 7, "On": True, "Body": "b"}
    answer = service.operation("Everything").success(result, "id-1")
    assert (b"last-modified", b"Mon, 01 Jan 2024 12:00:00 GMT") in answer.headers
    response = {
        "status_code": 201,
        "headers": HeadersDict({name.decode(): value.decode() for name, value in answer.headers}),
        "body": answer.body,
    }
    read = create_parser("rest-json").parse(response, ServiceModel(MODEL, "all").shape_for("Headers"))
    read.pop("ResponseMetadata")
    assert read == result
    assert answer.status == 201
    assert (b"x-tags", b'a,"b,c","d\\"e"') in service.operation("Everything").success({"Tags": ["a", "b,c", 'd"e']}, "x").headers


@pytest.mark.parametrize(
    ("header", "value"),
    [
        (b"if-modified", b"2024-01-01"),
        (b"if-modified", b"Mon, 31 Feb 2024 00:00:00 GMT"),
        (b"if-modified", b"Mon, 01 Foo 2024 00:00:00 GMT"),
        (b"x-deep", b"!"),
        (b"x-deep", b"e30"),
        (b"x-deep", b"eyc="),
        (b"x-ratio", b"1_0"),
        (b"x-on", b"yes"),
        (b"x-tags", b'"a'),
        (b"x-tags", b"\xff"),
        (b"x-tags", b" " * 300_000 + b'"'),
        (b"x-times", b"now, then"),
    ],
)
def test_nt_71_malformed_headers_are_malformed_input(service: Service, header: bytes, value: bytes) -> None:
    with pytest.raises(MalformedInput):
        service.operation("Everything").parse(HttpRequest(b"PUT", b"/", b"", [(header, value)], b""), {"Name": "a", "Key": "b"})


@pytest.mark.parametrize("query", [b"since=1", b"since=2024-02-30T00:00:00Z", b"wanted=True", b"many=1&many=x", b"since=%", b"since=%ff"])
def test_nt_71_malformed_query_strings_are_malformed_input(service: Service, query: bytes) -> None:
    with pytest.raises(MalformedInput):
        service.operation("Everything").parse(HttpRequest(b"PUT", b"/", query, [], b""), {"Name": "a", "Key": "b"})


class TestUriTemplates:
    def test_w3_5_a_greedy_label_takes_the_slashes(self) -> None:
        template = UriTemplate.parse("Get", "GET", "/{Bucket}/{Key+}")
        assert template.match([b"b", b"a", b"c%2Fd"], {}) == {"Bucket": "b", "Key": "a/c/d"}
        assert template.match([b"b", b"a"], {}) == {"Bucket": "b", "Key": "a"}
        assert template.match([b"b"], {}) is None

    def test_w3_5_a_label_is_never_empty_and_never_spans_a_slash(self) -> None:
        template = UriTemplate.parse("Get", "GET", "/tags/{Arn}")
        assert template.match([b"tags", b"arn%3Aaws%2Fx"], {}) == {"Arn": "arn:aws/x"}
        assert template.match([b"tags", b""], {}) is None
        assert template.match([b"tags", b"a", b"b"], {}) is None
        assert template.match([b"tags", b"a", b""], {}) is None

    def test_a_plus_in_a_path_is_a_plus(self) -> None:
        assert UriTemplate.parse("Get", "GET", "/{A}").match([b"a+b"], {}) == {"A": "a+b"}

    @pytest.mark.parametrize("label", [b"%", b"%f", b"%gg", b"%ff", b"\xff"])
    def test_nt_71_a_label_that_cannot_be_read_is_malformed_input(self, label: bytes) -> None:
        with pytest.raises(MalformedInput):
            UriTemplate.parse("Get", "GET", "/{A}").match([label], {})

    def test_w3_5_the_most_literal_template_is_tried_first(self) -> None:
        spelt = ["/token", "/{any}", "/token?a=1", "/token?a=1&b=2"]
        ordered = most_literal_first(UriTemplate.parse(uri, "GET", uri) for uri in spelt)
        assert [template.operation for template in ordered] == ["/token?a=1&b=2", "/token?a=1", "/token", "/{any}"]


def test_signin_takes_its_payload_as_the_whole_body(models: Models) -> None:
    request = HttpRequest(
        b"POST", b"/v1/token", b"", [(b"content-type", b"application/json")], b'{"clientId":"arn:aws:signin:::devtools/same-device"}'
    )
    routed = route(models, request, None)
    assert isinstance(routed, Routed)
    assert routed.operation.name == "CreateOAuth2Token"
    with pytest.raises(Exception, match=r"Value null at 'tokenInput.grantType'"):
        routed.parse()
