"""The account as an issuer of tokens for others: EnableOutboundWebIdentityFederation and its kin (SI17.5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from akia.authority import outbound_tokens
from akia.aws.errors import FeatureDisabled, FeatureEnabled
from akia.identity.outbound_issuer import OutboundIssuer, issuer_url
from akia.identity.outbound_key import due
from akia.operation import Access, Context, everything
from akia.services.iam._iam import iam

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.authority.outbound_tokens import NewKey
    from akia.wire.shapes import iam as shapes


def _issuer(ctx: Context) -> OutboundIssuer:
    """The caller's account as an issuer. Raises FeatureDisabled."""
    issuer = ctx.store.outbound_issuers.of(ctx.account)
    if issuer is None or not issuer.enabled:
        raise FeatureDisabled("Outbound web identity federation is not enabled for this account.")
    return issuer


def _missing_keys(ctx: Context, request: Any) -> tuple[Sequence[str], int]:
    return due(ctx.store.outbound_keys.all(), ctx.now), ctx.now


def _new_keys(missing: tuple[Sequence[str], int]) -> Sequence[NewKey]:
    algorithms, now = missing
    return [outbound_tokens.new_key(algorithm, now) for algorithm in algorithms]


@iam.operation("EnableOutboundWebIdentityFederation", access=Access.WRITE, resource=everything, gather=_missing_keys, prepare=_new_keys)
def enable_outbound_web_identity_federation(ctx: Context, new_keys: Sequence[NewKey]) -> shapes.EnableOutboundWebIdentityFederationResponse:
    """The issuer URL is the account's for good. The first account that does this makes the keys of the installation.

    Raises FeatureEnabled.
    """
    issuer = ctx.store.outbound_issuers.of(ctx.account)
    if issuer is not None and issuer.enabled:
        raise FeatureEnabled("Outbound web identity federation is already enabled for this account.")
    outbound_tokens.add_keys(ctx.store, new_keys, ctx.now)
    issuer = replace(issuer, enabled=True) if issuer is not None else OutboundIssuer(ctx.account, str(uuid4()), ctx.now)
    ctx.store.outbound_issuers.put(issuer)
    return {"IssuerIdentifier": issuer_url(ctx.authority.endpoint, issuer.id)}


@iam.operation("DisableOutboundWebIdentityFederation", access=Access.WRITE, resource=everything)
def disable_outbound_web_identity_federation(ctx: Context, request: object) -> None:
    """Tokens that were issued before stay good until they expire. Raises FeatureDisabled."""
    ctx.store.outbound_issuers.put(replace(_issuer(ctx), enabled=False))


@iam.operation("GetOutboundWebIdentityFederationInfo", access=Access.READ, resource=everything)
def get_outbound_web_identity_federation_info(ctx: Context, request: object) -> shapes.GetOutboundWebIdentityFederationInfoResponse:
    """Raises FeatureDisabled."""
    issuer = _issuer(ctx)
    return {"IssuerIdentifier": issuer_url(ctx.authority.endpoint, issuer.id), "JwtVendingEnabled": True}
