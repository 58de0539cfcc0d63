"""What `--limits` names: AWS's published rates, none, or the operator's own file (TOML). What it says wrongly stops the start (NT-95)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from akia.aws import catalogue
from akia.identity.limit import Scope

if TYPE_CHECKING:
    from collections.abc import Mapping

AWS, OFF = "aws", "off"
HIGHEST_RATE = 1_000_000.0
LOWEST_RATE = 0.001
_TABLES = {"principal": Scope.PRINCIPAL, "key": Scope.KEY, "address": Scope.ADDRESS}


class LimitsFileError(Exception):
    """The file cannot be honoured. The message names what is wrong."""


@dataclass(frozen=True, slots=True)
class Bound:
    """So many requests a second (0: no rate), so many at once, so many a day (0: no budget)."""

    rate: float
    burst: float
    daily: int = 0


@dataclass(frozen=True, slots=True)
class OperatorLimits:
    """What the operator has set for every account. `published`: whether AWS's rates count where neither file nor account says another.
    `actions` are by `service:Action` or `service:*`, `each` by what has a bucket of its own; nothing that an account sets widens them."""

    published: bool = True
    actions: Mapping[str, Bound] = field(default_factory=dict)
    each: Mapping[Scope, Bound] = field(default_factory=dict)
    free: frozenset[str] = frozenset()
    """Actions for which AWS's rate does not count."""


def operator_limits(setting: str) -> OperatorLimits:
    """What the value of `--limits` says. Raises LimitsFileError."""
    if setting in (AWS, OFF):
        return OperatorLimits(published=setting == AWS)
    path = Path(setting)
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeError) as error:
        raise LimitsFileError(f"{path} cannot be read: {type(error).__name__}; expected {AWS}, {OFF} or a file") from None
    except tomllib.TOMLDecodeError as error:
        raise LimitsFileError(f"{path} is no TOML: {error}") from None
    try:
        return _parsed(found)
    except LimitsFileError as error:
        raise LimitsFileError(f"{path}: {error}") from None


def canonical_action(text: str) -> str | None:
    """`service:Action` or `service:*` as AWS spells it, or None if there is no such action."""
    prefix, _, name = text.partition(":")
    facts = catalogue.service(prefix)
    if facts is None:
        return None
    if name == "*":
        return f"{facts.prefix}:*"
    action = catalogue.action(prefix, name)
    return str(action) if action is not None else None


def _parsed(found: Mapping[str, Any]) -> OperatorLimits:
    _require_known("the file", found, {"aws", "free", "actions", *_TABLES})
    published = found.get("aws", True)
    if not isinstance(published, bool):
        raise LimitsFileError("aws must be true or false")
    free = found.get("free", [])
    if not isinstance(free, list) or not all(isinstance(text, str) for text in free):
        raise LimitsFileError("free must be a list of actions")
    each = {scope: _bound(f"[{name}]", found[name], daily=scope is Scope.KEY) for name, scope in _TABLES.items() if name in found}
    return OperatorLimits(published, _actions(found.get("actions", {})), each, frozenset(map(_action, free)))


def _actions(found: Any) -> Mapping[str, Bound]:
    """By AWS's spelling, of which two in the file may be one."""
    actions: dict[str, Bound] = {}
    for text, bound in _table("[actions]", found).items():
        action = _action(text)
        if action in actions:
            raise LimitsFileError(f"[actions] names {action} twice")
        actions[action] = _bound(f'[actions] "{text}"', bound)
    return actions


def _action(text: str) -> str:
    action = canonical_action(text)
    if action is None:
        raise LimitsFileError(f"there is no action {text}")
    return action


def _bound(where: str, found: Any, *, daily: bool = False) -> Bound:
    table = _table(where, found)
    _require_known(where, table, {"rate", "burst", "daily"} if daily else {"rate", "burst"})
    rate, budget = table.get("rate", 0), table.get("daily", 0)
    if type(rate) not in (int, float) or ("rate" in table and not LOWEST_RATE <= rate <= HIGHEST_RATE):
        raise LimitsFileError(f"{where} rate must be a number from {LOWEST_RATE} to {HIGHEST_RATE:.0f}")
    if type(budget) is not int or ("daily" in table and not 1 <= budget <= 10**12):
        raise LimitsFileError(f"{where} daily must be a whole number from 1 on")
    if not rate and not budget:
        raise LimitsFileError(f"{where} says no rate{' and no daily budget' if daily else ''}")
    burst = table.get("burst", usual_burst(rate))
    if type(burst) is not int or not 1 <= burst <= HIGHEST_RATE:
        raise LimitsFileError(f"{where} burst must be a whole number from 1 on")
    return Bound(float(rate), float(burst), budget)


def usual_burst(rate: float) -> int:
    """How many may come at once where nobody says: a second's worth."""
    return max(1, int(rate))


def _table(where: str, found: Any) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise LimitsFileError(f"{where} must be a table")
    return found


def _require_known(where: str, table: Mapping[str, Any], known: set[str]) -> None:
    for name in table:
        if name not in known:
            raise LimitsFileError(f"{where} says {name}, which means nothing here; known are {', '.join(sorted(known))}")
