from __future__ import annotations

import re
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akia.aws.errors import MalformedInput
from akia.wire import forms

texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.tuples(texts, texts)))
def test_what_is_encoded_is_decoded(pairs: list[tuple[str, str]]) -> None:
    assert forms.pairs(urlencode(pairs).encode()) == pairs
    assert forms.pairs(urlencode(pairs, quote_via=quote).encode()) == pairs
    assert forms.fields(urlencode(pairs).encode()) == dict(reversed(pairs))


@given(st.text(alphabet="%0aAfF=\n\r+e3Cé.", max_size=12))
def test_unquote_agrees_with_the_definition(text: str) -> None:
    """Every `%` is two hex digits' byte or the text is refused, whatever the decoder underneath makes of it."""
    raw = text.encode()
    expected = None
    if re.search(rb"%(?![0-9a-fA-F]{2})|[\r\n]", raw) is None:
        decoded = re.sub(rb"%(..)", lambda found: bytes((int(found[1], 16),)), raw)
        expected = decoded.decode(errors="replace") if decoded.decode(errors="ignore").encode() == decoded else None
    if expected is None and "%" in text:
        with pytest.raises(MalformedInput):
            forms.unquote(text)
    elif expected is not None:
        assert forms.unquote(text) == expected


def test_of_a_repeated_name_the_first_counts() -> None:
    assert forms.fields(b"a=1&a=2&b") == {"a": "1", "b": ""}
    assert forms.pairs(b"a=1&&a=2&=x") == [("a", "1"), ("a", "2"), ("", "x")]


def test_plus_is_a_space_in_forms_but_not_in_paths() -> None:
    assert forms.fields(b"a+b=c+d%2B") == {"a b": "c d+"}
    assert forms.unquote("a+b%2B") == "a+b+"


def test_raw_utf_8_is_taken_and_anything_else_refused() -> None:
    assert forms.fields("é=ü".encode()) == {"é": "ü"}
    for wrong in (b"a=\xff", b"a=%FF", b"a=%ED%A0%80", b"%C3=a", b"a=%C3%28"):
        with pytest.raises(MalformedInput, match="UTF-8"):
            forms.fields(wrong)


@pytest.mark.parametrize("wrong", [b"a=%", b"a=%1", b"a=%1g", b"a=%%41", b"%=a", b"a=%\xd9\xa1\xd9\xa1", b"a=%+1", b"a=%0x"])
def test_python_trap_lax_hex_is_refused(wrong: bytes) -> None:
    with pytest.raises(MalformedInput):
        forms.fields(wrong)


def test_there_are_only_so_many_fields() -> None:
    assert len(forms.pairs(b"&".join([b"a=1"] * forms.MAX_FIELDS))) == forms.MAX_FIELDS
    with pytest.raises(MalformedInput, match="Too many"):
        forms.pairs(b"a=1&" * forms.MAX_FIELDS)


def test_a_policy_document_survives() -> None:
    document = '{"Statement": [{"Effect": "Allow", "Action": "s3:*", "Condition": {"é": "=%41+\\n"}}]}\r\n' * 20
    assert forms.fields(b"PolicyDocument=" + quote_plus(document).encode()) == {"PolicyDocument": document}
