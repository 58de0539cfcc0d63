"""Signing certificates: X.509 certificates of a user, or of the root user."""

from __future__ import annotations

from dataclasses import dataclass

from akia.identity.access_key import KeyStatus


@dataclass(frozen=True, slots=True)
class SigningCertificate:
    """`owner` is a user's unique id, or the account id for the root user's. `created` is in epoch seconds, `body` the PEM text as uploaded,
    `fingerprint` the SHA-256 of the certificate in hexadecimal."""

    account: str
    id: str
    owner: str
    created: int
    body: str
    fingerprint: str
    status: KeyStatus = KeyStatus.ACTIVE

    @property
    def of_root(self) -> bool:
        return self.owner == self.account
