"""How long temporary credentials live (P1.7-10). Everything is in seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.errors import ValidationError
from akia.identity.principal import RoleSession, Root
from akia.identity.role import DEFAULT_SESSION_SECONDS

if TYPE_CHECKING:
    from akia.authority.caller import Caller
    from akia.identity.role import Role

CHAINED_SECONDS = 3_600
"""The longest session that one role session may make of another."""
USER_SECONDS = 43_200
"""What GetSessionToken grants to a user who did not ask for a duration."""
ROOT_SECONDS = 3_600
"""What it grants to root at most: more is cut, not refused."""


def end_of_role_session(asked: int | None, role: Role, caller: Caller, now: int) -> int:
    """When a session ends that `caller` makes of `role` at `now`, in epoch seconds. Raises ValidationError for more than is allowed.

    A session never outlives the one that made it, so that nobody goes on for ever by assuming roles in turns (NT-29). AWS allows that.
    Nor does it outlive a key whose end is set.
    """
    seconds = DEFAULT_SESSION_SECONDS if asked is None else asked
    if isinstance(caller.principal, RoleSession) and seconds > CHAINED_SECONDS:
        raise ValidationError("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
    if seconds > role.max_session_seconds:
        raise ValidationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    return no_later(now + seconds, caller)


def end_of_own_session(asked: int | None, caller: Caller, now: int) -> int:
    """When the session ends that `caller` is given by GetSessionToken or lends by GetFederationToken at `now`, in epoch seconds."""
    seconds = USER_SECONDS if asked is None else asked
    return no_later(now + (min(seconds, ROOT_SECONDS) if isinstance(caller.principal, Root) else seconds), caller)


def no_later(end: int, caller: Caller) -> int:
    """`end`, or when what `caller` signed with ends, if that is earlier (NT-29). In epoch seconds."""
    return end if caller.ends is None else min(end, caller.ends)
