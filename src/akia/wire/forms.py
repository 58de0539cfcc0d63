"""`application/x-www-form-urlencoded`, in bodies and in query strings (W3.4, W5.1)."""

from __future__ import annotations

from binascii import a2b_qp

from akia.aws.errors import MalformedInput

MAX_FIELDS = 10_000
"""More name-value pairs than this are refused, so that no body costs more than its bytes."""


def pairs(encoded: bytes) -> list[tuple[str, str]]:
    """The names and values of a form in order, `+` read as a space.

    Raises MalformedInput for more than MAX_FIELDS pairs, a `%` without two hex digits, and what is not UTF-8.
    """
    if encoded.count(b"&") >= MAX_FIELDS:
        raise MalformedInput("Too many parameters")
    found = []
    for piece in utf_8(encoded).split("&"):
        name, _, value = piece.partition("=")
        if "%" in piece or "+" in piece:
            name, value = unquote(name.replace("+", " ")), unquote(value.replace("+", " "))
        if piece:
            found.append((name, value))
    return found


def fields(encoded: bytes) -> dict[str, str]:
    """The fields of a form by name; of a name that is repeated, the first counts. Raises MalformedInput like `pairs`."""
    return dict(reversed(pairs(encoded)))


def unquote(encoded: str) -> str:
    """`encoded` with its percent-escapes replaced (`+` stays `+`, as in paths). Raises MalformedInput like `pairs`.

    With `=` for `%` this is quoted-printable, whose decoder is written in C. It passes over what is no escape and joins lines:
    the length tells whether every `%` was one.
    """
    if "%" not in encoded:
        return encoded
    raw = encoded.encode()
    if b"\n" in raw or b"\r" in raw:
        raise MalformedInput("Invalid percent-encoding")
    decoded = a2b_qp(raw.replace(b"=", b"=3D").replace(b"%", b"="))
    if len(decoded) != len(raw) - 2 * raw.count(b"%"):
        raise MalformedInput("Invalid percent-encoding")
    return utf_8(decoded)


def utf_8(raw: bytes) -> str:
    """`raw` as text; raises MalformedInput for what is not UTF-8."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise MalformedInput("Invalid UTF-8") from None
