"""The account's password policy: UpdateAccountPasswordPolicy, GetAccountPasswordPolicy, DeleteAccountPasswordPolicy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import NoSuchEntity
from akia.identity.password_policy import PasswordPolicy
from akia.operation import Access, Context, everything
from akia.services.iam._iam import iam

if TYPE_CHECKING:
    from akia.wire.shapes import iam as shapes


@iam.operation("UpdateAccountPasswordPolicy", access=Access.PERMISSIONS, resource=everything)
def update_account_password_policy(ctx: Context, request: shapes.UpdateAccountPasswordPolicyRequest) -> None:
    """Sets all of it: what the request leaves out takes AWS's default again. Passwords that are there are not looked at."""
    ctx.store.password_policies.put(
        PasswordPolicy(
            ctx.account,
            minimum_length=request.get("MinimumPasswordLength", 6),
            require_symbols=request.get("RequireSymbols", False),
            require_numbers=request.get("RequireNumbers", False),
            require_uppercase=request.get("RequireUppercaseCharacters", False),
            require_lowercase=request.get("RequireLowercaseCharacters", False),
            allow_change=request.get("AllowUsersToChangePassword", False),
            max_age=request.get("MaxPasswordAge", 0),
            reuse_prevention=request.get("PasswordReusePrevention", 0),
            hard_expiry=request.get("HardExpiry", False),
        )
    )


@iam.operation("GetAccountPasswordPolicy", access=Access.READ, resource=everything)
def get_account_password_policy(ctx: Context, request: object) -> shapes.GetAccountPasswordPolicyResponse:
    """Raises NoSuchEntity for an account that has set none: AWS's default holds then, and is not told."""
    policy = ctx.store.password_policies.get(ctx.account)
    if policy is None:
        raise _none(ctx)
    shown: shapes.PasswordPolicy = {
        "MinimumPasswordLength": policy.minimum_length,
        "RequireSymbols": policy.require_symbols,
        "RequireNumbers": policy.require_numbers,
        "RequireUppercaseCharacters": policy.require_uppercase,
        "RequireLowercaseCharacters": policy.require_lowercase,
        "AllowUsersToChangePassword": policy.allow_change,
        "ExpirePasswords": policy.max_age > 0,
        "HardExpiry": policy.hard_expiry,
    }
    if policy.max_age:
        shown["MaxPasswordAge"] = policy.max_age
    if policy.reuse_prevention:
        shown["PasswordReusePrevention"] = policy.reuse_prevention
    return {"PasswordPolicy": shown}


@iam.operation("DeleteAccountPasswordPolicy", access=Access.PERMISSIONS, resource=everything)
def delete_account_password_policy(ctx: Context, request: object) -> None:
    """Back to AWS's default. Raises NoSuchEntity if it holds already."""
    if not ctx.store.password_policies.delete(ctx.account):
        raise _none(ctx)


def _none(ctx: Context) -> NoSuchEntity:
    return NoSuchEntity(f"The Password Policy with domain name {ctx.account} cannot be found.")
