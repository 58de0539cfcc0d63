"""What is asked: the inputs of an evaluation (P1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from akia.policy.principal import Principal
    from akia.policy.values import Context


class Request(NamedTuple):
    """One action on one resource by one caller. Where several resources are checked, each is asked alone (P2.2-7)."""

    principal: Principal
    action: str
    """`service:Name`."""
    resource: str
    """An ARN, or `*` for an action without resources (P2.2-5)."""
    context: Context
    resource_account: str | None = None
    """The account that owns the resource; None: the caller's own."""
    management_account: str | None = None
    """The management account of the organization, which SCPs and RCPs spare (P1.5-6); None if there is none."""
