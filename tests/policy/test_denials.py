"""How denials are worded."""

from __future__ import annotations

from typing import Any

import pytest
from tests.policy.cases import ACCOUNT, EVERYTHING, NOTHING, OBJECT, OTHER_ACCOUNT, ROLE_ARN, USER_ARN, allow, ask, deny, made_of, trust

from akia import policy
from akia.policy import Decision, Kind, PolicyType

FOR_ALL: dict[str, Any] = {"Principal": "*"}


def words(decision: Decision, **options: Any) -> str:
    return policy.denial_message(decision, principal_arn=USER_ARN, action="s3:GetObject", resource=OBJECT, **options)


def layer(kind: Kind, *statements: Any, name: str = "inline") -> Any:
    return made_of(kind, *statements, name=name)


BEGINNING = f"User: {USER_ARN} is not authorized to perform: s3:GetObject on resource: {OBJECT}"
IMPLICIT: list[tuple[str, dict[str, Any]]] = [
    ("because no service control policy allows the s3:GetObject action", {"scps": (NOTHING,)}),
    ("because no identity-based policy allows the s3:GetObject action", {"identity": NOTHING}),
    ("because no VPC endpoint policy allows the s3:GetObject action", {"endpoint": NOTHING}),
    ("because no permissions boundary allows the s3:GetObject action", {"boundary": NOTHING}),
    ("because no session policy allows the s3:GetObject action", {"session": NOTHING}),
    ("because no resource-based policy allows the s3:GetObject action", {"resource": NOTHING, "owner": OTHER_ACCOUNT}),
]


@pytest.mark.covers("I2.policy.denials")
@pytest.mark.parametrize("reason, layers", IMPLICIT)
def test_p6_1_2_to_8_implicit_denials(reason: str, layers: dict[str, Any]) -> None:
    assert words(ask(**{"identity": EVERYTHING, **layers})) == f"{BEGINNING} {reason}"


EXPLICIT: list[tuple[str, str, Kind, bool]] = [
    ("with an explicit deny in a service control policy", "scps", Kind.SCP, True),
    ("with an explicit deny in a resource control policy", "rcps", Kind.RCP, True),
    ("with an explicit deny in an identity-based policy", "identity", Kind.IDENTITY_MANAGED, True),
    ("with an explicit deny in a permissions boundary", "boundary", Kind.BOUNDARY, True),
    ("with an explicit deny in a session policy", "session", Kind.SESSION, True),
    ("with an explicit deny in a VPC endpoint policy", "endpoint", Kind.ENDPOINT, False),
    ("with an explicit deny in a resource-based policy", "resource", Kind.RESOURCE, False),
]


@pytest.mark.covers("I2.policy.denials")
@pytest.mark.parametrize("reason, field, kind, suffixed", EXPLICIT)
def test_p6_1_2_to_11_explicit_denials_and_their_suffix(reason: str, field: str, kind: Kind, suffixed: bool) -> None:
    named = FOR_ALL if kind.names_principals else {}

    def denied_by(arn: str) -> Decision:
        policies = layer(kind, allow(**named), deny(**named), name=arn)
        layers: dict[str, Any] = {"identity": EVERYTHING, field: (policies,) if field in ("scps", "rcps") else policies}
        return ask(**layers)

    own, foreign, aws = (f"arn:aws:iam::{account}:policy/p" for account in (ACCOUNT, OTHER_ACCOUNT, "aws"))
    assert words(denied_by(own)) == f"{BEGINNING} {reason}"
    assert words(denied_by(own), account=ACCOUNT) == f"{BEGINNING} {reason}" + (f": {own}" if suffixed else "")
    assert words(denied_by(aws), account=ACCOUNT) == f"{BEGINNING} {reason}" + (f": {aws}" if suffixed else "")
    assert words(denied_by(foreign), account=ACCOUNT) == f"{BEGINNING} {reason}"
    assert words(denied_by("an inline one"), account=ACCOUNT) == f"{BEGINNING} {reason}"


def test_p6_1_9_role_trust() -> None:
    def assumed(*statements: Any) -> str:
        asked: dict[str, Any] = {"identity": EVERYTHING, "resource": trust(*statements), "resource_type": PolicyType.TRUST}
        decision = ask(action="sts:AssumeRole", on=ROLE_ARN, **asked)
        return policy.denial_message(decision, principal_arn=USER_ARN, action="sts:AssumeRole", resource=ROLE_ARN)

    beginning = f"User: {USER_ARN} is not authorized to perform: sts:AssumeRole on resource: {ROLE_ARN}"
    assert assumed() == f"{beginning} because no role trust policy allows the sts:AssumeRole action"
    shut = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}
    assert assumed(shut) == f"{beginning} with an explicit deny in the role trust policy"


def test_p6_1_15_s3_quotes_the_resource_and_others_may_leave_it_out() -> None:
    decision = ask(identity=NOTHING)
    assert f'on resource: "{OBJECT}" because' in words(decision, quoted=True)
    bare = policy.denial_message(decision, principal_arn=USER_ARN, action="s3:GetObject", resource=None)
    assert bare == f"{BEGINNING.partition(' on ')[0]} because no identity-based policy allows the s3:GetObject action"


def test_a_decision_without_blame_has_no_reason_and_one_that_allows_no_message() -> None:
    cut_short = Decision(policy.Outcome.IMPLICIT_DENY, "NT-53", None, (), ())
    assert words(cut_short) == BEGINNING
    with pytest.raises(ValueError, match="nothing was denied"):
        words(ask(identity=EVERYTHING))
