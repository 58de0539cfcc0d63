"""Server certificates of the account: UploadServerCertificate, GetServerCertificate, ListServerCertificates, UpdateServerCertificate,
DeleteServerCertificate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from akia.aws.errors import KeyPairMismatch, MalformedCertificate
from akia.aws.ids import Prefix
from akia.identity.server_certificate import ServerCertificate
from akia.operation import Access
from akia.services.iam import tags
from akia.services.iam._iam import iam, require_room, utc
from akia.services.iam.named import TaggedKind
from akia.services.iam.signing_certificates import UNREADABLE
from akia.services.iam.tagging import given_tags, tagging_too

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.operation import Context
    from akia.wire.shapes import iam as shapes

CERTIFICATES: TaggedKind[ServerCertificate] = TaggedKind(
    value=ServerCertificate,
    type="AWS::IAM::ServerCertificate",
    member="ServerCertificateName",
    repository=lambda store: store.server_certificates,
    absent="The Server Certificate with name {} cannot be found.",
    exists="The Server Certificate with name {} already exists.",
)


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
    resource=CERTIFICATES.new_arn,
    conditions=given_tags,
    also=tagging_too("iam:TagServerCertificate", CERTIFICATES.new_arn),
    event_resources=CERTIFICATES.about,
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
    made = CERTIFICATES.create(
        ctx,
        request,
        Prefix.SERVER_CERTIFICATE,
        lambda fresh: _made(ctx, upload, fresh, given),
        lambda made: certificates.add(made, request["PrivateKey"]),
    )
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
    resource=CERTIFICATES.arn,
    conditions=CERTIFICATES.conditions,
    event_resources=CERTIFICATES.about,
)
def get_server_certificate(ctx: Context, request: shapes.GetServerCertificateRequest) -> shapes.GetServerCertificateResponse:
    """The certificate and its chain as uploaded. Raises NoSuchEntity."""
    found = CERTIFICATES.meant(ctx, request)
    shown: shapes.ServerCertificate = {"ServerCertificateMetadata": _listed(found), "CertificateBody": found.body}
    if found.chain is not None:
        shown["CertificateChain"] = found.chain
    if found.tags:
        shown["Tags"] = tags.to_wire(found.tags)
    return {"ServerCertificate": shown}


@iam.operation("ListServerCertificates", access=Access.LIST, resource=CERTIFICATES.collection)
def list_server_certificates(ctx: Context, request: shapes.ListServerCertificatesRequest) -> shapes.ListServerCertificatesResponse:
    """In the order of names. Raises ValidationError (marker)."""
    shown, end = CERTIFICATES.page(ctx, request, "server certificates")
    return {"ServerCertificateMetadataList": [_listed(certificate) for certificate in shown], **end}


@iam.operation(
    "UpdateServerCertificate",
    access=Access.PERMISSIONS,
    resource=CERTIFICATES.both_arns,
    conditions=CERTIFICATES.conditions,
    event_resources=CERTIFICATES.about,
)
def update_server_certificate(ctx: Context, request: shapes.UpdateServerCertificateRequest) -> None:
    """A new name or path. Its id stays. Raises NoSuchEntity, EntityAlreadyExists."""
    CERTIFICATES.rename(ctx, request)


@iam.operation(
    "DeleteServerCertificate",
    access=Access.PERMISSIONS,
    resource=CERTIFICATES.arn,
    conditions=CERTIFICATES.conditions,
    event_resources=CERTIFICATES.about,
)
def delete_server_certificate(ctx: Context, request: shapes.DeleteServerCertificateRequest) -> None:
    """For good, with its private key. Raises NoSuchEntity. DeleteConflict is for load balancers, of which there are none here."""
    ctx.store.server_certificates.delete(CERTIFICATES.meant(ctx, request))


def _listed(certificate: ServerCertificate) -> shapes.ServerCertificateMetadata:
    return {
        "Path": certificate.path,
        "ServerCertificateName": certificate.name,
        "ServerCertificateId": certificate.id,
        "Arn": str(certificate.arn),
        "UploadDate": utc(certificate.created),
        "Expiration": utc(certificate.expires),
    }
