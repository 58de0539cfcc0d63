"""Signing certificates of users and of root users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.identity.access_key import KeyStatus
from akia.identity.signing_certificate import SigningCertificate
from akia.store.core import creds, p
from akia.store.iam.owned import OwnedQueries, OwnedRepository
from akia.store.statement import Query

if TYPE_CHECKING:
    from akia.store.connection import Row

_QUERIES = OwnedQueries("signing_certificates", lambda: creds.signing_certificates, "body", "fingerprint")
_OF_ROOT = Query(
    "signing_certificates.of_root",
    lambda: (
        _QUERIES.select()
        .where(creds.signing_certificates.c.account == p("account"), creds.signing_certificates.c.user_id.is_(None))
        .order_by(creds.signing_certificates.c.created, creds.signing_certificates.c.id)
    ),
)


class SigningCertificates(OwnedRepository[SigningCertificate]):
    """Owners are user ids, or account ids for the certificates of root."""

    queries = _QUERIES

    def of(self, owner_id: str) -> list[SigningCertificate]:
        """The owner's, oldest first."""
        if not owner_id.isdecimal():
            return super().of(owner_id)
        return [self.value_of(row) for row in self._connection.rows(_OF_ROOT, account=owner_id)]

    def add(self, certificate: SigningCertificate) -> None:
        """Raises NameTaken if somebody of the account has this certificate already, StillReferred if its owner is not there."""
        user_id = None if certificate.of_root else certificate.owner
        self._add(certificate, user_id, {"body": certificate.body, "fingerprint": certificate.fingerprint})

    @staticmethod
    def value_of(row: Row) -> SigningCertificate:
        account, unique_id, user_id, created, status, body, fingerprint = row
        return SigningCertificate(account, unique_id, user_id or account, created, body, fingerprint, KeyStatus(status))
