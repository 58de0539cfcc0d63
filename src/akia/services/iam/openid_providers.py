"""OpenID Connect providers: their making, their look-up, their end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from akia.aws.arn import Arn
from akia.aws.errors import EntityAlreadyExists, InvalidInput, NoSuchEntity, OpenIdIdpCommunicationError, ValidationError
from akia.identity.openid_provider import OpenIdProvider, is_provider_url, is_thumbprint, openid_provider_arn
from akia.operation import Access, Conditions, Context, everything
from akia.services.iam import tags
from akia.services.iam._iam import iam, require_room, resource_tags, utc
from akia.services.iam.tagging import given_tags, tagging_too
from akia.store.errors import NameTaken

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from akia.authority.provider_keys import ProviderKeys
    from akia.wire.shapes import iam as shapes

OIDC_PROVIDER = "AWS::IAM::OIDCProvider"


def openid_provider(ctx: Context, request: Mapping[str, Any]) -> OpenIdProvider:
    """The provider `OpenIDConnectProviderArn` of the caller's account. Raises NoSuchEntity (P5.3-1), ValidationError (P5.3-3)."""
    arn = request["OpenIDConnectProviderArn"]
    _require_arn(arn)
    provider = _found(ctx, arn)
    if provider is None:
        raise NoSuchEntity(f"OpenIDConnect Provider not found for arn {arn}")
    return provider


def provider_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN that the request names."""
    return str(request["OpenIDConnectProviderArn"])


def provider_conditions(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """The tags of the provider that the request names; none if there is no such provider here."""
    provider = _found(ctx, request["OpenIDConnectProviderArn"])
    return resource_tags(provider.tags) if provider else {}


def about_provider(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """The event's resource: the provider that the request names, or that was made."""
    arn = request.get("OpenIDConnectProviderArn") or (result or {}).get("OpenIDConnectProviderArn")
    if arn:
        yield OIDC_PROVIDER, arn


def _found(ctx: Context, arn: str) -> OpenIdProvider | None:
    provider = ctx.store.openid_providers.with_arn(arn)
    return provider if provider is not None and provider.account == ctx.account else None


def _require_arn(text: str) -> None:
    try:
        arn = Arn.parse(text)
    except ValueError:
        raise ValidationError("Invalid ARN:  Could not be parsed!") from None
    if arn.service != "iam" or not arn.resource.startswith("oidc-provider/"):
        raise InvalidInput(f"ARN {text} is not valid.")


# CreateOpenIDConnectProvider


@dataclass(frozen=True, slots=True)
class _Creation:
    """What is to be made, and whom to ask for thumbprints if none are given."""

    request: shapes.CreateOpenIDConnectProviderRequest
    keys: ProviderKeys


