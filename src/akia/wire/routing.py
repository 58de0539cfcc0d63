"""Which service, which operation? One endpoint for all of them (W3.1 - W3.8).

The rules in their order; the first that fits decides.

1. rpc-v2 (W3.1): not spoken here.
2. `X-Amz-Target` names service and operation (W3.2).
3. The credential scope names the service (W3.3), whose protocol names the operation:
4. a form with `Action` (W3.4),
5. or method and path (W3.5).
6. Without a scope: forms by `Version` and `Action`, and the paths of the services that have unsigned operations (W3.6, W3.8).
7. Everything else is nothing of ours (W3.7).

What is found is the operation that will run. Whether the signature's scope names its service, the caller compares: `signing_name` (NT-87).
"""

from __future__ import annotations

import gzip
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from akia.aws.errors import (
    AwsError,
    InvalidAction,
    MalformedHttpRequest,
    MalformedInput,
    MissingAuthenticationToken,
    RequestEntityTooLarge,
)
from akia.wire import forms
from akia.wire.stranger import Stranger

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from akia.wire.models import Models
    from akia.wire.operation import Operation
    from akia.wire.protocols.protocol import Refuser
    from akia.wire.request import HttpRequest
    from akia.wire.service import Service

MAX_INFLATED = 1 << 20
"""Bytes; a compressed body that holds more is refused (W5.9), as it would be if it came as it is: nobody has proven anything yet."""

_FORM = b"application/x-www-form-urlencoded"
_AMZ_JSON = (b"application/x-amz-json-1.0", b"application/x-amz-json-1.1")
_DECIDING = (b"x-amz-target", b"content-type", b"content-encoding")


class Routed(NamedTuple):
    """The operation that a request asks for, and what routing has read of the request on the way."""

    operation: Operation
    request: HttpRequest
    given: Mapping[str, str]

    @property
    def service(self) -> Service:
        return self.operation.service

    def parse(self) -> dict[str, Any]:
        """The members of the input: see `Operation.parse`."""
        return self.operation.parse(self.request, self.given)


class Unrouted(NamedTuple):
    """Why no operation was found, and who words the error: the service, if that much is known."""

    error: AwsError
    refuser: Refuser


def route(models: Models, request: HttpRequest, scope_service: str | None) -> Routed | Unrouted:
    """The operation that `request` asks for. `scope_service` is the service in the credential scope, None if there is no signature."""
    headers = dict(request.headers)
    try:
        if len(headers) != len(request.headers):
            _refuse_repetition(request)
        if b"content-encoding" in headers:
            request = _inflated(request, headers[b"content-encoding"])
        if b"x-amz-target" in headers:
            return _by_target(models, request, headers)
        if scope_service is not None:
            return _by_scope(models, request, headers, scope_service)
        return _unsigned(models, request, headers)
    except AwsError as error:
        return Unrouted(error, refuser_of(models, request, scope_service))


def refuser_of(models: Models, request: HttpRequest, scope_service: str | None) -> Refuser:
    """Who words an error when only the credential scope, if anything, tells the service."""
    candidates = models.signed_as(scope_service) if scope_service else ()
    if candidates:
        return models.service(candidates[0].name)
    return Stranger(json=any(name == b"x-amz-target" or (name == b"content-type" and b"json" in value) for name, value in request.headers))


def _by_target(models: Models, request: HttpRequest, headers: Mapping[bytes, bytes]) -> Routed | Unrouted:
    """W3.2; the target is split at its last dot."""
    prefix, _, name = headers[b"x-amz-target"].decode("latin-1").rpartition(".")
    service = models.with_target(prefix)
    if service is None or request.method != b"POST" or request.raw_path != b"/" or _media_type(headers, b"") not in _AMZ_JSON:
        return Unrouted(InvalidAction("Unknown operation"), service or Stranger(json=True))
    if name not in service:
        return Unrouted(InvalidAction(f"Unknown operation {name}"), service)
    return Routed(service.operation(name), request, {})


def _by_scope(models: Models, request: HttpRequest, headers: Mapping[bytes, bytes], scope_service: str) -> Routed | Unrouted:
    """W3.3 - W3.5."""
    service = models.query_signed_as(scope_service)
    fields = _form(request, headers) if service else None
    if service and fields is not None:
        return _by_action(service, request, fields)
    found = _by_path(models, request, (entry.name for entry in models.signed_as(scope_service) if entry.protocol == "rest-json"))
    return found or Unrouted(InvalidAction("Unknown operation"), refuser_of(models, request, scope_service))


