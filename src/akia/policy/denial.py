"""How AWS words a denial (P6.1)."""

from __future__ import annotations

from akia.policy.decision import Decision, Outcome
from akia.policy.kind import PolicyType

_NAMED_AFTERWARDS = frozenset({PolicyType.SCP, PolicyType.RCP, PolicyType.IDENTITY, PolicyType.SESSION, PolicyType.BOUNDARY})


def denial_message(
    decision: Decision,
    *,
    principal_arn: str,
    action: str,
    resource: str | None,
    account: str | None = None,
    quoted: bool = False,
) -> str:
    """The message of a denied request.

    `principal_arn`: of the user, session, federated user or root (P6.1-1). `resource`: its ARN, or None to leave it out; `quoted` as S3
    writes it (P6.1-15). `account`: the caller's; given, an explicit denial by a policy of that account ends with the policy's ARN
    (P6.1-11, contested: `deny_suffix_is_colon_arn`, `deny_suffix_never_cross_account`). Raises ValueError for a decision that allows.
    """
    if decision.allowed:
        raise ValueError("nothing was denied")
    concerned = "" if resource is None else f' on resource: "{resource}"' if quoted else f" on resource: {resource}"
    return f"User: {principal_arn} is not authorized to perform: {action}{concerned}{_reason(decision, action)}{_suffix(decision, account)}"


def _reason(decision: Decision, action: str) -> str:
    """P6.1-2 to P6.1-9; contested: `scp_missing_allow_wording`."""
    match decision.blamed, decision.outcome:
        case None, _:
            return ""
        case PolicyType.TRUST, Outcome.EXPLICIT_DENY:
            return " with an explicit deny in the role trust policy"
        case blamed, Outcome.EXPLICIT_DENY:
            return f" with an explicit deny in {_article(blamed)} {blamed}"
        case blamed, _:
            return f" because no {blamed} allows the {action} action"


def _article(blamed: PolicyType) -> str:
    return "an" if blamed in {PolicyType.IDENTITY, PolicyType.CEILING} else "a"


def _suffix(decision: Decision, account: str | None) -> str:
    policy = decision.blamed_policy
    if policy is not None and decision.blamed is PolicyType.CEILING:
        return f": {policy}"  # O4: who holds the key is told which restriction it was
    if policy is None or account is None or decision.blamed not in _NAMED_AFTERWARDS:
        return ""
    parts = policy.split(":", 5)
    return f": {policy}" if len(parts) == 6 and parts[0] == "arn" and parts[4] in {account, "aws"} else ""
