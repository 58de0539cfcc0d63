"""Service-specific credentials of users: CreateServiceSpecificCredential, ListServiceSpecificCredentials,
UpdateServiceSpecificCredential, ResetServiceSpecificCredential, DeleteServiceSpecificCredential."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from akia.aws.errors import NoSuchEntity, ServiceNotSupported, ValidationError
from akia.aws.ids import Prefix
from akia.identity.access_key import KeyStatus
from akia.identity.principal import IamUser
from akia.identity.service_credential import API_KEYS, DAY, ServiceCredential, is_supported, names, new_secret
from akia.operation import Access
from akia.services.iam import pages
from akia.services.iam._iam import iam, iam_arn, require_room, utc, with_fresh_id
from akia.services.iam.identities import USERS, named_user_or_caller, user_arn, user_conditions, user_named
from akia.services.iam.owners import about_owner

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.identity.user import User
    from akia.operation import Conditions, Context
    from akia.wire.shapes import iam as shapes

_ABOUT = about_owner("ServiceSpecificCredential")
_SERVICE, _AGE = "iam:servicespecificcredentialservicename", "iam:servicespecificcredentialagedays"


# For authorization. These never raise.


def _creation(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """The service, and the days until the end if there shall be one: without them the key is absent, and a bound on it does not hold."""
    asked = {_SERVICE: request["ServiceName"]}
    if "CredentialAgeDays" in request:
        asked[_AGE] = str(request["CredentialAgeDays"])
    return {**user_conditions(ctx, request), **asked}


def _change(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """The service of the credential as it is stored; nothing for one that the named user does not have."""
    name = request.get("UserName")
    user = USERS.there(ctx, name) if name is not None else _caller(ctx)
    credential = _of_user(ctx, user, request) if user else None
    return {**user_conditions(ctx, request), **({_SERVICE: credential.service} if credential else {})}


def _caller(ctx: Context) -> User | None:
    principal = ctx.caller.principal
    return principal.user if isinstance(principal, IamUser) else None


def _listed_users(ctx: Context, request: Mapping[str, Any]) -> str:
    """The one user, or all: permission for a user's own credentials is none for everybody's."""
    return iam_arn(ctx, "user/*") if request.get("AllUsers") else user_arn(ctx, request)


def _listed_tags(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return {} if request.get("AllUsers") else user_conditions(ctx, request)


@iam.operation(
    "CreateServiceSpecificCredential", access=Access.PERMISSIONS, resource=user_arn, conditions=_creation, event_resources=_ABOUT
)
def create_service_specific_credential(
    ctx: Context, request: shapes.CreateServiceSpecificCredentialRequest
) -> shapes.CreateServiceSpecificCredentialResponse:
    """The secret is answered now and never again. Raises NoSuchEntity, NotSupportedService, ValidationError (an end for a password),
    LimitExceeded for a third one of the same service."""
    service, credentials = request["ServiceName"], ctx.store.service_credentials
    user, expires = user_named(ctx, request["UserName"]), _end(ctx, request)
    held = [credential for credential in credentials.of(user.id) if credential.service == service]
    require_room("ServiceSpecificCredentialsPerUser", len(held), ctx.authority.quotas.service_credentials_per_user)
    name = next(name for name in names(user.name, ctx.account) if not credentials.taken(ctx.account, service, name))
    secret = new_secret(service, name)
    made = with_fresh_id(
        ctx,
        Prefix.SERVICE_CREDENTIAL,
        lambda fresh: ServiceCredential(ctx.account, fresh, user.id, ctx.now, service, name, expires),
        lambda made: credentials.add(made, secret),
    )
    return {"ServiceSpecificCredential": _with_secret(ctx, user.name, made, secret)}


def _end(ctx: Context, request: shapes.CreateServiceSpecificCredentialRequest) -> int | None:
    """When the credential expires, None: never. Raises NotSupportedService, and ValidationError for what cannot expire."""
    service, days = request["ServiceName"], request.get("CredentialAgeDays")
    _require_supported(service)
    if days is None:
        return None
    if service not in API_KEYS:
        raise ValidationError(f"CredentialAgeDays is not supported for service {service}.")
    return ctx.now + days * DAY


def _require_supported(service: str) -> None:
    if not is_supported(service):
        raise ServiceNotSupported(f"No such service {service} is supported for service-specific credentials.")


@iam.operation(
    "ListServiceSpecificCredentials", access=Access.LIST, resource=_listed_users, conditions=_listed_tags, event_resources=about_owner()
)
def list_service_specific_credentials(
    ctx: Context, request: shapes.ListServiceSpecificCredentialsRequest
) -> shapes.ListServiceSpecificCredentialsResponse:
    """One user's, oldest first, or with `AllUsers` those of the account, by id; of one service or of all.

    Raises NoSuchEntity, NotSupportedService, ValidationError (marker; a name and `AllUsers`).
    """
    service = request.get("ServiceName")
    if service is not None:
        _require_supported(service)
    if request.get("AllUsers"):
        return _everybodys(ctx, request, service)
    user = named_user_or_caller(ctx, request)
    held = [credential for credential in ctx.store.service_credentials.of(user.id) if service in (None, credential.service)]
    shown, end = pages.window(request, f"service credentials of {user.id} {service}").slice(held)
    return {"ServiceSpecificCredentials": [_listed(ctx, user.name, credential) for credential in shown], **end}


def _everybodys(
    ctx: Context, request: shapes.ListServiceSpecificCredentialsRequest, service: str | None
) -> shapes.ListServiceSpecificCredentialsResponse:
    if "UserName" in request:
        raise ValidationError("UserName and AllUsers cannot be specified together.")
    window = pages.window(request, f"service credentials {service}")
    found = ctx.store.service_credentials.page(ctx.account, service, window.after, window.reach)
    shown, end = window.cut(found, lambda pair: pair[0].id)
    return {"ServiceSpecificCredentials": [_listed(ctx, name, credential) for credential, name in shown], **end}


@iam.operation("UpdateServiceSpecificCredential", access=Access.PERMISSIONS, resource=user_arn, conditions=_change, event_resources=_ABOUT)
def update_service_specific_credential(ctx: Context, request: shapes.UpdateServiceSpecificCredentialRequest) -> None:
    """Active or Inactive; an end that has passed stays one. Raises NoSuchEntity, ValidationError (`Expired`)."""
    credential, _ = _meant(ctx, request)
    try:
        status = KeyStatus(request["Status"])
    except ValueError:
        raise ValidationError(f"The status of a service-specific credential cannot be set to {request['Status']}.") from None
    ctx.store.service_credentials.set_status(credential.id, status)


@iam.operation("ResetServiceSpecificCredential", access=Access.PERMISSIONS, resource=user_arn, conditions=_change, event_resources=_ABOUT)
def reset_service_specific_credential(
    ctx: Context, request: shapes.ResetServiceSpecificCredentialRequest
) -> shapes.ResetServiceSpecificCredentialResponse:
    """A new secret, in place of the old one at once; all else stays. Raises NoSuchEntity, ValidationError."""
    credential, user = _meant(ctx, request)
    secret = new_secret(credential.service, credential.name)
    ctx.store.service_credentials.reset(credential.id, secret)
    return {"ServiceSpecificCredential": _with_secret(ctx, user.name, credential, secret)}


@iam.operation("DeleteServiceSpecificCredential", access=Access.PERMISSIONS, resource=user_arn, conditions=_change, event_resources=_ABOUT)
def delete_service_specific_credential(ctx: Context, request: shapes.DeleteServiceSpecificCredentialRequest) -> None:
    """For good. Raises NoSuchEntity, ValidationError."""
    ctx.store.service_credentials.delete(_meant(ctx, request)[0].id)


def _of_user(ctx: Context, user: User, request: Mapping[str, Any]) -> ServiceCredential | None:
    credential = ctx.store.service_credentials.get(request["ServiceSpecificCredentialId"])
    return credential if credential is not None and credential.owner == user.id else None


def _meant(ctx: Context, request: Mapping[str, Any]) -> tuple[ServiceCredential, User]:
    """The credential of the named user or of the caller. Another's is not told from one that does not exist (NT-42). Raises NoSuchEntity,
    ValidationError."""
    user = named_user_or_caller(ctx, request)
    credential = _of_user(ctx, user, request)
    if credential is None:
        raise NoSuchEntity(f"The Service Specific Credential with id {request['ServiceSpecificCredentialId']} cannot be found.")
    return credential, user


def _listed(ctx: Context, user: str, credential: ServiceCredential) -> shapes.ServiceSpecificCredentialMetadata:
    shown: shapes.ServiceSpecificCredentialMetadata = {
        "UserName": user,
        "Status": credential.status_at(ctx.now),
        "CreateDate": utc(credential.created),
        "ServiceSpecificCredentialId": credential.id,
        "ServiceName": credential.service,
    }
    if credential.is_api_key:
        shown["ServiceCredentialAlias"] = credential.name
    else:
        shown["ServiceUserName"] = credential.name
    if credential.expires is not None:
        shown["ExpirationDate"] = utc(credential.expires)
    return shown


def _with_secret(ctx: Context, user: str, credential: ServiceCredential, secret: str) -> shapes.ServiceSpecificCredential:
    member = "ServiceCredentialSecret" if credential.is_api_key else "ServicePassword"
    return cast("shapes.ServiceSpecificCredential", {**_listed(ctx, user, credential), member: secret})
