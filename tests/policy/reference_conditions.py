"""The second half of the reference evaluator: patterns, variables and conditions, straight from the documented steps."""

from __future__ import annotations

import base64
import ipaddress
import re
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from itertools import pairwise
from typing import Any

Statement = dict[str, Any]
Literal = tuple[str, bool]
"""A character, and whether it stands for itself even if it is a star."""


# 3. Patterns (P2.2-1)


def arn_expression(heads: list[list[Literal]], tail: list[Literal], wide: bool) -> str:
    """P2.2-1. `wide`: a run that ends a part may cross colons."""
    written = []
    for head in heads:
        crossing = wide and bool(head) and head[-1] == ("*", False)
        written.append(expression(head[:-1], "[^:]") + ".*" if crossing else expression(head, "[^:]"))
    return ":".join([*written, expression(tail)])


def expression(characters: list[Literal], any_character: str = ".") -> str:
    """A regular expression, which may backtrack: generated patterns are short."""
    wild = {"*": any_character + "*", "?": any_character}
    return "".join(re.escape(one) if itself or one not in wild else wild[one] for one, itself in characters)


def unescaped(text: str) -> list[Literal]:
    return [(character, False) for character in text]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# 4. Variables (P4.1)


def substituted(text: str, context: dict[str, Any]) -> list[Literal] | None:
    found = re.match(r"\$\{([*?$])\}|\$\{([^\s${}*?'\",]+)(?:, '([^']*)')?\}", text)
    if not text:
        return []
    here: list[Literal] | None = [(text[0], False)]
    rest = text[1:]
    if found:
        rest = text[found.end() :]
        value = context.get(found[2].lower()) if found[2] else found[1]
        replacement = value if isinstance(value, str) else found[3]
        here = None if replacement is None else [(character, True) for character in replacement]
    behind = substituted(rest, context)
    return None if here is None or behind is None else here + behind


# 5. Conditions (section 3)

NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
    "notipaddress": "ipaddress",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
}
RELATIONS = ("lessthan", "lessthanequals", "greaterthan", "greaterthanequals")
POSITIVE = {*NEGATED.values(), "bool", "binaryequals", "null", *(f"numeric{r}" for r in RELATIONS), *(f"date{r}" for r in RELATIONS)}


def conditions_match(context: dict[str, Any], statement: Statement, variables: bool) -> bool:
    deny: bool = statement["Effect"] == "Deny"
    answers: list[bool] = []
    for operator, keys in statement.get("Condition", {}).items():
        parts = re.fullmatch(r"(?:(forallvalues|foranyvalue):)?(.*?)(ifexists)?", operator.lower())
        assert parts
        over, base, if_exists = parts.groups()
        if base not in POSITIVE | set(NEGATED) or (base == "null" and if_exists):
            return deny  # C3.1-5
        for key, values in keys.items():
            answers.append(condition(over, base, bool(if_exists), context.get(key.lower()), as_list(values), context, deny, variables))
    return all(answers)


def condition(
    over: str | None, base: str, if_exists: bool, present: Any, values: list[Any], context: dict[str, Any], deny: bool, variables: bool
) -> bool:
    if isinstance(present, dict):  # C3.2-21
        return deny
    texts = [str(value).lower() if isinstance(value, bool) else str(value) for value in values]  # C3.1-4
    if base == "null":
        if over:
            return over == "forallvalues"
        return ("true" if present is None or present == [] else "false") in [text.lower() for text in texts]
    negated = base in NEGATED

    def holds(value: str) -> bool:
        answers: list[bool | None] = [compare(NEGATED.get(base, base), value, text, context, variables) for text in texts]
        if not negated:
            return True in answers
        return False if True in answers else deny if None in answers else True  # C3.3-13

    if not values:  # C3.2-17
        if over == "foranyvalue":
            return False
        return present is None if over or if_exists else bool(negated and deny)
    many = [] if present in (None, "", [""]) else [present] if isinstance(present, str) else present
    if over == "forallvalues":
        return all(holds(value) for value in many)
    if over == "foranyvalue":
        return any(holds(value) for value in many)
    if present is None:
        return negated or if_exists
    if isinstance(present, str):
        return holds(present)
    return bool(len(present) < 2 and holds(present[0] if present else ""))


def compare(base: str, value: str, text: str, context: dict[str, Any], variables: bool) -> bool | None:
    """None: it cannot be told, one of the two is unreadable."""
    if base.startswith("arn") and value.count(":") < 5:
        return None
    if base.startswith(("string", "arn")):
        characters = substituted(text, context) if variables else unescaped(text)
        if characters is None:
            return False  # P4.1-5
        plain = "".join(character for character, _ in characters)
        if base == "stringequals":
            return plain == value
        if base == "stringequalsignorecase":
            return plain.lower() == value.lower()
        if base == "stringlike":
            return bool(re.fullmatch(expression(characters), value, re.DOTALL))
        colons = [place for place, (character, _) in enumerate(characters) if character == ":"]
        if len(colons) < 5:
            return None
        cuts = [-1, *colons[:5]]
        heads = [characters[start + 1 : end] for start, end in pairwise(cuts)]
        return bool(re.fullmatch(arn_expression(heads, characters[colons[4] + 1 :], wide=False), value, re.DOTALL))
    if base == "ipaddress":
        return address_in(value, text)
    family, relation = re.fullmatch(r"(numeric|date|bool|binary)(.*)", base).groups()  # type: ignore[union-attr]  # base is in POSITIVE
    read = {"numeric": number, "date": moment, "bool": truth, "binary": octets}[family]
    left, right = read(value), read(text)
    if left is None or right is None:
        return None
    relations: dict[str, bool] = {"equals": left == right, "": left == right}
    if family in ("numeric", "date"):
        relations |= {"lessthan": left < right, "lessthanequals": left <= right}
        relations |= {"greaterthan": left > right, "greaterthanequals": left >= right}
    return relations[relation]


def number(text: str) -> Any:
    return Fraction(text) if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text) else None


def truth(text: str) -> Any:
    return text.lower() if text.lower() in ("true", "false") else None


def octets(text: str) -> Any:
    try:
        decoded = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return decoded if base64.b64encode(decoded).decode() == text else None


def moment(text: str) -> Any:
    """C3.3-14, as a fraction of seconds."""
    if re.fullmatch(r"[0-9]+", text):
        return Fraction(text) if int(text) < 2**63 else None
    found = re.fullmatch(
        r"([0-9]{4}-[0-9]{2})(-[0-9]{2})?(?:T([0-9]{2}:[0-9]{2})(:[0-9]{2})?(\.[0-9]{1,9})?(Z|[+-][0-9]{2}(?::[0-9]{2})?)?)?", text
    )
    if not found or (found[3] and not found[2]) or (found[5] and not found[4]):
        return None
    try:
        parsed = datetime.fromisoformat(f"{found[1]}{found[2] or '-01'}T{found[3] or '00:00'}{found[4] or ':00'}")
    except ValueError:
        return None
    zone = (found[6] or "Z").replace(":", "")
    hours, minutes = (0, 0) if zone == "Z" else (int(zone[1:3]), int(zone[3:] or 0))
    if hours > 23 or minutes > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)
    since = parsed.replace(tzinfo=timezone(offset)) - datetime(1970, 1, 1, tzinfo=UTC)
    return since.days * 86400 + since.seconds + Fraction((found[5] and "0" + found[5]) or 0)


def address_in(value: str, text: str) -> bool | None:
    if not re.fullmatch(r"[0-9a-fA-F:.]+(/[0-9]+)?", text) or not re.fullmatch(r"[0-9a-fA-F:.]+", value):
        return None
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
