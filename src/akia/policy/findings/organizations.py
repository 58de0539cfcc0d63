"""What the policies of an organization may not say (P1.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.aws.rcp_services import RCP_SERVICES
from akia.policy.findings.finding import Found, PolicyType, found
from akia.policy.findings.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from akia.policy.findings.draft import Statement

rules = Rules()


@rules.statement("SCP_SYNTAX_ERROR_PRINCIPAL", "UNSUPPORTED_PRINCIPAL")
def principal(statement: Statement) -> Iterator[Found]:
    """P1.6-2, P5.2-9."""
    codes = {PolicyType.SCP: "SCP_SYNTAX_ERROR_PRINCIPAL", PolicyType.IDENTITY: "UNSUPPORTED_PRINCIPAL"}
    code = codes.get(statement.draft.type)
    for name in ("Principal", "NotPrincipal"):
        if code and name in statement.members:
            yield found(code, statement.name_of(name), type=statement.draft.type.value)


@rules.statement("RCP_SYNTAX_ERROR_ACTION", "RCP_SYNTAX_ERROR_ALLOW", "RCP_SYNTAX_ERROR_NOTACTION", "RCP_SYNTAX_ERROR_PRINCIPAL")
def rcp(statement: Statement) -> Iterator[Found]:
    """P1.6-3."""
    if statement.draft.type is not PolicyType.RCP:
        return
    if statement.allows:
        yield found("RCP_SYNTAX_ERROR_ALLOW", statement.at("Effect"))
    if "NotAction" in statement.members:
        yield found("RCP_SYNTAX_ERROR_NOTACTION", statement.name_of("NotAction"))
    if "NotPrincipal" in statement.members:
        yield found("RCP_SYNTAX_ERROR_PRINCIPAL", statement.name_of("NotPrincipal"))
    if "Principal" in statement.members and statement.members["Principal"] not in ("*", {"AWS": "*"}, {"AWS": ["*"]}):
        yield found("RCP_SYNTAX_ERROR_PRINCIPAL", statement.at("Principal"))
    for action in statement.texts("Action"):
        if action.text != "*" and action.text.partition(":")[0].lower() not in RCP_SERVICES:
            yield found("RCP_SYNTAX_ERROR_ACTION", action.place, action=action.text)
