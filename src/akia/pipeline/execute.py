"""Do what was granted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.operation import Operation
    from akia.pipeline.authorize import Grant


def execute(operation: Operation, grant: Grant) -> Mapping[str, Any]:
    """The result of `operation`, which must be the one that `grant` was given for. Raises the operation's refusals."""
    if operation is not grant.call.operation:
        raise AssertionError("a grant cannot be spent on another operation")
    return operation.body(grant.context, grant.prepared) or {}
