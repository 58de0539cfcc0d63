"""The models' regular expressions, which are Java's, in Python (W9.4).

What differs: `\\w \\d \\s \\b` know ASCII only (P5.4-20); `.` stops at every line terminator; a `-` after a shorthand inside
brackets is itself; characters beyond the BMP may be spelt as two surrogates. A match is always of the whole text.
Patterns that cannot run away go to `re`; all others to `regex`, under a limit of time, and one that exceeds it does not match.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

TIME_LIMIT = 0.1
"""Seconds that one match may take. No pattern of the models comes near it."""

Matcher = Callable[[str], bool]

_ATOM = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\[pP]\{\w+\}|\\.|&&|.", re.DOTALL)
_SHORTHAND = re.compile(r"\\[dDsSwWpP].*", re.DOTALL)
_NOT_LINE_TERMINATOR = r"[^\n\r\x85\u2028\u2029]"
_ASCII_CLASSES = {r"\w": "a-zA-Z0-9_", r"\d": "0-9", r"\s": r" \t\n\x0b\f\r"}

_PROPERTY = re.compile(r"\\[pP]\{")
_NESTED_SET = re.compile(r"(?<!\\)\[(?:\\.|[^\]\\])*(?:\[|&&)", re.DOTALL)
_CLASS = re.compile(r"\[\^?(?:\\.|[^\]\\])*\]|\\.", re.DOTALL)
_NESTABLE = re.compile(r"[()|]|\\[1-9]")
_OPEN_ENDED = re.compile(r"[*+]|\{[0-9]+,[0-9]*\}")


@functools.cache
def matcher(pattern: str) -> Matcher:
    """A test whether the whole of a text matches `pattern`; the pattern is compiled when the test is first used."""
    compiled: list[Matcher] = []

    def matches(text: str) -> bool:
        if not compiled:
            compiled.append(_compile(pattern))
        return compiled[0](text)

    return matches


def translate(pattern: str) -> str:
    """A Java pattern in the words of Python's `re` and `regex`. Raises ValueError for a negated shorthand in brackets beside a property."""
    dot_all = pattern.startswith("(?s)")
    unicode = _PROPERTY.search(pattern) is not None  # then the ASCII flag cannot be used: shorthands are spelt out
    translated: list[str] = []
    depth = 0  # of square brackets
    atoms = _ATOM.findall(pattern)
    for position, atom in enumerate(atoms):
        depth += (atom == "[") - (atom == "]" and depth > 0)
        inside = depth > 0
        if inside and atom == "-" and _SHORTHAND.fullmatch(atoms[position - 1]) and atoms[position + 1] != "]":
            translated.append(r"\-")
        elif unicode and atom.lower() in _ASCII_CLASSES:
            translated.append(_spelt_out(atom, inside))
        else:
            translated.append(atom if inside else _outside(atom, dot_all))
    return "".join(map(_character, translated))


def _outside(atom: str, dot_all: bool) -> str:
    if atom == "." and not dot_all:
        return _NOT_LINE_TERMINATOR
    return r"\Z" if atom == "$" else atom


def _spelt_out(shorthand: str, inside: bool) -> str:
    members, negated = _ASCII_CLASSES[shorthand.lower()], shorthand.isupper()
    if inside and negated:
        raise ValueError(f"cannot be translated: {shorthand} in brackets beside a property")
    return members if inside else f"[{'^' * negated}{members}]"


def _character(atom: str) -> str:
    """A pair of surrogates as the one character that it is."""
    if len(atom) != 12 or not atom.startswith("\\u"):
        return atom
    high, low = int(atom[2:6], 16), int(atom[8:], 16)
    return f"\\U{0x10000 + (high - 0xD800 << 10) + (low - 0xDC00):08X}"


def _compile(pattern: str) -> Matcher:
    translated = translate(pattern)
    linear = _takes_linear_time(translated)
    unicode, nested = _PROPERTY.search(translated) is not None, _NESTED_SET.search(translated) is not None
    if linear and not unicode and not nested:
        plain = re.compile(translated, re.ASCII)
        return lambda text: plain.fullmatch(text) is not None
    return _compile_with_regex(translated, unicode=unicode, nested=nested, linear=linear)


def _takes_linear_time(translated: str) -> bool:
    """Without groups, alternatives and references, and with one repetition at most, there is nothing to backtrack into."""
    skeleton = _CLASS.sub(lambda found: found[0] if found[0][1].isdigit() else "x", translated)
    return _NESTABLE.search(skeleton) is None and len(_OPEN_ENDED.findall(skeleton)) <= 1


def _compile_with_regex(translated: str, *, unicode: bool, nested: bool, linear: bool) -> Matcher:
    regex: Any = import_module("regex")  # only once it is needed: it takes longer to import than this package

    flags = (regex.UNICODE if unicode else regex.ASCII) | (regex.VERSION1 if nested else regex.VERSION0)
    compiled = regex.compile(translated, flags)
    limit = None if linear else TIME_LIMIT  # a limit costs two microseconds

    def matches(text: str) -> bool:
        try:
            return compiled.fullmatch(text, timeout=limit) is not None
        except TimeoutError:
            return False

    return matches
