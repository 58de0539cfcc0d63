"""A signature that has been read and awaits proof."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from akia.sigv4.scope import Algorithm

if TYPE_CHECKING:
    from akia.sigv4.claim import Claim


class Presented(NamedTuple):
    """What `read` found: rules 4 to 13 are satisfied, the key and the signature are not checked yet."""

    claim: Claim
    access_key_id: str
    """16 to 128 letters, digits and underscores of ASCII: fit for a look-up (NT-39)."""
    signed_at: int
    """When it was signed, in seconds since 1970."""
    canonical_request: bytes
    """Holds the session token if there is one: it may go back to the caller, and into no log (SV6-3)."""
    refusal: str
    """Why rule 16 refuses whatever the signature is; empty if it does not."""
    explains: bool
    """Whether the refusal by rule 16 shows the canonical request (SV6-3)."""

    @property
    def algorithm(self) -> Algorithm:
        return self.claim.scope.algorithm

    @property
    def timestamp(self) -> bytes:
        """When it was signed, `YYYYMMDDTHHMMSSZ`."""
        return self.claim.date

    @property
    def date(self) -> str:
        """`YYYYMMDD`, of the scope and of the request alike."""
        return self.timestamp[:8].decode()

    @property
    def region(self) -> str | None:
        """The region of the scope; None for SigV4A."""
        return self.claim.scope.region

    @property
    def service(self) -> str:
        """The signing name of the scope, one of the expected."""
        return self.claim.scope.service

    @property
    def session_token(self) -> bytes | None:
        """The session token, signed (SV2-5)."""
        return self.claim.session_token

    @property
    def signed_headers(self) -> tuple[bytes, ...]:
        """Lower-case names."""
        return self.claim.signed_headers.names

    @property
    def signature(self) -> bytes:
        """As sent."""
        return self.claim.signature

    @property
    def presigned(self) -> bool:
        """Whether the signature came in the query."""
        return self.claim.presigned

    @property
    def region_set(self) -> tuple[str, ...]:
        """The regions that a SigV4A signature is for, wildcards included; empty for SigV4 (SV5-4)."""
        if self.algorithm is Algorithm.V4 or self.claim.region_set is None:
            return ()
        return tuple(entry.strip() for entry in self.claim.region_set.decode("ascii").split(","))

    @property
    def payload_hash(self) -> bytes:
        """64 hexadecimal digits, or `UNSIGNED-PAYLOAD`."""
        return self.canonical_request.rpartition(b"\n")[2]

    @property
    def string_to_sign(self) -> bytes:
        """SV1.1."""
        scope = self.claim.scope
        return b"%b%b\n%b\n%b" % (scope.prefix, self.timestamp, scope.text or b"", sha256(self.canonical_request).hexdigest().encode())

    def __repr__(self) -> str:
        """Without signature, session token and canonical request, which no log may hold."""
        return f"<Presented {self.access_key_id} {self.date}/{self.region}/{self.service} {self.algorithm}>"
