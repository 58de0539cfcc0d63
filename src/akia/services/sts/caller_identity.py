"""Whose key is this? GetCallerIdentity, GetAccessKeyInfo."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from akia.aws.errors import ValidationError
from akia.aws.ids import account_of
from akia.operation import Access, Context, everything
from akia.services.sts._sts import sts

if TYPE_CHECKING:
    from akia.wire.shapes import sts as shapes

_KEY_ID = re.compile("A[KS]IA[A-Z2-7]{16}")
"""Of long-term and of temporary keys (W10.1)."""


@sts.operation("GetCallerIdentity", access=Access.READ, resource=everything, always_allowed=True)
def get_caller_identity(ctx: Context, request: shapes.GetCallerIdentityRequest) -> shapes.GetCallerIdentityResponse:
    """The verified caller. Works under every Deny (P1.7-11, NT-84)."""
    principal = ctx.caller.principal
    return {"UserId": principal.unique_id, "Account": principal.account, "Arn": str(principal.arn)}


@sts.operation("GetAccessKeyInfo", access=Access.READ, resource=everything)
def get_access_key_info(ctx: Context, request: shapes.GetAccessKeyInfoRequest) -> shapes.GetAccessKeyInfoResponse:
    """The account that a key id belongs to, active, inactive or deleted, known here or not (W10.10).

    Raises ValidationError for what is no key id, and for ids of the old generation whose key is not here (W10.8).
    """
    key_id = request["AccessKeyId"]
    stored = ctx.store.access_keys.get(key_id)
    account = stored.account if stored is not None else account_of(key_id) if _KEY_ID.fullmatch(key_id) else None
    if account is None:
        raise ValidationError(f"The access key ID {key_id} does not name an account.")
    return {"Account": account}
