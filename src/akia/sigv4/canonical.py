"""One spelling for all equal requests: the canonical path, query and header values (SV1.2 - SV1.4).

All of it works on the bytes from the wire, once, by rules that the service fixes: no second form is ever tried (NT-08).
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from akia.aws.errors import MalformedQueryString
from akia.sigv4.echo import shown

Pair = tuple[bytes, bytes]

_UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_ENCODED = [bytes([byte]) if byte in _UNRESERVED else b"%%%02X" % byte for byte in range(256)]
_ENCODED_BUT_SLASH = [*_ENCODED[:0x2F], b"/", *_ENCODED[0x30:]]

_PLAIN = re.compile(rb"[A-Za-z0-9\-._~]*")
_PLAIN_PATH = re.compile(rb"(?:/[A-Za-z0-9\-_~][A-Za-z0-9\-._~]*)+/?|/")
"""A path that normalising and encoding leave as it is: no escape, no empty segment, none that begins with a dot."""
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def check_escapes(query: bytes) -> None:
    """Rule 4: each `%` of the query begins an escape. Raises MalformedQueryString."""
    bad = _BAD_ESCAPE.search(query)
    if bad is None:
        return
    if bad.end() + 2 > len(query):
        raise MalformedQueryString("Incomplete trailing escape % sequence")
    raise MalformedQueryString(f"Illegal hex character in escape % pattern: {shown(query[bad.start() : bad.end() + 2])}")


def canonical_path(path: bytes, *, s3: bool = False, normalised: bool = True) -> bytes:
    """The canonical form of the wire's `path` (SV1.2): normalised, then encoded once more; for S3 only decoded and encoded."""
    if _PLAIN_PATH.fullmatch(path):
        return path
    if s3:
        return _encode(unquote_to_bytes(path), _ENCODED_BUT_SLASH) or b"/"
    return _encode(normalised_path(path) if normalised else path, _ENCODED_BUT_SLASH) or b"/"


def normalised_path(path: bytes) -> bytes:
    """`path` without `.`, `..` and empty segments, a trailing slash kept (SV1.2-1).

    Outside S3 a signature holds for each path with the same normalised form. So routing must read this form too (NT-08).
    """
    kept: list[bytes] = []
    for segment in path.split(b"/"):
        if segment == b"..":
            del kept[-1:]
        elif segment not in (b"", b"."):
            kept.append(segment)
    if not kept:
        return b"/"
    return b"/" + b"/".join(kept) + (b"/" if path.endswith(b"/") else b"")


def canonical_pairs(query: bytes) -> list[Pair]:
    """The names and values of the query in arrival order, each decoded and encoded again (SV1.3-1 - SV1.3-3).

    A literal `+` becomes `%2B` (SX-3). `query` has passed rule 4.
    """
    pairs = []
    for part in query.split(b"&"):
        name, _, value = part.partition(b"=")
        pairs.append((_recoded(name), _recoded(value)))
    return pairs


def canonical_query(pairs: list[Pair]) -> bytes:
    """The pairs as the canonical request has them: sorted by name, then by value (SV1.3-1)."""
    return b"&".join([name + b"=" + value for name, value in sorted(pairs)])


def decoded(text: bytes) -> bytes:
    """The bytes that a name or value of the query stands for, on the wire or in canonical form."""
    return unquote_to_bytes(text) if b"%" in text else text


def folded(value: bytes) -> bytes:
    """A header's value, trimmed, each run of white space (broken lines included) one blank, quoted text too (SV1.4-1)."""
    return b" ".join(value.split())


def _recoded(text: bytes) -> bytes:
    return text if _PLAIN.fullmatch(text) else _encode(unquote_to_bytes(text), _ENCODED)


def _encode(raw: bytes, table: list[bytes]) -> bytes:
    return b"".join([table[byte] for byte in raw])