def _unsigned(models: Models, request: HttpRequest, headers: Mapping[bytes, bytes]) -> Routed | Unrouted:
    """W3.6, W3.8. Operations that do need a signature are found as well: whoever authenticates then says that it is missing."""
    fields = _form(request, headers)
    if fields is not None:
        service = _by_version(models, fields)
        return _by_action(service, request, fields) if service else Unrouted(_nothing_to_go_by(), Stranger())
    found = _by_path(models, request, (entry.name for entry in models.entries if entry.open_paths))
    return found or Unrouted(_nothing_to_go_by(), refuser_of(models, request, None))


def _form(request: HttpRequest, headers: Mapping[bytes, bytes]) -> dict[str, str] | None:
    """The fields of a query request, from the query string and the body, or None if it is none (W3.4, W5.4).

    Raises MalformedInput for what is no form, and InvalidAction if query string and body ask for different things (NT-30).
    """
    if request.raw_path != b"/" or request.method not in (b"POST", b"GET"):
        return None
    in_body = forms.fields(request.body) if request.method == b"POST" and _media_type(headers, _FORM) == _FORM else {}
    if not request.query:
        return in_body if "Action" in in_body else None
    in_url = forms.fields(request.query)
    for name in ("Action", "Version"):
        if name in in_url and in_body.get(name, in_url[name]) != in_url[name]:
            raise InvalidAction(f"{name} differs between the query string and the body")
    fields = {**in_url, **in_body}
    return fields if "Action" in fields else None


def _media_type(headers: Mapping[bytes, bytes], otherwise: bytes) -> bytes:
    return headers.get(b"content-type", otherwise).partition(b";")[0].strip().lower()


def _by_action(service: Service, request: HttpRequest, fields: Mapping[str, str]) -> Routed | Unrouted:
    """W3.4; a missing `Version` means the only one there is (W5.4)."""
    name, version = fields["Action"], fields.get("Version", service.api_version)
    if name not in service or version != service.api_version:
        return Unrouted(InvalidAction(f"Could not find operation {name} for version {version}"), service)
    return Routed(service.operation(name), request, fields)


def _by_version(models: Models, fields: Mapping[str, str]) -> Service | None:
    """The query service that an unsigned form means: by `Version`, else by who has such an operation."""
    version = fields.get("Version")
    for entry in models.entries:
        if entry.protocol == "query" and version in (entry.api_version, None):
            service = models.service(entry.name)
            if version or fields["Action"] in service:
                return service
    return None


def _by_path(models: Models, request: HttpRequest, names: Iterable[str]) -> Routed | None:
    """W3.5. Raises MalformedInput for a query string or label that cannot be read."""
    path = request.raw_path.split(b"/")[1:]
    query = forms.fields(request.query)
    for name in names:
        service = models.service(name)
        for template in service.uri_templates:
            if template.method == request.method:
                labels = template.match(path, query)
                if labels is not None:
                    return Routed(service.operation(template.operation), request, labels)
    return None


def _nothing_to_go_by() -> AwsError:
    return MissingAuthenticationToken("Request is missing Authentication Token")


def _refuse_repetition(request: HttpRequest) -> None:
    """A header that decides must not say two things: whoever stands before us may have read the other."""
    names = [name for name, _ in request.headers]
    for name in _DECIDING:
        if names.count(name) > 1:
            raise MalformedInput(f"Header {name.decode()} is repeated")


def _inflated(request: HttpRequest, encoding: bytes) -> HttpRequest:
    """The request with its body unpacked (W5.9). Raises MalformedHttpRequest and RequestEntityTooLarge."""
    if encoding.strip().lower() in (b"identity", b""):
        return request
    if encoding.strip().lower() != b"gzip":
        raise MalformedHttpRequest("Unsupported Content-Encoding")
    try:
        body = gzip.GzipFile(fileobj=BytesIO(request.body)).read(MAX_INFLATED + 1)
    except (OSError, EOFError, zlib.error):
        raise MalformedHttpRequest("The body is not gzip") from None
    if len(body) > MAX_INFLATED:
        raise RequestEntityTooLarge("Request body is too large")
    return request._replace(body=body)
