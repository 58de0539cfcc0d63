"""Who signed this request. Only `akia.pipeline.authenticate` makes one (an import contract and a typing test say so)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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
    def account(self) -> str:
        return self.principal.account
