"""What may change of an OpenID Connect provider: its thumbprints and its client ids."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from akia.operation import Access
from akia.services.iam._iam import iam, require_room
from akia.services.iam.openid_providers import about_provider, openid_provider, provider_arn, provider_conditions, thumbprints_given

if TYPE_CHECKING:
    from akia.operation import Context
    from akia.wire.shapes import iam as shapes


@iam.operation(
    "UpdateOpenIDConnectProviderThumbprint",
    access=Access.PERMISSIONS,
    resource=provider_arn,
    conditions=provider_conditions,
    event_resources=about_provider,
)
def update_openid_connect_provider_thumbprint(ctx: Context, request: shapes.UpdateOpenIDConnectProviderThumbprintRequest) -> None:
    """The new thumbprints replace the old ones, all of them. Raises NoSuchEntity, ValidationError, InvalidInput."""
    provider = openid_provider(ctx, request)
    thumbprints = thumbprints_given(request["ThumbprintList"], ctx.authority.quotas.thumbprints_per_openid_provider)
    ctx.store.openid_providers.replace(replace(provider, thumbprints=thumbprints))


@iam.operation(
    "AddClientIDToOpenIDConnectProvider",
    access=Access.PERMISSIONS,
    resource=provider_arn,
    conditions=provider_conditions,
    event_resources=about_provider,
)
def add_client_id_to_openid_connect_provider(ctx: Context, request: shapes.AddClientIDToOpenIDConnectProviderRequest) -> None:
    """One that is there already does not matter. Raises NoSuchEntity, ValidationError, InvalidInput, LimitExceeded."""
    provider, client = openid_provider(ctx, request), request["ClientID"]
    if client in provider.client_ids:
        return
    most = ctx.authority.quotas.client_ids_per_openid_provider
    require_room("ClientIdsPerOpenIdConnectProvider", len(provider.client_ids), most)
    ctx.store.openid_providers.replace(replace(provider, client_ids=(*provider.client_ids, client)))


@iam.operation(
    "RemoveClientIDFromOpenIDConnectProvider",
    access=Access.PERMISSIONS,
    resource=provider_arn,
    conditions=provider_conditions,
    event_resources=about_provider,
)
def remove_client_id_from_openid_connect_provider(ctx: Context, request: shapes.RemoveClientIDFromOpenIDConnectProviderRequest) -> None:
    """One that is not there does not matter. Raises NoSuchEntity, ValidationError, InvalidInput."""
    provider = openid_provider(ctx, request)
    left = tuple(client for client in provider.client_ids if client != request["ClientID"])
    if left != provider.client_ids:
        ctx.store.openid_providers.replace(replace(provider, client_ids=left))
