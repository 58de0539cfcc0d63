"""Server certificates of the account: UploadServerCertificate, GetServerCertificate, ListServerCertificates, UpdateServerCertificate,
DeleteServerCertificate."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from akia.aws.errors import EntityAlreadyExists, KeyPairMismatch, MalformedCertificate, NoSuchEntity
from akia.aws.ids import Prefix
from akia.identity.server_certificate import ServerCertificate
from akia.operation import Access
from akia.services.iam import pages, tags
from akia.services.iam._iam import iam, iam_arn, require_room, resource_tags, utc, with_fresh_id
from akia.services.iam.signing_certificates import UNREADABLE
from akia.services.iam.tagging import given_tags, tagging_too
from akia.store.errors import NameTaken

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from akia.operation import Conditions, Context
    from akia.wire.shapes import iam as shapes

SERVER_CERTIFICATE = "AWS::IAM::ServerCertificate"


def certificate_named(ctx: Context, name: str) -> ServerCertificate:
    """The server certificate of the caller's account called `name`. Raises NoSuchEntity (P5.3-1)."""
    found = ctx.look_up("server certificates", name, ctx.store.server_certificates.named)
    if found is None:
        raise NoSuchEntity(f"The Server Certificate with name {name} cannot be found.")
    return found


# For authorization and events. These never raise.


