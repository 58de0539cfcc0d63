"""What Access Analyzer's operations share: the registry, the errors of its model (W7.4), and pages of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from akia.authority.page_tokens import page_token, position_of
from akia.aws.errors import AwsError, ValidationError
from akia.keyring import Unsealable
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


def page(ctx: Context, of: str, request: Mapping[str, Any], items: Sequence[Item]) -> tuple[Sequence[Item], dict[str, str]]:
    """The items of the list `of` that `maxResults` and `nextToken` ask for, and `nextToken` of the next page if there is one.

    A token holds a position, sealed, and is bound to the list and the parameters that it was given for. Raises ValidationError for a
    token that was not given for these, and for a `maxResults` below 1.
    """
    limit = request.get("maxResults", PAGE)
    if limit < 1:
        raise ValidationError("maxResults must be at least 1.")
    start = _position(ctx, of, request)
    end = start + min(limit, PAGE)
    return items[start:end], ({"nextToken": page_token(ctx, f"analyzer {of}", request, end)} if end < len(items) else {})


def _position(ctx: Context, of: str, request: Mapping[str, Any]) -> int:
    try:
        return int(position_of(ctx, f"analyzer {of}", request) or 0)
    except Unsealable:
        raise ValidationError("The nextToken is not valid.") from None
