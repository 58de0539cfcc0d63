"""The role that AssumeRole and its kin ask for, by `RoleArn`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from akia.aws.arn import Arn
from akia.aws.errors import ValidationError
from akia.operation import ResourcePolicy
from akia.policy import Kind
from akia.services.sts._sts import about_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from akia.identity.role import Role
    from akia.operation import Conditions, Context

_ACCOUNT = re.compile(r"[0-9]{12}")
_ROLE = re.compile(r"role/(?:[!-~]+/)?([\w+=,.@-]{1,64})", re.ASCII)
_TRUSTS_NOBODY = '{"Version":"2012-10-17","Statement":[]}'


def role_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of a role, whether it exists or not. Raises ValidationError for an ARN that no role can have (P5.3-6)."""
    arn = str(request["RoleArn"])
    _account_and_name(arn)
    return arn


def target_role(ctx: Context, request: Mapping[str, Any]) -> Role | None:
    """The role whose ARN is exactly that, path included, in whatever account it stands, unless that is closed: then nobody could use a
    session of it. Raises ValidationError (P5.3-6)."""
    account, name = _account_and_name(request["RoleArn"])
    role = ctx.store.roles.named(account, name)
    there = role is not None and str(role.arn) == request["RoleArn"] and ctx.store.accounts.is_open(account)
    return role if there else None


def trust_policy(ctx: Context, request: Mapping[str, Any]) -> ResourcePolicy:
    """The role's trust policy, its resource policy for this (P1.7-1).

    A role that does not exist trusts nobody: it cannot be told from one that does not trust the caller. Raises ValidationError (P5.3-6).
    """
    role = target_role(ctx, request)
    account, _ = _account_and_name(request["RoleArn"])
    return ResourcePolicy(role.trust if role is not None else _TRUSTS_NOBODY, Kind.TRUST, account, mandatory=True)


def role_account(request: Mapping[str, Any]) -> str:
    """The account that the role stands in, if there is one. Raises ValidationError (P5.3-6)."""
    return _account_and_name(request["RoleArn"])[0]


def role_tags(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """The role's tags as condition keys; none if there is no such role. Raises ValidationError (P5.3-6)."""
    role = target_role(ctx, request)
    tags = role.tags if role is not None else {}
    return {f"{prefix}:resourcetag/{key.lower()}": value for key, value in tags.items() for prefix in ("aws", "iam")}


def about_session(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> Iterable[tuple[str, str]]:
    """The event's resources: the role, the session that was made of it, its key."""
    yield "AWS::IAM::Role", request["RoleArn"]
    if result is not None:
        yield "AWS::STS::AssumedRole", result["AssumedRoleUser"]["Arn"]
        yield from about_key(request, result)


def _account_and_name(text: str) -> tuple[str, str]:
    try:
        arn = Arn.parse(text)
    except ValueError:
        raise _invalid(text) from None
    named = _ROLE.fullmatch(arn.resource)
    if named is None or arn.service != "iam" or arn.region or not _ACCOUNT.fullmatch(arn.account):
        raise _invalid(text)
    return arn.account, named[1]


def _invalid(arn: str) -> ValidationError:
    return ValidationError(f"{arn} is invalid")
