"""SAML providers: their making, their look-up, their change, their end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from akia.aws.arn import Arn
from akia.aws.errors import EntityAlreadyExists, InvalidInput, LimitExceeded, NoSuchEntity
from akia.aws.ids import new_saml_id
from akia.identity.saml_provider import Encryption, SamlKey, SamlProvider
from akia.operation import Access, everything
from akia.services.iam import saml_documents, tags
from akia.services.iam._iam import iam, iam_arn, require_room, resource_tags, utc
from akia.services.iam.tagging import given_tags, tagging_too
from akia.store.errors import NameTaken

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.operation import Conditions, Context
    from akia.services.iam.saml_documents import Read
    from akia.wire.shapes import iam as shapes

SAML_PROVIDER = "AWS::IAM::SAMLProvider"
_RESOURCE = "saml-provider/"


# Which provider is meant. As all resources of authorization, the first two never raise.


def provider_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The provider's ARN, which is what requests name it by."""
    return str(request["SAMLProviderArn"])


def provider_conditions(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """The tags of the provider; none if there is no such one in the caller's account."""
    found = _look_up(ctx, request["SAMLProviderArn"])
    return resource_tags(found.tags) if found is not None else {}


def provider_named(ctx: Context, arn: str) -> SamlProvider:
    """The provider of the caller's account. Raises InvalidInput for what is no provider's ARN, NoSuchEntity; one of another account is
    none (NT-42)."""
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        raise InvalidInput(f"Invalid ARN: {arn}") from None
    if parsed.service != "iam" or not parsed.resource.startswith(_RESOURCE):
        raise InvalidInput(f"Invalid ARN: {arn}")
    found = _look_up(ctx, arn)
    if found is None:
        raise NoSuchEntity(f"Manifest not found for arn {arn}")
    return found


def _look_up(ctx: Context, arn: str) -> SamlProvider | None:
    name = arn.rpartition("/")[2]
    found = ctx.look_up("saml providers", name, ctx.store.saml_providers.named)
    return found if found is not None and str(found.arn) == arn else None


def about_provider(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """What events are about."""
    yield SAML_PROVIDER, request["SAMLProviderArn"]


# CreateSAMLProvider


def _new_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    return iam_arn(ctx, f"{_RESOURCE}{request['Name']}")


def _about_new(request: Mapping[str, Any], result: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    yield SAML_PROVIDER, result["SAMLProviderArn"] if result else request["Name"]


@iam.operation(
    "CreateSAMLProvider",
    access=Access.PERMISSIONS,
    resource=_new_arn,
    conditions=given_tags,
    also=tagging_too("iam:TagSAMLProvider", _new_arn),
    event_resources=_about_new,
    prepare=saml_documents.read,
)
def create_saml_provider(ctx: Context, given: Read) -> shapes.CreateSAMLProviderResponse:
    """Names are unique without regard to case (P5.4-21). Raises InvalidInput, EntityAlreadyExists, LimitExceeded."""
    request, metadata, quotas = given.request, given.metadata, ctx.authority.quotas
    assert metadata is not None  # the model demands it
    wanted = tags.given(request.get("Tags"), quotas, tags.exactly)
    encryption = _encryption(request)
    _require_key_for(encryption, held="AddPrivateKey" in request)
    require_room("SAMLProvidersPerAccount", ctx.store.saml_providers.count(ctx.account), quotas.saml_providers_per_account)
    provider = SamlProvider(
        ctx.account, request["Name"], new_saml_id("SAMLSP"), ctx.now, metadata.idps, metadata.valid_until, encryption, tags=wanted
    )
    try:
        ctx.store.saml_providers.add(provider, request["SAMLMetadataDocument"])
    except NameTaken:
        raise EntityAlreadyExists(f"SAML provider with name {provider.name} already exists.") from None
    _add_key(ctx, provider, request)
    answer: shapes.CreateSAMLProviderResponse = {"SAMLProviderArn": str(provider.arn)}
    return {**answer, "Tags": tags.to_wire(wanted)} if wanted else answer


def _encryption(request: Mapping[str, Any]) -> Encryption | None:
    mode = request.get("AssertionEncryptionMode")
    return Encryption(mode) if mode is not None else None


def _require_key_for(encryption: Encryption | None, *, held: bool) -> None:
    """Raises InvalidInput if assertions must be encrypted and there would be no key to decrypt them with."""
    if encryption is Encryption.REQUIRED and not held:
        raise InvalidInput("Unable to set assertion encryption mode to Required because no private key is provided.")


def _add_key(ctx: Context, provider: SamlProvider, request: Mapping[str, Any]) -> None:
    if "AddPrivateKey" in request:
        ctx.store.saml_providers.add_key(provider, SamlKey(new_saml_id("SAMLPK"), ctx.now), request["AddPrivateKey"])


# GetSAMLProvider, ListSAMLProviders


@iam.operation("GetSAMLProvider", access=Access.READ, resource=provider_arn, conditions=provider_conditions, event_resources=about_provider)
def get_saml_provider(ctx: Context, request: shapes.GetSAMLProviderRequest) -> shapes.GetSAMLProviderResponse:
    """The metadata as it was uploaded; of private keys their ids alone. Raises InvalidInput, NoSuchEntity."""
    provider = provider_named(ctx, request["SAMLProviderArn"])
    shown: shapes.GetSAMLProviderResponse = {
        "SAMLProviderUUID": provider.uuid,
        "SAMLMetadataDocument": ctx.store.saml_providers.metadata(provider),
        "CreateDate": utc(provider.created),
        "ValidUntil": utc(provider.shown_valid_until),
    }
    if provider.tags:
        shown["Tags"] = tags.to_wire(provider.tags)
    if provider.encryption is not None:
        shown["AssertionEncryptionMode"] = provider.encryption.value
    if provider.keys:
        shown["PrivateKeyList"] = [{"KeyId": key.id, "Timestamp": utc(key.added)} for key in provider.keys]
    return shown


@iam.operation("ListSAMLProviders", access=Access.LIST, resource=everything)
def list_saml_providers(ctx: Context, request: shapes.ListSAMLProvidersRequest) -> shapes.ListSAMLProvidersResponse:
    """All at once, in the order of names, without tags."""
    return {
        "SAMLProviderList": [
            {"Arn": str(provider.arn), "ValidUntil": utc(provider.shown_valid_until), "CreateDate": utc(provider.created)}
            for provider in ctx.store.saml_providers.of_account(ctx.account)
        ]
    }


# UpdateSAMLProvider, DeleteSAMLProvider


@iam.operation(
    "UpdateSAMLProvider",
    access=Access.PERMISSIONS,
    resource=provider_arn,
    conditions=provider_conditions,
    event_resources=about_provider,
    prepare=saml_documents.read,
)
def update_saml_provider(ctx: Context, given: Read) -> shapes.UpdateSAMLProviderResponse:
    """Changes what is given and leaves the rest; assertions signed with what is gone are refused from now on.

    Raises NoSuchEntity, InvalidInput, LimitExceeded.
    """
    request, metadata = given.request, given.metadata
    provider = provider_named(ctx, request["SAMLProviderArn"])
    _require_some_change(request)
    changed = replace(provider, encryption=_encryption(request) or provider.encryption)
    if metadata is not None:
        changed = replace(changed, idps=metadata.idps, valid_until=metadata.valid_until)
        ctx.store.saml_providers.set_metadata(provider, request["SAMLMetadataDocument"])
    _change_keys(ctx, changed, request)
    ctx.store.saml_providers.replace(changed)
    return {"SAMLProviderArn": str(provider.arn)}


def _require_some_change(request: Mapping[str, Any]) -> None:
    if not {"SAMLMetadataDocument", "AssertionEncryptionMode", "AddPrivateKey", "RemovePrivateKey"} & request.keys():
        raise InvalidInput("Unable to update identity provider. No updates are defined for metadata or encryption assertion.")
    if "AddPrivateKey" in request and "RemovePrivateKey" in request:
        raise InvalidInput("Unable to add and remove private keys in the same request. Set a value for only one of the two parameters.")


def _change_keys(ctx: Context, provider: SamlProvider, request: Mapping[str, Any]) -> None:
    """Adds one or removes one. A provider that demands encrypted assertions keeps one."""
    most, removed = ctx.authority.quotas.private_keys_per_saml_provider, request.get("RemovePrivateKey")
    if "AddPrivateKey" in request and len(provider.keys) >= most:
        raise LimitExceeded(f"Private key limit of {most} is reached.")
    if removed is not None and removed not in {key.id for key in provider.keys}:
        raise InvalidInput("Failed to remove private key because the Key ID does not match a private key.")
    left = len(provider.keys) - (removed is not None)
    if removed is not None and left == 0 and provider.encryption is Encryption.REQUIRED:
        raise InvalidInput("Failed to remove private key.")
    _require_key_for(provider.encryption, held=left > 0 or "AddPrivateKey" in request)
    _add_key(ctx, provider, request)
    if removed is not None:
        ctx.store.saml_providers.remove_key(provider, removed)


@iam.operation(
    "DeleteSAMLProvider",
    access=Access.PERMISSIONS,
    resource=provider_arn,
    conditions=provider_conditions,
    event_resources=about_provider,
)
def delete_saml_provider(ctx: Context, request: shapes.DeleteSAMLProviderRequest) -> None:
    """Roles go on naming it in their trust policies, to no effect; sessions that it led to live on. Raises InvalidInput, NoSuchEntity."""
    ctx.store.saml_providers.delete(provider_named(ctx, request["SAMLProviderArn"]))
