"""A credential: a key that can sign, the principal it stands for, and the policies in force for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from akia.authority.standing import Standing
    from akia.identity.principal import Principal
    from akia.sigv4 import SigningSecret


@dataclass(frozen=True, slots=True)
class Credential:
    """What a signature is checked against. `expires` (epoch seconds) is None for long-term keys.

    `handle` is what the cache knows it by: the key id, and for a session its token too. `subjects` is everything whose change makes it
    stale.
    """

    handle: str | tuple[str, bytes]
    access_key_id: str
    secret: SigningSecret
    principal: Principal
    standing: Standing
    subjects: frozenset[str]
    expires: int | None = None
