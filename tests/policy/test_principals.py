"""Whom a statement names: callers and their names, NotPrincipal, and ids in place of ARNs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.policy.cases import (
    ACCOUNT,
    EVERYTHING,
    FEDERATED,
    FEDERATED_ARN,
    OTHER_ACCOUNT,
    ROLE_ARN,
    ROLE_ID,
    ROLE_SESSION,
    ROOT,
    SERVICE,
    SESSION_ARN,
    USER,
    USER_ARN,
    USER_ID,
    WEB_IDENTITY,
    allow,
    ask,
    deny,
    identity,
    resource,
    text,
)

from akia import policy
from akia.aws.errors import MalformedPolicyDocument
from akia.policy import Kind, Principal, principal


def hit(caller: Principal, element: str, named: Any, **layers: Any) -> bool:
    """Whether a Deny with this element hits a caller who may do everything otherwise."""
    statements = allow(Principal="*"), deny(**{element: named})
    return not ask(caller, identity=EVERYTHING, session=EVERYTHING, resource=resource(*statements), **layers).allowed


def granted(caller: Principal, named: Any) -> bool:
    return ask(caller, resource=resource(allow(Principal=named)), session=EVERYTHING).allowed


def test_nt_78_a_role_stands_for_all_its_sessions_and_a_session_for_itself() -> None:
    other_session = principal.role_session(SESSION_ARN.replace("monday", "tuesday"), ROLE_ARN, ROLE_ID, ACCOUNT)
    namesake = principal.role_session(
        SESSION_ARN.replace(ACCOUNT, OTHER_ACCOUNT), ROLE_ARN.replace(ACCOUNT, OTHER_ACCOUNT), "AROAOTHER", OTHER_ACCOUNT
    )
    for session in (ROLE_SESSION, other_session):
        assert granted(session, {"AWS": ROLE_ID})
        assert hit(session, "Principal", {"AWS": ROLE_ID})
    assert [granted(session, {"AWS": SESSION_ARN}) for session in (ROLE_SESSION, other_session, namesake)] == [True, False, False]
    assert [hit(session, "Principal", {"AWS": SESSION_ARN}) for session in (ROLE_SESSION, other_session)] == [True, False]
    assert not granted(namesake, {"AWS": ROLE_ID})


def test_nt_36_an_arn_left_in_a_stored_document_grants_nothing_and_still_denies() -> None:
    for caller, arn in ((USER, USER_ARN), (ROLE_SESSION, ROLE_ARN), (FEDERATED, USER_ARN)):
        assert not granted(caller, {"AWS": arn})
        assert hit(caller, "Principal", {"AWS": arn})
    reborn = principal.user(USER_ARN, "AIDAREBORNREBORNREBO1", ACCOUNT)
    assert not granted(reborn, {"AWS": USER_ID})


def test_p2_3_11_a_deny_on_a_user_hits_its_federated_sessions() -> None:
    assert hit(FEDERATED, "Principal", {"AWS": USER_ID})
    assert not hit(FEDERATED, "Principal", {"AWS": "AIDASOMEBODYELSE"})


def test_p2_3_2_an_account_stands_for_all_its_principals_in_both_spellings() -> None:
    for spelling in (ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root"):
        for caller in (USER, ROLE_SESSION, FEDERATED, ROOT):
            assert hit(caller, "Principal", {"AWS": spelling})
        assert not hit(SERVICE, "Principal", {"AWS": spelling})
    assert not hit(USER, "Principal", {"AWS": OTHER_ACCOUNT})


def test_p2_3_10_names_are_compared_in_their_letter_case() -> None:
    assert not granted(USER, {"AWS": USER_ID.lower()})
    assert not granted(ROLE_SESSION, {"AWS": SESSION_ARN.replace("monday", "Monday")})


def test_p2_3_8_a_canonical_user_is_an_account() -> None:
    canonical = "a" * 64
    caller = principal.user(USER_ARN, USER_ID, ACCOUNT, canonical_user=canonical)
    layer = resource(allow(Principal={"CanonicalUser": canonical}))
    assert ask(caller, resource=layer, identity=EVERYTHING, resource_required=True).allowed
    assert not ask(USER, resource=layer, identity=EVERYTHING, resource_required=True).allowed


def test_p2_3_9_entries_of_a_principal_are_alternatives() -> None:
    assert granted(USER, {"Service": "x.amazonaws.com", "AWS": [OTHER_ACCOUNT, USER_ID]})


def test_a_star_does_not_let_token_bearers_in_but_a_denied_star_shuts_them_out() -> None:
    trusting = {"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": "accounts.google.com"}}
    everybody = trusting | {"Principal": "*"}
    shut = everybody | {"Effect": "Deny"}

    def assumed(*statements: Any) -> bool:
        layer = policy.PolicySet([policy.compile(text(*statements), Kind.TRUST, policy="trust")])
        action, trust = "sts:AssumeRoleWithWebIdentity", policy.PolicyType.TRUST
        return ask(WEB_IDENTITY, action, ROLE_ARN, resource=layer, resource_type=trust).allowed

    assert assumed(trusting)
    assert not assumed(everybody)
    assert not assumed(trusting, shut)


CHAINS: list[tuple[Principal, list[str]]] = [
    (USER, [USER_ID, ACCOUNT]),
    (ROLE_SESSION, [SESSION_ARN, ROLE_ID, f"arn:aws:iam::{ACCOUNT}:root"]),
    (FEDERATED, [FEDERATED_ARN, USER_ID, ACCOUNT]),
    (ROOT, [ACCOUNT]),
]


@pytest.mark.parametrize("caller, chain", CHAINS)
def test_p1_9_2_only_a_whole_chain_escapes_a_deny_with_not_principal(caller: Principal, chain: list[str]) -> None:
    assert not hit(caller, "NotPrincipal", {"AWS": chain})
    for missing in chain:
        assert hit(caller, "NotPrincipal", {"AWS": [name for name in chain if name != missing] or [OTHER_ACCOUNT]})


def test_p1_9_2_services_and_everybody() -> None:
    assert not hit(SERVICE, "NotPrincipal", {"Service": "cloudtrail.amazonaws.com"})
    assert hit(SERVICE, "NotPrincipal", {"Service": "ec2.amazonaws.com"})
    assert not hit(USER, "NotPrincipal", "*")


def test_p1_9_3_a_boundary_always_falls_under_a_deny_with_not_principal() -> None:
    assert hit(USER, "NotPrincipal", {"AWS": [USER_ID, ACCOUNT]}, boundary=EVERYTHING)
    assert hit(USER, "NotPrincipal", "*", boundary=EVERYTHING)


def test_nt_51_a_stored_allow_with_not_principal_never_allows() -> None:
    assert not ask(resource=resource(allow(NotPrincipal={"AWS": OTHER_ACCOUNT}))).allowed
    assert ask(resource=resource(allow(NotPrincipal={"AWS": OTHER_ACCOUNT})), identity=identity(allow())).allowed


WRITTEN = """{
  "Version": "2012-10-17",
  "Statement": [ { "Effect": "Deny", "NotPrincipal": {"AWS": ["%(user)s", "%(account)s"]}, "Action": "s3:*", "Resource": "*",
      "Condition": {"ArnEquals": {"aws:PrincipalArn": "%(user)s", "x:AWS": ["%(user)s"]}} },
    { "Sid" : "}\\"%(user)s", "Effect":"Allow",
      "Principal":{"Service":"x.amazonaws.com","AWS" : "arn:aws:iam::111122223333:r\\u006fle/app/builder"},
      "Action":"s3:*", "Resource":["*"] } ]
}"""
NAMES = {USER_ARN: USER_ID, ROLE_ARN: ROLE_ID}


def test_p1_7_5_saving_puts_ids_in_place_of_arns_and_reading_puts_them_back() -> None:
    written = WRITTEN % {"user": USER_ARN, "account": ACCOUNT}
    stored = policy.principals_to_ids(written, NAMES.get)
    first, second = json.loads(stored)["Statement"]
    assert first["NotPrincipal"] == {"AWS": [USER_ID, ACCOUNT]}
    assert first["Condition"] == json.loads(written)["Statement"][0]["Condition"]
    assert second["Sid"] == f'}}"{USER_ARN}'
    assert second["Principal"] == {"Service": "x.amazonaws.com", "AWS": ROLE_ID}
    assert policy.principals_to_arns(stored, {value: key for key, value in NAMES.items()}.get) == written.replace("r\\u006fle", "role")
    dead = json.loads(policy.principals_to_arns(stored, {ROLE_ID: ROLE_ARN}.get))
    assert dead["Statement"][0]["NotPrincipal"]["AWS"] == [USER_ID, ACCOUNT]


def test_p1_7_6_a_principal_that_does_not_exist_cannot_be_saved() -> None:
    with pytest.raises(MalformedPolicyDocument) as refused:
        policy.principals_to_ids(text({"Effect": "Allow", "Principal": {"AWS": USER_ARN}, "Action": "sts:AssumeRole"}), lambda _: None)
    assert refused.value.message == f'Invalid principal in policy: "AWS":"{USER_ARN}"'


def refuse(arn: str) -> str:
    raise AssertionError(arn)


def test_other_principals_are_never_looked_up() -> None:
    named = {"AWS": ["*", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", SESSION_ARN, FEDERATED_ARN], "Service": "x.amazonaws.com"}
    written = text({"Effect": "Allow", "Principal": named, "Action": "sts:AssumeRole"})
    assert policy.principals_to_ids(written, refuse) == written
    bare = text({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"})
    assert policy.principals_to_ids(bare, refuse) == bare


@pytest.mark.parametrize("caller", [USER, ROLE_SESSION, ROOT, FEDERATED])
@pytest.mark.parametrize("named", ["*", USER_ID, SESSION_ARN, ROLE_ID, FEDERATED_ARN, ACCOUNT])
def test_si17_6_of_a_limited_caller_nothing_is_granted_past_its_session_policies(caller: Principal, named: str) -> None:
    assert principal.limited(caller).heeded == caller.heeded
    layers: dict[str, Any] = {"resource": resource(allow(Principal={"AWS": named})), "identity": EVERYTHING}
    for limits in ("session",) if caller is ROOT else ("session", "boundary"):  # root has no boundary
        silent: dict[str, Any] = {limits: identity(allow(Action="none:*"))}
        assert not ask(principal.limited(caller), **layers, **silent).allowed
    assert ask(principal.limited(caller), **layers, session=EVERYTHING).allowed
