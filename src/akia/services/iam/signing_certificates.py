"""Signing certificates of users and of the root user: UploadSigningCertificate, ListSigningCertificates, UpdateSigningCertificate,
DeleteSigningCertificate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from akia.aws.errors import DuplicateCertificate, InvalidCertificate, MalformedCertificate, NoSuchEntity
from akia.aws.ids import new_certificate_id
from akia.identity.signing_certificate import SigningCertificate
from akia.operation import Access
from akia.services.iam import pages
from akia.services.iam._iam import iam, require_room, utc
from akia.services.iam.identities import user_arn, user_conditions
from akia.services.iam.owners import about_owner, owner_meant, settable_status
from akia.store.errors import NameTaken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.identity.x509 import Certificate
    from akia.operation import Context
    from akia.services.iam.owners import Owner
    from akia.wire.shapes import iam as shapes

UNREADABLE = "Unable to parse certificate. Please ensure the certificate is in PEM format."
_ABOUT = about_owner("Certificate")


def _read(request: shapes.UploadSigningCertificateRequest) -> tuple[shapes.UploadSigningCertificateRequest, Certificate]:
    """Raises MalformedCertificate."""
    from akia.identity import x509  # only here: it costs a fiftieth of a second of every start

    try:
        return request, x509.read(request["CertificateBody"])
    except ValueError:
        raise MalformedCertificate(UNREADABLE) from None


@iam.operation(
    "UploadSigningCertificate",
    access=Access.PERMISSIONS,
    resource=user_arn,
    conditions=user_conditions,
    event_resources=_ABOUT,
    prepare=_read,
)
def upload_signing_certificate(
    ctx: Context, upload: tuple[shapes.UploadSigningCertificateRequest, Certificate]
) -> shapes.UploadSigningCertificateResponse:
    """Raises MalformedCertificate, InvalidCertificate (not valid today), DuplicateCertificate (of anybody in the account), LimitExceeded
    for a third one (P5.4-10), NoSuchEntity, ValidationError."""
    request, read = upload
    owner, certificates = owner_meant(ctx, request), ctx.store.signing_certificates
    if not read.not_before <= ctx.now <= read.not_after:
        raise InvalidCertificate("The certificate is not valid now: its validity has not begun, or is over.")
    held, limit = len(certificates.of(owner.id)), ctx.authority.quotas.signing_certificates_per_user
    require_room("SigningCertificatesPerUser", held, limit)
    made = SigningCertificate(ctx.account, new_certificate_id(), owner.id, ctx.now, request["CertificateBody"], read.fingerprint)
    try:
        certificates.add(made)
    except NameTaken:
        raise DuplicateCertificate("The certificate is already associated with a user of this account.") from None
    return {"Certificate": _listed(owner, made)}


@iam.operation("ListSigningCertificates", access=Access.LIST, resource=user_arn, conditions=user_conditions, event_resources=about_owner())
def list_signing_certificates(ctx: Context, request: shapes.ListSigningCertificatesRequest) -> shapes.ListSigningCertificatesResponse:
    """The oldest first. Raises NoSuchEntity, ValidationError."""
    owner = owner_meant(ctx, request)
    shown, end = pages.window(request, f"certificates of {owner.id}").slice(ctx.store.signing_certificates.of(owner.id))
    return {"Certificates": [_listed(owner, certificate) for certificate in shown], **end}


@iam.operation(
    "UpdateSigningCertificate", access=Access.PERMISSIONS, resource=user_arn, conditions=user_conditions, event_resources=about_owner()
)
def update_signing_certificate(ctx: Context, request: shapes.UpdateSigningCertificateRequest) -> None:
    """Active or Inactive. Raises NoSuchEntity, InvalidInput (`Expired`), ValidationError."""
    certificate = _meant(ctx, request)
    ctx.store.signing_certificates.set_status(certificate.id, settable_status(request, "a signing certificate"))


@iam.operation(
    "DeleteSigningCertificate", access=Access.PERMISSIONS, resource=user_arn, conditions=user_conditions, event_resources=about_owner()
)
def delete_signing_certificate(ctx: Context, request: shapes.DeleteSigningCertificateRequest) -> None:
    """For good. Raises NoSuchEntity, ValidationError."""
    ctx.store.signing_certificates.delete(_meant(ctx, request).id)


def _meant(ctx: Context, request: Mapping[str, Any]) -> SigningCertificate:
    """The certificate `CertificateId` of the owner. Another's is not told from one that does not exist (NT-42). Raises NoSuchEntity."""
    owner = owner_meant(ctx, request)
    certificate = ctx.store.signing_certificates.get(request["CertificateId"])
    if certificate is None or certificate.owner != owner.id:
        raise NoSuchEntity(f"The Certificate with id {request['CertificateId']} cannot be found.")
    return certificate


def _listed(owner: Owner, certificate: SigningCertificate) -> shapes.SigningCertificate:
    shown = {
        "CertificateId": certificate.id,
        "CertificateBody": certificate.body,
        "Status": certificate.status.value,
        "UploadDate": utc(certificate.created),
    }
    named = shown if owner.name is None else {"UserName": owner.name, **shown}
    return cast("shapes.SigningCertificate", named)  # the model wants a name, but the root user has none
