"""Reading SSH public keys. Slow enough (a millisecond) for an operation's `prepare`."""

from __future__ import annotations

import re
from hashlib import md5, sha256

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key, load_ssh_public_key

from akia.identity.ssh_public_key import Material

BITS = range(2_048, 16_384 + 1)

_SSH = re.compile(r"\s*ssh-rsa[ \t]+[A-Za-z0-9+/=]+(?:[ \t][^\r\n]*)?\s*", re.ASCII)
_PEM = re.compile(r"\s*-----BEGIN ((?:RSA )?PUBLIC KEY)-----[A-Za-z0-9+/=\s]+-----END \1-----\s*", re.ASCII)


class UnknownEncoding(ValueError):
    """Neither `ssh-rsa` nor a PEM public key."""


def read(text: str) -> Material:
    """The RSA key in `text`. Raises UnknownEncoding for another encoding, ValueError for what is no RSA key of at least 2,048 bits."""
    is_ssh = _SSH.fullmatch(text) is not None
    if not is_ssh and not _PEM.fullmatch(text):
        raise UnknownEncoding("neither ssh-rsa nor PEM")
    key = _loaded(text, is_ssh)
    if not isinstance(key, RSAPublicKey) or key.key_size not in BITS:
        raise ValueError("not an RSA key of a permitted length")
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Material(
        ssh=text if is_ssh else key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode("ascii"),
        pem=key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii") if is_ssh else text,
        fingerprint=md5(der, usedforsecurity=False).digest().hex(":"),
        digest=sha256(der).hexdigest(),
    )


def _loaded(text: str, is_ssh: bool) -> object:
    try:
        if is_ssh:
            kind, encoded = text.split(None, 2)[:2]  # without the comment, which may hold any character
            return load_ssh_public_key(f"{kind} {encoded}".encode("ascii"))
        return load_pem_public_key(text.encode("ascii"))
    except UnsupportedAlgorithm:
        raise ValueError("a key of an unknown kind") from None
