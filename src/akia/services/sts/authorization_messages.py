"""Encoded authorization messages: DecodeAuthorizationMessage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.operation import Access, Context, everything
from akia.services.sts._sts import sts

if TYPE_CHECKING:
    from akia.wire.shapes import sts as shapes


@sts.operation("DecodeAuthorizationMessage", access=Access.WRITE, resource=everything, writes=False, read_only_event=True)
def decode_authorization_message(
    ctx: Context, request: shapes.DecodeAuthorizationMessageRequest
) -> shapes.DecodeAuthorizationMessageResponse:
    """What the message of a denial in the caller's account says, as JSON text (AC13.1). Raises InvalidAuthorizationMessage (AC13.2)."""
    return {"DecodedMessage": ctx.authority.messages.decode(request["EncodedMessage"], ctx.account)}
