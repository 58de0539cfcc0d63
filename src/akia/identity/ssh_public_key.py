"""SSH public keys of users: RSA keys, in the two encodings that AWS knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from akia.identity.access_key import KeyStatus


class Encoding(StrEnum):
    """`ssh-rsa AAAA... comment`, or PEM."""

    SSH = "SSH"
    PEM = "PEM"


@dataclass(frozen=True, slots=True)
class Material:
    """A key in both encodings, the one it came in exactly as it came. `fingerprint` is what AWS shows: MD5, with colons.

    `digest` is the SHA-256 in hexadecimal, by which two keys are told to be the same.
    """

    ssh: str = field(repr=False)
    pem: str = field(repr=False)
    fingerprint: str
    digest: str


@dataclass(frozen=True, slots=True)
class SshPublicKey:
    """A key of the user whose unique id is `owner`. `created` is in epoch seconds."""

    account: str
    id: str
    owner: str
    created: int
    material: Material
    status: KeyStatus = KeyStatus.ACTIVE

    def encoded(self, encoding: Encoding) -> str:
        return self.material.ssh if encoding is Encoding.SSH else self.material.pem
