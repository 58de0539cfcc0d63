"""The canonical forms (SV1.2, SV1.3, SV1.4)."""

from __future__ import annotations

from urllib.parse import quote, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akia.aws.errors import MalformedQueryString
from akia.sigv4.canonical import canonical_pairs, canonical_path, canonical_query, check_escapes, folded, normalised_path


@pytest.mark.parametrize(
    ("wire", "elsewhere", "s3"),
    [
        (b"/", b"/", b"/"),
        (b"", b"/", b"/"),
        (b"//", b"/", b"//"),
        (b"/a//b", b"/a/b", b"/a//b"),
        (b"/./a/.", b"/a", b"/./a/."),
        (b"/a/./", b"/a/", b"/a/./"),
        (b"/a/../b", b"/b", b"/a/../b"),
        (b"/../../b/", b"/b/", b"/../../b/"),
        (b"/a/..", b"/", b"/a/.."),
        (b"/a%20b", b"/a%2520b", b"/a%20b"),
        (b"/a%2fb", b"/a%252fb", b"/a/b"),
        (b"/%2e%2E/b", b"/%252e%252E/b", b"/../b"),
        (b"/%252e", b"/%25252e", b"/%252e"),
        (b"/a*b'(!=;+$", b"/a%2Ab%27%28%21%3D%3B%2B%24", b"/a%2Ab%27%28%21%3D%3B%2B%24"),
        (b"/a%2a", b"/a%252a", b"/a%2A"),
        (b"/.hidden/..x/x.", b"/.hidden/..x/x.", b"/.hidden/..x/x."),
        (b"/\xff%zz", b"/%FF%25zz", b"/%FF%25zz"),
        (b"/caf%C3%A9", b"/caf%25C3%25A9", b"/caf%C3%A9"),
        (b"/cafe%CC%81", b"/cafe%25CC%2581", b"/cafe%CC%81"),
    ],
)
def test_sv1_2_path_by_service(wire: bytes, elsewhere: bytes, s3: bytes) -> None:
    assert canonical_path(wire) == elsewhere
    assert canonical_path(wire, s3=True) == s3


_SEGMENTS = st.lists(st.sampled_from([b"", b".", b"..", b"a", b"B-_~.1", b".x", b"%20", b"\xc3", b"a+b", b"..."]), max_size=6)


@given(segments=_SEGMENTS, s3=st.booleans())
def test_the_short_cut_for_plain_paths_changes_nothing(segments: list[bytes], s3: bool) -> None:
    path = b"/" + b"/".join(segments)
    slow = quote(unquote_to_bytes(path) if s3 else normalised_path(path), safe="/-._~").encode()
    assert canonical_path(path, s3=s3) == slow


@given(segments=_SEGMENTS)
def test_nt_08_normalising_twice_is_normalising_once(segments: list[bytes]) -> None:
    once = normalised_path(b"/" + b"/".join(segments))
    assert normalised_path(once) == once
    assert not {b".", b".."} & set(once.split(b"/"))


def test_sv1_2_6_unnormalised_form_keeps_segments() -> None:
    assert canonical_path(b"/a/../b//c%20", normalised=False) == b"/a/../b//c%2520"


@pytest.mark.parametrize(
    ("wire", "canonical"),
    [
        (b"b=2&a=1", b"a=1&b=2"),
        (b"a=2&a=1&a=10", b"a=1&a=10&a=2"),
        (b"a", b"a="),
        (b"a=b=c", b"a=b%3Dc"),
        (b"a=%2f&a=/", b"a=%2F&a=%2F"),
        (b"%61=%7e", b"a=~"),
        (b"a-b=1&a=1&aB=1&ab=1", b"a=1&a-b=1&aB=1&ab=1"),
        (b"a%3Db=1&a=1", b"a=1&a%3Db=1"),
        (b"A=%C3%A9&A=\xc3\xa9", b"A=%C3%A9&A=%C3%A9"),
        (b"a=%00%ff", b"a=%00%FF"),
    ],
)
def test_sv1_3_query(wire: bytes, canonical: bytes) -> None:
    assert canonical_query(canonical_pairs(wire)) == canonical


@given(st.lists(st.tuples(st.binary(max_size=6), st.binary(max_size=6)), min_size=1, max_size=5))
def test_sv1_3_1_any_bytes_survive(pairs: list[tuple[bytes, bytes]]) -> None:
    wire = "&".join(f"{quote(name, safe='')}={quote(value, safe='/:')}" for name, value in pairs).encode()
    strict = sorted((quote(name, safe="-._~").encode(), quote(value, safe="-._~").encode()) for name, value in pairs)
    assert canonical_query(canonical_pairs(wire)) == b"&".join(name + b"=" + value for name, value in strict)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (b"a=%", "Incomplete trailing escape % sequence"),
        (b"a=%4", "Incomplete trailing escape % sequence"),
        (b"a=%4g&b=1", "Illegal hex character in escape % pattern: %4g"),
        (b"a=%g4", "Illegal hex character in escape % pattern: %g4"),
        (b"a=%+1", "Illegal hex character in escape % pattern: %+1"),
        (b"a=%20%", "Incomplete trailing escape % sequence"),
        (b"a=%\xc3\xa9", "Illegal hex character in escape % pattern: %\xe9"),
    ],
)
def test_rule_4_escapes(query: bytes, message: str) -> None:
    with pytest.raises(MalformedQueryString) as caught:
        check_escapes(query)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("value", "canonical"),
    [
        (b"  a   b  ", b"a b"),
        (b'"a   b"', b'"a b"'),
        (b"a\r\n  b\r\n\tc", b"a b c"),
        (b"a\t\tb", b"a b"),
        (b"", b""),
        (b"a ,  b", b"a , b"),
    ],
)
def test_sv1_4_1_white_space_is_folded_in_quotes_too(value: bytes, canonical: bytes) -> None:
    assert folded(value) == canonical