def certificate_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the certificate called `ServerCertificateName`."""
    name = request["ServerCertificateName"]
    found = ctx.look_up("server certificates", name, ctx.store.server_certificates.named)
    return str(found.arn) if found else iam_arn(ctx, f"server-certificate/{name}")


def certificate_conditions(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    """The tags of the certificate called `ServerCertificateName`; none if there is no such one."""
    found = ctx.look_up("server certificates", request["ServerCertificateName"], ctx.store.server_certificates.named)
    return resource_tags(found.tags) if found else {}


def about_certificate(request: Mapping[str, Any], result: object) -> Iterator[tuple[str, str]]:
    """The certificates that a request names, the new name of a renamed one too."""
    for member in ("ServerCertificateName", "NewServerCertificateName"):
        if member in request:
            yield SERVER_CERTIFICATE, request[member]


def _new_arn(ctx: Context, request: Mapping[str, Any]) -> str:
    """The ARN of the certificate to be uploaded (P2.2-6)."""
    return iam_arn(ctx, f"server-certificate{request.get('Path', '/')}{request['ServerCertificateName']}")


@dataclass(frozen=True, slots=True)
class _Upload:
    """A request whose certificate, chain and key have been read and belong together. `repr` shows nothing of the key (NT-67)."""

    request: shapes.UploadServerCertificateRequest = field(repr=False)
    not_before: int
    not_after: int


def _read(request: shapes.UploadServerCertificateRequest) -> _Upload:
    """Raises MalformedCertificate and KeyPairMismatch."""
    from akia.identity import x509  # only here: it costs a fiftieth of a second of every start

    body = request["CertificateBody"]
    try:
        certificate = x509.read(body)
    except ValueError:
        raise MalformedCertificate(UNREADABLE) from None
    try:
        belongs = x509.is_private_key_of(body, request["PrivateKey"])
    except ValueError:
        raise MalformedCertificate("Unable to parse key pair. The private key must be in PEM format and not encrypted.") from None
    if not belongs:
        raise KeyPairMismatch("The private key does not match the public key of the certificate.")
    _check_chain(body, request.get("CertificateChain"))
    return _Upload(request, certificate.not_before, certificate.not_after)


def _check_chain(body: str, chain: str | None) -> None:
    from akia.identity import x509

    broken = None if chain is None else x509.first_break(body, chain)
    if broken is not None:
        raise MalformedCertificate(
            "Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, "
            f"followed by any intermediaries in order. The index within the chain of the invalid certificate is: {broken}"
        )


@iam.operation(
    "UploadServerCertificate",
    access=Access.PERMISSIONS,
    resource=_new_arn,
    conditions=given_tags,
    also=tagging_too("iam:TagServerCertificate", _new_arn),
    event_resources=about_certificate,
    prepare=_read,
)
def upload_server_certificate(ctx: Context, upload: _Upload) -> shapes.UploadServerCertificateResponse:
    """The private key goes in and is never answered. Names are unique without regard to case.

    Raises MalformedCertificate (also for what is not valid now), KeyPairMismatch, EntityAlreadyExists, LimitExceeded for a twenty-first
    one (P5.4-11), InvalidInput for tags.
    """
    request, quotas, certificates = upload.request, ctx.authority.quotas, ctx.store.server_certificates
    given = tags.given(request.get("Tags"), quotas, tags.exactly)
    _require_valid(ctx, upload)
    require_room("ServerCertificatesPerAccount", certificates.count(ctx.account), quotas.server_certificates_per_account)
    try:
        made = with_fresh_id(
            ctx,
            Prefix.SERVER_CERTIFICATE,
            lambda fresh: _made(ctx, upload, fresh, given),
            lambda made: certificates.add(made, request["PrivateKey"]),
        )
    except NameTaken:
        raise _exists(request["ServerCertificateName"]) from None
    return {"ServerCertificateMetadata": _listed(made), **({"Tags": tags.to_wire(given)} if given else {})}


def _require_valid(ctx: Context, upload: _Upload) -> None:
    if ctx.now < upload.not_before:
        raise MalformedCertificate("Certificate is not yet valid. The 'Not Before' date restriction on the certificate has not passed.")
    if ctx.now > upload.not_after:
        raise MalformedCertificate("Certificate is no longer valid. The 'Not After' date restriction on the certificate has passed.")


def _made(ctx: Context, upload: _Upload, fresh: str, given: Mapping[str, str]) -> ServerCertificate:
    request = upload.request
    return ServerCertificate(
        account=ctx.account,
        id=fresh,
        name=request["ServerCertificateName"],
        path=request.get("Path", "/"),
        created=ctx.now,
        expires=upload.not_after,
        body=request["CertificateBody"],
        chain=request.get("CertificateChain"),
        tags=given,
    )


@iam.operation(
    "GetServerCertificate",
    access=Access.READ,
    resource=certificate_arn,
    conditions=certificate_conditions,
    event_resources=about_certificate,
)
def get_server_certificate(ctx: Context, request: shapes.GetServerCertificateRequest) -> shapes.GetServerCertificateResponse:
    """The certificate and its chain as uploaded. Raises NoSuchEntity."""
    found = certificate_named(ctx, request["ServerCertificateName"])
    shown: shapes.ServerCertificate = {"ServerCertificateMetadata": _listed(found), "CertificateBody": found.body}
    if found.chain is not None:
        shown["CertificateChain"] = found.chain
    if found.tags:
        shown["Tags"] = tags.to_wire(found.tags)
    return {"ServerCertificate": shown}


def _collection(ctx: Context, request: Mapping[str, Any]) -> str:
    return iam_arn(ctx, f"server-certificate{request.get('PathPrefix', '/')}")


@iam.operation("ListServerCertificates", access=Access.LIST, resource=_collection)
def list_server_certificates(ctx: Context, request: shapes.ListServerCertificatesRequest) -> shapes.ListServerCertificatesResponse:
    """In the order of names. Raises ValidationError (marker)."""
    window = pages.window(request, "server certificates")
    found = ctx.store.server_certificates.page(ctx.account, request.get("PathPrefix", "/"), window.after, window.reach)
    shown, end = window.cut(found, lambda certificate: certificate.name)
    return {"ServerCertificateMetadataList": [_listed(certificate) for certificate in shown], **end}


def _both_arns(ctx: Context, request: Mapping[str, Any]) -> list[str]:
    """A rename needs permission on what the certificate is called and on what it will be called (NT-42)."""
    found = ctx.store.server_certificates.named(ctx.account, request["ServerCertificateName"])
    path = request.get("NewPath", found.path if found else "/")
    name = request.get("NewServerCertificateName", request["ServerCertificateName"])
    return [certificate_arn(ctx, request), iam_arn(ctx, f"server-certificate{path}{name}")]


@iam.operation(
    "UpdateServerCertificate",
    access=Access.PERMISSIONS,
    resource=_both_arns,
    conditions=certificate_conditions,
    event_resources=about_certificate,
)
def update_server_certificate(ctx: Context, request: shapes.UpdateServerCertificateRequest) -> None:
    """A new name or path. Its id stays. Raises NoSuchEntity, EntityAlreadyExists."""
    found = certificate_named(ctx, request["ServerCertificateName"])
    changed = replace(found, name=request.get("NewServerCertificateName", found.name), path=request.get("NewPath", found.path))
    try:
        ctx.store.server_certificates.replace(changed)
    except NameTaken:
        raise _exists(changed.name) from None


@iam.operation(
    "DeleteServerCertificate",
    access=Access.PERMISSIONS,
    resource=certificate_arn,
    conditions=certificate_conditions,
    event_resources=about_certificate,
)
def delete_server_certificate(ctx: Context, request: shapes.DeleteServerCertificateRequest) -> None:
    """For good, with its private key. Raises NoSuchEntity. DeleteConflict is for load balancers, of which there are none here."""
    ctx.store.server_certificates.delete(certificate_named(ctx, request["ServerCertificateName"]))


def _exists(name: str) -> EntityAlreadyExists:
    return EntityAlreadyExists(f"The Server Certificate with name {name} already exists.")


def _listed(certificate: ServerCertificate) -> shapes.ServerCertificateMetadata:
    return {
        "Path": certificate.path,
        "ServerCertificateName": certificate.name,
        "ServerCertificateId": certificate.id,
        "Arn": str(certificate.arn),
        "UploadDate": utc(certificate.created),
        "Expiration": utc(certificate.expires),
    }
