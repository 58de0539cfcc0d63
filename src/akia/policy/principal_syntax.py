"""The forms of principals that may be saved (P2.3), and the exchange of their ARNs for unique ids (P1.7-5)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from akia.aws.errors import MalformedPolicyDocument

_ENTITY = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:(?:user|role)/[^\s*?]+", re.ASCII)
_FORMS = {
    "AWS": re.compile(
        r"\*|[0-9]{12}|arn:aws[a-z-]*:(?:iam::[0-9]{12}:(?:root|(?:user|role)/[^\s*?]+)"
        r"|sts::[0-9]{12}:(?:assumed-role/[^\s*?/]+|federated-user)/[^\s*?/]+)",
        re.ASCII,
    ),
    "Service": re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", re.ASCII),
    "Federated": re.compile(
        r"arn:aws[a-z-]*:iam::[0-9]{12}:(?:saml|oidc)-provider/[^\s*?]+|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?:/[^\s*?]*)?", re.ASCII
    ),
    "CanonicalUser": re.compile(r"[0-9a-f]{64}", re.ASCII),
}


def is_sound(kind: str, value: str) -> bool:
    """Whether `value` has a form that AWS knows for principals of this kind. Partial wildcards and bare unique ids have none."""
    return _FORMS[kind].fullmatch(value) is not None


def complaint(kind: str, value: str) -> str:
    """P1.7-6, in IAM's words."""
    if kind == "Federated":
        return "Federated principals must be valid domain names or SAML metadata ARNs"
    return f'Invalid principal in policy: "{"SERVICE" if kind == "Service" else kind}":"{value}"'


Lookup = Callable[[str], str | None]


def principals_to_ids(text: str, resolve: Lookup) -> str:
    """A document to be saved, with the unique ids of users and roles in place of their ARNs in Principal and NotPrincipal.

    `text` has passed `parse`. `resolve` maps the ARN of a user or role to its unique id, or to None if there is no such entity.
    Everything else stays as it was written. Raises MalformedPolicyDocument (P1.7-6).
    """

    def unique_id(value: str) -> str:
        if not _ENTITY.fullmatch(value):
            return value
        found = resolve(value)
        if found is None:
            raise MalformedPolicyDocument(complaint("AWS", value))
        return found

    return _replaced(text, unique_id)


def principals_to_arns(text: str, resolve: Lookup) -> str:
    """A stored document as it is read back: ids become ARNs as long as the entity lives, and are shown bare afterwards (P1.7-5).

    `resolve` maps a unique id to the entity's ARN, or to None.
    """
    return _replaced(text, lambda value: (resolve(value) if _UNIQUE_ID.fullmatch(value) else None) or value)


_UNIQUE_ID = re.compile(r"A(?:IDA|ROA)[A-Z0-9]{12,124}", re.ASCII)


def _replaced(text: str, replacement: Callable[[str], str]) -> str:
    pieces: list[str] = []
    place = 0
    for start, end in _aws_principals(text):
        old = json.loads(text[start:end])
        new = replacement(old)
        pieces += (text[place:start], text[start:end] if new == old else json.dumps(new))
        place = end
    return "".join([*pieces, text[place:]])


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\],:]')


def _aws_principals(text: str) -> Iterator[tuple[int, int]]:
    """Where in the JSON `text` the strings stand that are values of `AWS` in a principal element of a statement."""
    path: list[str] = []
    tokens = list(_TOKEN.finditer(text))
    for token, following in pairwise(tokens):
        match token[0][0]:
            case "{" | "[":
                path.append("")
            case "}" | "]":
                path.pop()
            case '"' if following[0] == ":":
                path[-1] = str(json.loads(token[0]))
            case '"' if [name for name in path if name] in _PLACES:
                yield token.span()


_PLACES = (["Statement", "Principal", "AWS"], ["Statement", "NotPrincipal", "AWS"])
