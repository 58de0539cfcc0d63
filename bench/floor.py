"""The floor: what the HTTP server costs when the application does nothing. Served exactly as akia is, one worker, a constant answer."""

from __future__ import annotations

from typing import Any

BODY = (
    b'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    b"<Arn>arn:aws:iam::123456789012:user/floor</Arn><UserId>AIDAQEAAAAAAAAAAAAAAA</UserId><Account>123456789012</Account>"
    b"</GetCallerIdentityResult><ResponseMetadata><RequestId>01234567-89ab-4cde-af01-23456789abcd</RequestId></ResponseMetadata>"
    b"</GetCallerIdentityResponse>"
)

_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/xml"), (b"content-length", str(len(BODY)).encode())],
}
_BODY = {"type": "http.response.body", "body": BODY}


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Read the whole request, as akia must, and answer `BODY`."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    await send(_START)
    await send(_BODY)
