"""NT-13: bodies in signed chunks. No service that akia speaks for takes them, so every mode is refused before anything is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.attacks.signer import form

if TYPE_CHECKING:
    from tests.attacks.signer import Signer
    from tests.conftest import World

MODES = [
    b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    b"STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    b"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
    b"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER",
]
CHUNKED = (
    b"2a;chunk-signature="
    + b"0" * 64
    + b"\r\nAction=CreateUser&Version=2010-05-08&UserName=x\r\n0;chunk-signature="
    + b"0" * 64
    + b"\r\n\r\n"
)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("body", [CHUNKED, CHUNKED[:-90], CHUNKED + b"x", b""], ids=["whole", "cut", "appended", "empty"])
def test_nt_13_a_body_in_chunks_is_refused_and_nothing_is_stored(shared: World, signer: Signer, mode: bytes, body: bytes) -> None:
    call = form("CreateUser", UserName="chunked")
    headers = [*call.headers, (b"content-encoding", b"aws-chunked"), (b"x-amz-content-sha256", mode)]
    sent = signer.header(call._replace(headers=headers, body=body))
    answer = shared.answer(sent)
    assert 400 <= answer.status < 500
    assert not any(user["UserName"] == "chunked" for user in shared.client("iam").list_users()["Users"])
