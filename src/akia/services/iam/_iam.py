"""What IAM's operations share: the registry, types in events, fresh ids, quotas, ARNs and condition keys."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from akia.authority import fresh_ids
from akia.aws.errors import LimitExceeded
from akia.operation import Conditions, Context, Operations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from akia.aws.ids import Prefix


iam = Operations("iam")

USER, GROUP, ROLE, POLICY, ACCESS_KEY = "AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::AccessKey"
"""Types of resources in events (AC1)."""


T = TypeVar("T")


def utc(seconds: int) -> datetime:
    """Epoch seconds as the wire's timestamps are handed over: a datetime in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def with_fresh_id(ctx: Context, prefix: Prefix, make: Callable[[str], T], add: Callable[[T], None]) -> T:
    """Make an entity under an id that nobody has, and add it. Raises whatever `add` raises, ServiceUnavailable if no id is free."""
    return fresh_ids.with_fresh_id(ctx.account, prefix, make, add)


def require_room(quota: str, held: int, limit: int) -> None:
    """Raises LimitExceeded if `held` things are there already of at most `limit` (P5.3-9, P5.4). `quota` is AWS's name of it."""
    if held >= limit:
        raise LimitExceeded(f"Cannot exceed quota for {quota}: {limit}")


def iam_arn(ctx: Context, resource: str) -> str:
    """The ARN of `resource` (`user/ops/alice`) in the caller's account; also of what is yet to be made, and of collections (P2.2-6)."""
    return f"arn:aws:iam::{ctx.account}:{resource}"


# Condition keys, lower-cased.


def resource_tags(tags: Mapping[str, str]) -> Conditions:
    """`aws:ResourceTag/k` and `iam:ResourceTag/k` of the entity that an operation is about."""
    return {f"{prefix}:resourcetag/{key.lower()}": value for key, value in tags.items() for prefix in ("aws", "iam")}


def request_tags(tags: Iterable[Mapping[str, str]] | None) -> Conditions:
    """`aws:RequestTag/k` and `aws:TagKeys` of tags in a request, a list of `Key`/`Value`; nothing if there are none."""
    if not tags:
        return {}
    given = {tag["Key"]: tag["Value"] for tag in tags}
    return {"aws:tagkeys": list(given), **{f"aws:requesttag/{key.lower()}": value for key, value in given.items()}}
