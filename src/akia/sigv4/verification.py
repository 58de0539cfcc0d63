"""Rule 16: is this signature the one that the key's holder would have made?"""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING, NoReturn

from akia.aws.errors import InvalidClientTokenId, SignatureDoesNotMatch
from akia.sigv4.asymmetric import is_signed_by
from akia.sigv4.echo import shown
from akia.sigv4.reading import INVALID_KEY
from akia.sigv4.scope import Algorithm
from akia.sigv4.signing_key import SigningSecret

if TYPE_CHECKING:
    from akia.sigv4.presented import Presented

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
)

_NOBODY = SigningSecret(bytes(40))
"""Stands in for the secret of a key that does not exist. What is computed with it is never believed."""


def verify(presented: Presented, secret: SigningSecret) -> None:
    """Returns if `secret` made the signature; raises SignatureDoesNotMatch if not (rule 16).

    The error's message may show the canonical request (SV6-3), which may hold the session token; its `detail` is the text to keep.
    """
    fits = _fits(presented, secret, presented.access_key_id)
    if presented.refusal or not fits:
        raise SignatureDoesNotMatch(MISMATCH + _explanation(presented), detail=_kept(presented))


def refuse_unknown_key(presented: Presented) -> NoReturn:
    """Rule 15 for a key that is unknown or may not be used: the work of `verify`, then InvalidClientTokenId (SV6-5, NT-14)."""
    _fits(presented, _NOBODY, "")
    raise InvalidClientTokenId(INVALID_KEY)


def _fits(presented: Presented, secret: SigningSecret, access_key_id: str) -> bool:
    scope = presented.claim.scope
    if scope.algorithm is Algorithm.V4A:
        return is_signed_by(secret.public_key(access_key_id), presented.claim.signature, presented.string_to_sign)
    calculated = secret.signing_key(scope).sign(presented.string_to_sign)
    return compare_digest(calculated, presented.claim.signature)  # another length is refused first


def _explanation(presented: Presented) -> str:
    """SV6-3."""
    if not presented.explains:
        return ""
    return (
        f"\n\nThe Canonical String for this request should have been\n'{shown(presented.canonical_request)}'"
        f"\n\nThe String-to-Sign should have been\n'{shown(presented.string_to_sign)}'\n"
    )


def _kept(presented: Presented) -> str:
    return f"{MISMATCH} ({presented.refusal})" if presented.refusal else MISMATCH
