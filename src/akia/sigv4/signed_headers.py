"""The list of signed headers: what it must cover (rule 8), and the canonical request that it prescribes (SV1.4)."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from akia.aws.errors import SignatureDoesNotMatch
from akia.sigv4.canonical import folded
from akia.sigv4.echo import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from akia.sigv4.request import Fields

MUST_BE_SIGNED = (b"x-amz-", b"x-akia-")
"""Headers that services act upon (SV1.4-5, SX-4, NT-06)."""

_MEMOIZED_LENGTH = 1024


class SignedHeaders(NamedTuple):
    """One list `a;b;c`."""

    text: bytes
    names: tuple[bytes, ...]
    covered: frozenset[bytes]
    ascending: bool
    """Sorted, without repetition (SV1.4-2, SX-7)."""
    template: bytes
    """The canonical request with a `%b` each for method, path, query, the values of `names`, and the payload hash."""

    def canonical_request(self, method: bytes, path: bytes, query: bytes, values: Sequence[bytes], payload_hash: bytes) -> bytes:
        """SV1.1's canonical request. `values` are folded and follow the order of `names`."""
        return self.template % (method, path, query, *values, payload_hash)

    def values(self, fields: Fields) -> tuple[list[bytes], str]:
        """The folded values of the listed headers, and a reason for refusal if the list itself cannot stand.

        A listed header that did not arrive has an empty value here and a reason: rule 16 refuses it whatever was signed (SV1.4-3).
        """
        try:
            return [folded(fields[name]) for name in self.names], "" if self.ascending else "SignedHeaders is not sorted"
        except KeyError as missing:
            return [folded(fields.get(name, b"")) for name in self.names], f"signed header {shown(missing.args[0])!r} did not arrive"


def signed_headers_from(text: bytes) -> SignedHeaders:
    """The list that `text` spells. Never raises."""
    return _memoized(text) if len(text) <= _MEMOIZED_LENGTH else _parse(text)


def _parse(text: bytes) -> SignedHeaders:
    names = tuple(text.split(b";"))
    lines = [name.replace(b"%", b"%%") + b":%b\n" for name in names]
    template = b"%b\n%b\n%b\n" + b"".join(lines) + b"\n" + text.replace(b"%", b"%%") + b"\n%b"
    return SignedHeaders(text, names, frozenset(names), all(one < other for one, other in pairwise(names)), template)


_memoized = lru_cache(maxsize=2048)(_parse)
"""A client's list is the same in all its requests."""


def check_signed(fields: Fields, repeated: frozenset[bytes], signed: SignedHeaders) -> None:
    """Rule 8: the host, and each header that arrived and that services act upon, is signed. Raises SignatureDoesNotMatch."""
    if b"host" not in signed.covered and (b":authority" not in signed.covered or b"host" in fields):
        raise SignatureDoesNotMatch("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    if repeated and not repeated.isdisjoint((b"host", b":authority")):
        raise SignatureDoesNotMatch("'Host' or ':authority' must be present exactly once.")  # NT-09
    uncovered = [name for name in fields if name not in signed.covered and name.startswith(MUST_BE_SIGNED)]
    if uncovered:
        raise SignatureDoesNotMatch(f"'{shown(min(uncovered))}' must be a 'SignedHeader' in the AWS Authorization.")
