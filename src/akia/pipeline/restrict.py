"""The time in which a key may be used (O1, O12), and how its holder is told of its end.

Where and what for it may be used is a layer of the decision (O4). Both are told to a caller whose signature has verified, and to nobody
else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import InvalidClientTokenId
from akia.identity.key_lifetime import ALWAYS
from akia.trail.user_identity import timestamp

if TYPE_CHECKING:
    from akia.authority.caller import Caller
    from akia.pipeline.unit import Unit
    from akia.wire import Answer

EXPIRES = b"x-akia-key-expires"
"""The header that says when the caller's key expires (E4)."""


def require_valid_key(caller: Caller, now: int) -> None:
    """Raises InvalidClientTokenId, which every family spells as it does for a dead key, if the key is not valid `now` (epoch seconds)."""
    validity = caller.standing.validity
    if validity is ALWAYS:
        return
    if validity.is_early(now):
        raise InvalidClientTokenId(f"The access key {caller.access_key_id} is not valid before {timestamp(validity.not_before or 0)}.")
    if validity.has_ended(now):
        expired = f"The access key {caller.access_key_id} expired at {timestamp(validity.expires or 0)}."
        raise InvalidClientTokenId(f"{expired} To replace it: akia rotation start {caller.access_key_id}")


def with_expiry(answer: Answer, unit: Unit) -> Answer:
    """`answer`, with the header EXPIRES if the end of the caller's key is near."""
    validity = unit.caller.standing.validity if unit.caller is not None else ALWAYS
    if validity is ALWAYS or validity.expires is None or not validity.is_told(unit.request.facts.received):
        return answer
    return answer._replace(headers=[*answer.headers, (EXPIRES, timestamp(validity.expires).encode())])
