"""Short ways to write policies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


def statement(effect: str, actions: Sequence[str] | str, resources: Sequence[str] | str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": actions, "Resource": resources} | more


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allowing(actions: Sequence[str] | str, resources: Sequence[str] | str = "*", **more: Any) -> str:
    """A policy of one statement that allows."""
    return document(statement("Allow", actions, resources, **more))


def trusting(condition: dict[str, Any] | None = None, **principal: str) -> str:
    """A trust policy of one statement."""
    trust: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return document(trust | ({"Condition": condition} if condition else {}))
