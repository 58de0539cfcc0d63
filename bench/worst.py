"""The slowest policies that IAM's quotas let through: each is full of comparisons that cost much and decide nothing (NT-53)."""

from __future__ import annotations

import json
from itertools import count, product
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

INLINE, MANAGED = 10_240, 6_144
"""Characters that the inline policies of a role and a managed policy may have; IAM counts no white space."""
TEXT = 131_072
"""Characters that the parameter of a policy may have, white space included."""
SAID = "a" * 10_240
"""What the caller sends wherever a text of its own becomes a condition key."""
RESOURCE = "arn:aws:s3:::" + "a" * 1_024
CONTEXT: dict[str, str | tuple[str, ...]] = {
    "aws:useragent": SAID,
    "aws:referer": "é" * 10_240,
    "aws:username": "ann",
    "aws:sourceip": "192.0.2.1",
    "aws:sourcearn": RESOURCE,
    "aws:currenttime": "2026-11-24T00:00:00Z",
    "aws:multifactorauthage": "7",
    "aws:tagkeys": tuple(f"{'a' * 124}{number:04d}" for number in range(50)),
}


def documents(size: int) -> dict[str, str]:
    """The text of a policy of each shape, which `size` characters hold."""
    conditions = {
        "thirty stars": ("StringLike", "aws:UserAgent", (f"{'*a' * 30}*{number}b*" for number in count())),
        "free characters": ("StringLike", "aws:UserAgent", (f"*{'?a' * 200}{number}b*" for number in count())),
        "near misses": ("StringLike", "aws:UserAgent", (f"*{'a' * 60}b{number}*" for number in count())),
        "beginnings": ("StringLike", "aws:UserAgent", (f"a{number}*" for number in count())),
        "variables": ("StringLike", "aws:UserAgent", (f"${{aws:username}}*{number}" for number in count())),
        "long variables": ("StringLike", "aws:UserAgent", (f"${{aws:UserAgent}}{number}" for number in count())),
        "ARNs": ("ArnLike", "aws:SourceArn", (f"arn:*:*:*:*:*b{number}" for number in count())),
        "numbers": ("NumericEquals", "aws:MultiFactorAuthAge", map(str, count(8))),
        "dates": ("DateEquals", "aws:CurrentTime", map(str, count(1))),
        "networks": ("IpAddress", "aws:SourceIp", (f"10.{number >> 8}.{number & 255}.0/24" for number in count())),
        "tag keys": ("ForAnyValue:StringLike", "aws:TagKeys", (f"*a*{number}b*" for number in count())),
        "tag keys, folded": ("ForAnyValue:StringEqualsIgnoreCase", "aws:TagKeys", map(str, count())),
    }
    found = {name: _condition(*parts, size=size) for name, parts in conditions.items()}
    found["resources"] = _document(_filled((f"arn:aws:s3:::*a*{number}b*" for number in count()), size))
    found["resources with variables"] = _document(_filled((f"arn:aws:s3:::a*${{aws:username}}{number}" for number in count()), size))
    found["statements"] = _many(({"Effect": "Deny", "Action": "*", "Resource": f"arn:aws:s3:::*{number}b*"} for number in count()), size)
    found["folded texts"] = _spelled("aws:useragent", size)
    found["folded letters"] = _spelled("aws:referer", size)
    found["white space"] = _document("*", {"StringLike": {"aws:UserAgent": _filled((f"*{' ' * 500}{n}*" for n in count()), TEXT // 2)}})
    return found


def _condition(operator: str, key: str, values: Iterator[str], *, size: int) -> str:
    return _document("*", {operator: {key: _filled(values, size)}})


def _spelled(key: str, size: int) -> str:
    """One key in many spellings: each is a comparison of its own that holds; one more does not."""
    letters = product(*[sorted({letter, letter.upper()}) for letter in key])
    spellings = _filled(map("".join, letters), size, each=len('"":"a",'))
    return _document("*", {"StringNotEqualsIgnoreCase": dict.fromkeys(spellings, "a"), "StringEquals": {"aws:username": "bob"}})


def _filled(values: Iterable[str], size: int, each: int = len('"",')) -> list[str]:
    """As many of the values as `size` characters hold beside the rest of the document."""
    left, found = size - 170, list[str]()
    for value in values:
        left -= len(value) + each
        if left < 0:
            break
        found.append(value)
    return found


def _document(resource: str | list[str], condition: Any = None) -> str:
    statement = {"Effect": "Deny", "Action": "*", "Resource": resource} | ({"Condition": condition} if condition else {})
    return _text([statement])


def _many(statements: Iterator[dict[str, str]], size: int) -> str:
    found = [next(statements)]
    while len(_text([*found, following := next(statements)])) <= size:
        found.append(following)
    return _text(found)


def _text(statements: list[Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))
