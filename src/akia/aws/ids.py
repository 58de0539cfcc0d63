"""Unique ids, access key ids and secrets as AWS forms them (W10.1 - W10.13).

The sixteen characters after the prefix are base32 of eighty bits, big-endian (W10.4):
bit 79 marks the current generation, bits 78..39 hold the account id, bits 38..0 are random.
"""

from __future__ import annotations

import os
import secrets
from base64 import b32decode, b32encode, b64encode
from enum import StrEnum
from time import time_ns

_CURRENT_GENERATION = 1 << 79
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class Prefix(StrEnum):
    """What an id names (W10.1)."""

    ACCESS_KEY = "AKIA"
    SESSION_KEY = "ASIA"
    USER = "AIDA"
    ROLE = "AROA"
    GROUP = "AGPA"
    INSTANCE_PROFILE = "AIPA"
    MANAGED_POLICY = "ANPA"
    POLICY_VERSION = "ANVA"
    SERVER_CERTIFICATE = "ASCA"
    PUBLIC_KEY = "APKA"
    SERVICE_CREDENTIAL = "ACCA"


_TWENTY_CHARACTERS = {Prefix.ACCESS_KEY, Prefix.SESSION_KEY}


def new_id(prefix: Prefix, account: str) -> str:
    """A fresh id of `account` (twelve digits): 20 characters for keys, 21 for everything else (W10.7).

    Only 39 bits are random, so the database's unique constraint has the last word (W10.9): retry on a collision.
    """
    number = _CURRENT_GENERATION | int(account) << 39 | secrets.randbits(39)
    body = b32encode(number.to_bytes(10, "big")).decode("ascii")
    return prefix + body if prefix in _TWENTY_CHARACTERS else prefix + body + secrets.choice(_ALPHABET)


def account_of(unique_id: str) -> str | None:
    """The account id inside an id, or None for ids of the old generation, which hold none (W10.8), and for other text.

    Good for routing and for `sts:GetAccessKeyInfo`; never proof of anything (W1.4).
    """
    body = unique_id[4:20]
    if len(body) != 16 or any(character not in _ALPHABET for character in body):
        return None
    number = int.from_bytes(b32decode(body), "big")
    account = number >> 39 & (1 << 40) - 1
    if not number & _CURRENT_GENERATION or account >= 10**12:
        return None
    return f"{account:012d}"


def new_saml_id(kind: str) -> str:
    """A fresh id of a SAML provider (`kind` "SAMLSP") or of a private key of one ("SAMLPK"): 26 characters, 100 bits random."""
    return kind + "".join(secrets.choice(_ALPHABET) for _ in range(20))


def new_secret() -> str:
    """A secret access key: 40 characters of A-Z a-z 0-9 + / from 30 random bytes (W10.13)."""
    return b64encode(secrets.token_bytes(30)).decode("ascii")


def new_certificate_id() -> str:
    """The id of a signing certificate: 32 of A-Z and 2-7, all random. It names no account and needs no second try."""
    return b32encode(secrets.token_bytes(20)).decode("ascii")


def new_guid() -> str:
    """A GUID for request ids and event ids: 48 bits of time in milliseconds, then 74 random bits (RFC 9562, version 7).

    In time order, so that indexes of them grow at one end.
    """
    try:
        random = _RANDOM.pop()
    except IndexError:
        drawn = os.urandom(10 * _AT_ONCE).hex()
        _RANDOM.extend(drawn[start : start + 20] for start in range(20, len(drawn), 20))
        random = drawn[:20]
    time = f"{time_ns() // 1_000_000:012x}"
    return f"{time[:8]}-{time[8:]}-7{random[:3]}-{_VARIANT[random[3]]}{random[4:7]}-{random[7:19]}"


_AT_ONCE = 64
_RANDOM: list[str] = []
"""Drawn for many at once: every request needs two, and the system calls took a thirtieth of its time."""
os.register_at_fork(after_in_child=_RANDOM.clear)  # no two processes give the same

_VARIANT = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}
