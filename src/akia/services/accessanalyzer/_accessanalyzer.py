"""What Access Analyzer's operations share: the registry, the errors of its model (W7.4), and pages of lists."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from akia.aws.errors import AwsError, ValidationError
from akia.keyring import Purpose, Unsealable
from akia.operation import Operations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from akia.operation import Context

accessanalyzer = Operations("accessanalyzer", prefix="access-analyzer")
PAGE = 100
"""Items per answer, at most and by default."""
Item = TypeVar("Item")


class InvalidParameterException(AwsError):
    code, status = "InvalidParameterException", 400


class ConflictException(AwsError):
    code, status = "ConflictException", 409


class ResourceNotFoundException(AwsError):
    code, status = "ResourceNotFoundException", 404


class ServiceQuotaExceededException(AwsError):
    code, status = "ServiceQuotaExceededException", 402


class UnprocessableEntityException(AwsError):
    code, status = "UnprocessableEntityException", 422


def page(ctx: Context, request: Mapping[str, Any], items: Sequence[Item]) -> tuple[Sequence[Item], dict[str, str]]:
    """The items that the request asks for with `maxResults` and `nextToken`, and `nextToken` of the next page if there is one.

    A token holds a position, sealed, and is bound to the parameters that it was given for. Raises ValidationError for a token that was
    not given for these parameters, and for a `maxResults` below 1.
    """
    limit = request.get("maxResults", PAGE)
    if limit < 1:
        raise ValidationError("maxResults must be at least 1.")
    start = _position(ctx, request)
    end = start + min(limit, PAGE)
    return items[start:end], ({"nextToken": _token(ctx, request, end)} if end < len(items) else {})


def _bound_to(ctx: Context, request: Mapping[str, Any]) -> bytes:
    parameters = {key: value for key, value in request.items() if key not in {"nextToken", "maxResults"}}
    return sha256(ctx.account.encode() + orjson.dumps(parameters, option=orjson.OPT_SORT_KEYS)).digest()


def _token(ctx: Context, request: Mapping[str, Any], position: int) -> str:
    sealed = ctx.store.keyring.seal(Purpose.PAGE_MARKERS, orjson.dumps(position), additional=_bound_to(ctx, request))
    return urlsafe_b64encode(sealed).decode()


def _position(ctx: Context, request: Mapping[str, Any]) -> int:
    token = request.get("nextToken")
    if token is None:
        return 0
    try:
        sealed = urlsafe_b64decode(token.encode("ascii"))
        return int(orjson.loads(ctx.store.keyring.unseal(Purpose.PAGE_MARKERS, sealed, additional=_bound_to(ctx, request))))
    except (ValueError, Unsealable):
        raise ValidationError("The nextToken is not valid.") from None
