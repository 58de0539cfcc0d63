"""Signing certificates of users and of root users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.identity.access_key import KeyStatus
from akia.identity.signing_certificate import SigningCertificate
from akia.store.core import creds
from akia.store.iam.owned import OwnedWithRootQueries, OwnedWithRootRepository

if TYPE_CHECKING:
    from akia.store.connection import Row


class SigningCertificates(OwnedWithRootRepository[SigningCertificate]):
    queries = OwnedWithRootQueries("signing_certificates", lambda: creds.signing_certificates, "body", "fingerprint")

    def add(self, certificate: SigningCertificate) -> None:
        """Raises NameTaken if somebody of the account has this certificate already, StillReferred if its owner is not there."""
        user_id = None if certificate.of_root else certificate.owner
        self._add(certificate, user_id, {"body": certificate.body, "fingerprint": certificate.fingerprint})

    @staticmethod
    def value_of(row: Row) -> SigningCertificate:
        account, unique_id, user_id, created, status, body, fingerprint = row
        return SigningCertificate(account, unique_id, user_id or account, created, body, fingerprint, KeyStatus(status))
