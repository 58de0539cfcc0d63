"""Role trust and other accounts: both sides must agree, and a denial blames the right one."""

from __future__ import annotations

from typing import Any

import pytest
from tests.policy.cases import (
    ACCOUNT,
    ANONYMOUS,
    EVERYTHING,
    FEDERATED,
    NOTHING,
    OTHER_ACCOUNT,
    ROLE_ARN,
    ROLE_SESSION,
    SAML,
    SAML_ARN,
    SERVICE,
    USER,
    USER_ARN,
    USER_ID,
    WEB_IDENTITY,
    Verdict,
    allow,
    ask,
    deny,
    identity,
    implicit,
    outcome,
    resource,
    trust,
)

from akia.policy import Decision, Outcome, PolicySet, PolicyType, Principal

FOR_ALL = resource(allow(Principal="*"))


def assume(caller: Principal, trusted: PolicySet | None, policies: PolicySet, owner: str = ACCOUNT, **context: str) -> Decision:
    layers: dict[str, Any] = {"identity": policies, "resource": trusted, "resource_type": PolicyType.TRUST}
    role = ROLE_ARN if owner == ACCOUNT else ROLE_ARN.replace(ACCOUNT, owner)
    return ask(caller, "sts:AssumeRole", role, {f"sts:{key}": value for key, value in context.items()}, owner=owner, **layers)


def trusting(named: Any, **more: Any) -> PolicySet:
    return trust({"Effect": "Allow", "Principal": named, "Action": "sts:AssumeRole", **more})


@pytest.mark.covers("I2.policy.layers")
def test_nt_80_trust_within_an_account() -> None:
    by_name, by_account, silent = trusting({"AWS": USER_ID}), trusting({"AWS": ACCOUNT}), trusting({"AWS": OTHER_ACCOUNT})
    assert assume(USER, by_name, NOTHING).allowed
    assert outcome(assume(USER, by_account, NOTHING)) == implicit("P1.3-7", PolicyType.IDENTITY)
    assert assume(USER, by_account, EVERYTHING).allowed
    for trusted in (silent, None, NOTHING):
        assert outcome(assume(USER, trusted, EVERYTHING)) == implicit("P1.3-6", PolicyType.TRUST)


def test_nt_80_trust_across_accounts_needs_both_sides() -> None:
    for named in (USER_ID, ACCOUNT):
        assert assume(USER, trusting({"AWS": named}), EVERYTHING, OTHER_ACCOUNT).allowed
        assert not assume(USER, trusting({"AWS": named}), NOTHING, OTHER_ACCOUNT).allowed
    assert outcome(assume(USER, trusting({"AWS": OTHER_ACCOUNT}), EVERYTHING, OTHER_ACCOUNT)) == implicit("P1.5-7c", PolicyType.TRUST)


def test_nt_80_an_unmet_trust_condition_is_silence() -> None:
    trusted = trusting({"AWS": USER_ID}, Condition={"StringEquals": {"sts:ExternalId": "secret"}})
    assert assume(USER, trusted, EVERYTHING, externalid="secret").allowed
    for context in ({}, {"externalid": ""}, {"externalid": "Secret"}):
        assert outcome(assume(USER, trusted, EVERYTHING, **context)) == implicit("P1.3-6", PolicyType.TRUST)


def test_p1_7_3_a_role_does_not_trust_itself() -> None:
    assert not assume(ROLE_SESSION, trusting({"AWS": USER_ID}), EVERYTHING).allowed


@pytest.mark.parametrize(
    "caller, named",
    [
        (SERVICE, {"Service": "cloudtrail.amazonaws.com"}),
        (WEB_IDENTITY, {"Federated": "accounts.google.com"}),
        (SAML, {"Federated": SAML_ARN}),
    ],
)
def test_p1_4_8_a_grant_to_callers_without_an_account_is_complete(caller: Principal, named: Any) -> None:
    assert assume(caller, trusting(named), NOTHING).allowed
    for other in ({"Service": "ec2.amazonaws.com"}, {"Federated": "other.example.com"}, {"AWS": ACCOUNT}):
        assert outcome(assume(caller, trusting(other), EVERYTHING)) == implicit("P1.5-2", PolicyType.TRUST)