def _new_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the provider to be made (P2.2-6)."""
    return str(openid_provider_arn(ctx.account, request["Url"]))


def _gathered(ctx: Context, request: shapes.CreateOpenIDConnectProviderRequest) -> _Creation:
    return _Creation(request, ctx.authority.provider_keys)


def _with_thumbprints(creation: _Creation) -> shapes.CreateOpenIDConnectProviderRequest:
    """The request, with the thumbprints of now if it has none. Raises InvalidInput, OpenIdIdpCommunicationError."""
    request = creation.request
    if not is_provider_url(request["Url"]):
        raise InvalidInput("Invalid Open ID Connect Provider URL")
    if request.get("ThumbprintList"):
        return request
    return {**request, "ThumbprintList": list(_thumbprints_of(creation.keys, request["Url"]))}


def _thumbprints_of(keys: ProviderKeys, url: str) -> tuple[str, ...]:
    from akia.authority.provider_keys import fetch_thumbprints
    from akia.outbound import OutboundError

    try:
        return fetch_thumbprints(keys.client, url)
    except (OutboundError, ValueError) as error:
        raise OpenIdIdpCommunicationError(
            "The request failed because IAM cannot connect to the OpenID Connect identity provider URL.", detail=str(error)
        ) from None


@iam.operation(
    "CreateOpenIDConnectProvider",
    access=Access.PERMISSIONS,
    resource=_new_arn,
    conditions=given_tags,
    also=tagging_too("iam:TagOpenIDConnectProvider", _new_arn),
    event_resources=about_provider,
    gather=_gathered,
    prepare=_with_thumbprints,
)
def create_openid_connect_provider(
    ctx: Context, request: shapes.CreateOpenIDConnectProviderRequest
) -> shapes.CreateOpenIDConnectProviderResponse:
    """Without thumbprints the provider is asked for its certificates, which must be possible then.

    Raises EntityAlreadyExists, LimitExceeded, InvalidInput (URL, thumbprints, tags), OpenIdIdpCommunicationError.
    """
    quotas, providers = ctx.authority.quotas, ctx.store.openid_providers
    clients = _distinct(request.get("ClientIDList", []))
    require_room("ClientIdsPerOpenIdConnectProvider", len(clients) - 1, quotas.client_ids_per_openid_provider)
    thumbprints = thumbprints_given(request.get("ThumbprintList", []), quotas.thumbprints_per_openid_provider)
    given = tags.given(request.get("Tags"), quotas, tags.exactly)
    require_room("OpenIdConnectProvidersPerAccount", providers.count(ctx.account), quotas.openid_providers_per_account)
    provider = OpenIdProvider(ctx.account, request["Url"], ctx.now, clients, thumbprints, given)
    try:
        providers.add(provider)
    except NameTaken:
        raise EntityAlreadyExists(f"Provider with url {provider.url} already exists.") from None
    answer: shapes.CreateOpenIDConnectProviderResponse = {"OpenIDConnectProviderArn": str(provider.arn)}
    return answer | {"Tags": tags.to_wire(given)} if given else answer


def _distinct(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


def thumbprints_given(texts: Sequence[str], most: int) -> tuple[str, ...]:
    """`texts` in the order given, in lower case. Raises InvalidInput if they are none, more than `most`, or not thumbprints."""
    if not texts or len(texts) > most:
        raise InvalidInput(f"Thumbprint list must contain between 1 and {most} entries.")
    if not all(is_thumbprint(text) for text in texts):
        raise InvalidInput("Thumbprints must be 40 hexadecimal characters.")
    return _distinct([text.lower() for text in texts])


# The others


@iam.operation(
    "GetOpenIDConnectProvider", access=Access.READ, resource=provider_arn, conditions=provider_conditions, event_resources=about_provider
)
def get_openid_connect_provider(ctx: Context, request: shapes.GetOpenIDConnectProviderRequest) -> shapes.GetOpenIDConnectProviderResponse:
    """The URL is told without its scheme, as AWS does. Raises NoSuchEntity, ValidationError, InvalidInput."""
    provider = openid_provider(ctx, request)
    return {
        "Url": provider.name,
        "ClientIDList": list(provider.client_ids),
        "ThumbprintList": list(provider.thumbprints),
        "CreateDate": utc(provider.created),
        "Tags": tags.to_wire(provider.tags),
    }


@iam.operation("ListOpenIDConnectProviders", access=Access.LIST, resource=everything)
def list_openid_connect_providers(
    ctx: Context, request: shapes.ListOpenIDConnectProvidersRequest
) -> shapes.ListOpenIDConnectProvidersResponse:
    """By URL, all at once: there are no pages."""
    return {"OpenIDConnectProviderList": [{"Arn": str(provider.arn)} for provider in ctx.store.openid_providers.of(ctx.account)]}


@iam.operation(
    "DeleteOpenIDConnectProvider",
    access=Access.PERMISSIONS,
    resource=provider_arn,
    conditions=provider_conditions,
    event_resources=about_provider,
)
def delete_openid_connect_provider(ctx: Context, request: shapes.DeleteOpenIDConnectProviderRequest) -> None:
    """A provider that is not there does not matter. Roles that trust it are left as they are. Raises ValidationError, InvalidInput."""
    arn = request["OpenIDConnectProviderArn"]
    _require_arn(arn)
    if _found(ctx, arn) is not None:
        ctx.store.openid_providers.delete(arn)
