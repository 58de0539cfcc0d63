"""Who signed this request. Only `akia.pipeline.authenticate` makes one (an import contract and a typing test say so)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akia.identity.session import Lineage

if TYPE_CHECKING:
    from akia.authority.standing import Standing
    from akia.identity.principal import Principal


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified sender: its principal, the key it signed with, and the policies in force for it (`standing`)."""

    principal: Principal
    access_key_id: str
    standing: Standing
    token: bytes | None = field(default=None, repr=False)
    signature_version: str = "SigV4"
    presigned: bool = False

    @property
    def lineage(self) -> Lineage | None:
        """What the sessions of this caller descend from: the key it signed with, or what its own session descends from."""
        session = self.principal.session
        if session is not None or not self.access_key_id:
            return session.lineage if session is not None else None
        return Lineage(self.access_key_id, self.standing.policies.ceiling is not None or self.standing.validity.binds)

    @property
    def ends(self) -> int | None:
        """When the session or the key that signed does, in epoch seconds, and with it all that comes of it (NT-29); None: not by itself."""
        session, of_key = self.principal.session, self.standing.validity.refused_from
        if session is None or of_key is None:
            return session.expires if session is not None else of_key
        return min(session.expires, of_key)

    @property
    def delegate(self) -> str:
        """The account that acts through this caller under a delegation, "" if none does: of all sessions that come of it, too (SI17.6)."""
        session = self.principal.session
        return session.delegate if session is not None else ""

    @property
    def account(self) -> str:
        return self.principal.account