ACROSS: list[tuple[str, Any, Any, Verdict]] = [
    ("P1.5-7a", NOTHING, allow(Principal={"AWS": ACCOUNT}), implicit("P1.5-7a", PolicyType.RESOURCE)),
    ("P1.5-7b", NOTHING, allow(Principal={"AWS": USER_ID}), implicit("P1.5-7b", PolicyType.IDENTITY)),
    ("P1.5-7c", EVERYTHING, None, implicit("P1.5-7c", PolicyType.RESOURCE)),
    ("P1.5-7d", NOTHING, None, implicit("P1.5-7d", PolicyType.RESOURCE)),
    ("P1.5-7e", identity(deny()), deny(Principal="*"), (Outcome.EXPLICIT_DENY, "P1.3-1", PolicyType.IDENTITY)),
    ("P1.5-7f", EVERYTHING, deny(Principal="*"), (Outcome.EXPLICIT_DENY, "P1.3-1", PolicyType.RESOURCE)),
    ("P1.5-7f", NOTHING, deny(Principal="*"), (Outcome.EXPLICIT_DENY, "P1.3-1", PolicyType.RESOURCE)),
    ("P1.5-2", EVERYTHING, allow(Principal={"AWS": ACCOUNT}), (Outcome.ALLOW, "P1.5-2", None)),
]


@pytest.mark.parametrize("_, policies, statement, expected", ACROSS)
def test_p1_5_7_who_is_blamed_across_accounts(_: str, policies: PolicySet, statement: Any, expected: Verdict) -> None:
    granted = resource(statement) if statement else NOTHING
    assert outcome(ask(owner=OTHER_ACCOUNT, identity=policies, resource=granted)) == expected


def test_p1_5_1_across_accounts_a_grant_replaces_nothing() -> None:
    across: dict[str, Any] = {"owner": OTHER_ACCOUNT, "identity": EVERYTHING, "resource": FOR_ALL}
    assert outcome(ask(boundary=NOTHING, **across)) == implicit("P1.3-8", PolicyType.BOUNDARY)
    assert outcome(ask(ROLE_SESSION, session=NOTHING, **across)) == implicit("P1.3-9", PolicyType.SESSION)
    assert outcome(ask(FEDERATED, **across)) == implicit("P1.3-10", PolicyType.SESSION)


def test_p1_5_3_partitions_are_worlds_apart() -> None:
    elsewhere = "arn:aws-cn:s3:::bucket/key"
    decision = ask(on=elsewhere, owner=OTHER_ACCOUNT, identity=EVERYTHING, resource=FOR_ALL)
    assert outcome(decision) == implicit("P1.5-3", PolicyType.RESOURCE)


def test_p1_5_4_a_resource_without_a_policy_cannot_be_shared() -> None:
    assert not ask(owner=OTHER_ACCOUNT, identity=EVERYTHING).allowed
    assert ask(owner=None, identity=EVERYTHING).allowed


def test_nt_89_anonymous_callers_are_nobodys_account_and_heed_denials() -> None:
    public = allow(Principal="*")
    assert ask(ANONYMOUS, resource=resource(public)).allowed
    assert not ask(ANONYMOUS, resource=resource(public, deny(Principal="*"))).allowed
    for named in ({"AWS": ACCOUNT}, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {"AWS": USER_ID}):
        assert not ask(ANONYMOUS, resource=resource(allow(Principal=named))).allowed
    by_arn = allow(Principal="*", Condition={"StringNotEquals": {"aws:PrincipalArn": USER_ARN}, "Null": {"aws:PrincipalArn": "false"}})
    assert not ask(ANONYMOUS, resource=resource(by_arn)).allowed
