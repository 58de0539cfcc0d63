"""The decision tables, row by row: within an account, across accounts, and for callers that have none."""

from __future__ import annotations

from typing import Any

import pytest
from tests.policy.cases import (
    ACCOUNT,
    ANONYMOUS,
    EVERYTHING,
    FEDERATED,
    FEDERATED_ARN,
    NOTHING,
    OTHER_ACCOUNT,
    ROLE_ID,
    ROLE_SESSION,
    ROOT,
    SERVICE,
    SESSION_ARN,
    USER,
    USER_ID,
    allow,
    ask,
    deny,
    identity,
    implicit,
    made_of,
    outcome,
    resource,
)

from akia.policy import Kind, Outcome, PolicySet, PolicyType, Principal, all_of, principal

LINKED = principal.role_session(SESSION_ARN, f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/r", ROLE_ID, ACCOUNT)
SCP_ALLOW, SCP_SILENT = made_of(Kind.SCP, allow()), made_of(Kind.SCP, allow("iam:*"))
RCP_ALLOW = made_of(Kind.RCP, allow(Principal="*"))
FOR_ALL = resource(allow(Principal="*"))


LAYERS: dict[str, tuple[str, Any, PolicyType]] = {
    "identity": ("identity", identity(allow(), deny("s3:*")), PolicyType.IDENTITY),
    "group": ("identity", PolicySet([*EVERYTHING.documents, *identity(deny("s3:*")).documents]), PolicyType.IDENTITY),
    "resource": ("resource", resource(allow(Principal="*"), deny("s3:*", Principal="*")), PolicyType.RESOURCE),
    "boundary": ("boundary", identity(allow(), deny("s3:*")), PolicyType.BOUNDARY),
    "session": ("session", identity(allow(), deny("s3:*")), PolicyType.SESSION),
    "ceiling": ("ceiling", made_of(Kind.CEILING, allow(), deny("s3:*")), PolicyType.CEILING),
    "scp": ("scps", (SCP_ALLOW, made_of(Kind.SCP, allow(), deny("s3:*"))), PolicyType.SCP),
    "rcp": ("rcps", (RCP_ALLOW, made_of(Kind.RCP, allow(Principal="*"), deny("s3:*", Principal="*"))), PolicyType.RCP),
    "endpoint": ("endpoint", made_of(Kind.ENDPOINT, allow(Principal="*"), deny("s3:*", Principal="*")), PolicyType.ENDPOINT),
}
ALL_ALLOW: dict[str, Any] = {
    "identity": EVERYTHING,
    "boundary": EVERYTHING,
    "session": EVERYTHING,
    "ceiling": EVERYTHING,
    "scps": (SCP_ALLOW, SCP_ALLOW),
    "rcps": (RCP_ALLOW,),
    "resource": FOR_ALL,
    "endpoint": made_of(Kind.ENDPOINT, allow(Principal="*")),
}


@pytest.mark.parametrize("owner", [ACCOUNT, OTHER_ACCOUNT])
@pytest.mark.parametrize("layer", LAYERS)
def test_nt_65_a_deny_in_one_layer_beats_every_allow(layer: str, owner: str) -> None:
    field, policies, blamed = LAYERS[layer]
    assert ask(owner=owner, **ALL_ALLOW).allowed
    denied = ask(owner=owner, **(ALL_ALLOW | {field: policies}))
    assert outcome(denied) == (Outcome.EXPLICIT_DENY, "P1.3-1", blamed)
    assert denied.blamed_policy == "test"
    assert [ref.position for ref in denied.determining] == [0 if layer == "group" else 1]


def test_nt_65_scps_bind_the_root_of_a_member_account_and_spare_the_management_account_and_service_linked_roles() -> None:
    closed: dict[str, Any] = {"scps": (SCP_ALLOW, SCP_SILENT), "identity": EVERYTHING}
    assert outcome(ask(ROOT, **closed)) == implicit("P1.3-3", PolicyType.SCP)
    for caller in (USER, ROLE_SESSION, FEDERATED):
        assert outcome(ask(caller, **closed)) == implicit("P1.3-3", PolicyType.SCP)
    assert ask(ROOT, management=ACCOUNT, **closed).allowed
    assert ask(USER, management=ACCOUNT, **closed).allowed
    assert ask(LINKED, **closed).allowed
    for caller in (ANONYMOUS, SERVICE):
        assert ask(caller, resource=FOR_ALL, **closed).allowed


def test_nt_65_rcps_spare_the_resources_of_the_management_account_and_not_its_principals() -> None:
    closed: dict[str, Any] = {
        "rcps": (made_of(Kind.RCP, allow(Principal="*"), deny(Principal="*")),),
        "identity": EVERYTHING,
        "resource": FOR_ALL,
    }
    assert ask(management=ACCOUNT, **closed).allowed
    assert not ask(management=ACCOUNT, owner=OTHER_ACCOUNT, **closed).allowed
    assert ask(management=OTHER_ACCOUNT, owner=OTHER_ACCOUNT, **closed).allowed
    assert ask(LINKED, **closed).allowed
    for caller in (USER, ROOT, ANONYMOUS, SERVICE):
        assert outcome(ask(caller, **closed)) == (Outcome.EXPLICIT_DENY, "P1.3-1", PolicyType.RCP)


def test_p1_3_2_a_level_without_rcp_allow_denies() -> None:
    assert outcome(ask(identity=EVERYTHING, rcps=(RCP_ALLOW, NOTHING))) == implicit("P1.3-2", PolicyType.RCP)


def test_nt_76_documents_of_a_level_unite_and_levels_intersect() -> None:
    deny_only = made_of(Kind.SCP, deny("s3:DeleteBucket"))
    level = PolicySet([*SCP_ALLOW.documents, *deny_only.documents])
    scps = (SCP_ALLOW, level)
    assert ask(action="s3:GetObject", identity=EVERYTHING, scps=scps).allowed
    deleted = ask(action="s3:DeleteBucket", identity=EVERYTHING, scps=scps)
    assert outcome(deleted) == (Outcome.EXPLICIT_DENY, "P1.3-1", PolicyType.SCP)
    assert outcome(ask(identity=EVERYTHING, scps=(SCP_ALLOW, deny_only))) == implicit("P1.3-3", PolicyType.SCP)
    halves = (made_of(Kind.SCP, allow("s3:*")), made_of(Kind.SCP, allow("iam:*")))
    assert not ask(action="s3:GetObject", identity=EVERYTHING, scps=halves).allowed
    united = PolicySet(document for half in halves for document in half.documents)
    assert ask(action="s3:GetObject", identity=EVERYTHING, scps=(united,)).allowed


@pytest.mark.covers("I2.policy.layers")
@pytest.mark.parametrize("caller", [USER, ROLE_SESSION, FEDERATED])
def test_nt_64_without_a_policy_that_allows_everything_is_denied(caller: Principal) -> None:
    for empty in (NOTHING, identity(), identity(allow("iam:*")), PolicySet(identity().documents * 3)):
        assert outcome(ask(caller, identity=empty)) == implicit("P1.3-7", PolicyType.IDENTITY)
    assert outcome(ask(ANONYMOUS)) == implicit("P1.5-2", PolicyType.RESOURCE)


def test_p1_3_14_an_endpoint_policy_binds_everybody_who_comes_through_it() -> None:
    silent = made_of(Kind.ENDPOINT, allow("iam:*", Principal="*"))
    for caller in (USER, ROOT, ANONYMOUS, SERVICE):
        for owner in (ACCOUNT, OTHER_ACCOUNT):
            decision = ask(caller, owner=owner, identity=EVERYTHING, resource=FOR_ALL, endpoint=silent)
            assert outcome(decision) == implicit("P1.3-14", PolicyType.ENDPOINT)
            assert ask(caller, owner=owner, identity=EVERYTHING, resource=FOR_ALL).allowed


@pytest.mark.covers("O4")
@pytest.mark.parametrize("owner", [ACCOUNT, OTHER_ACCOUNT])
@pytest.mark.parametrize("caller", [USER, ROOT, ROLE_SESSION])
def test_o4_a_ceiling_binds_whoever_uses_the_key_whatever_the_resource_grants(caller: Principal, owner: str) -> None:
    silent = made_of(Kind.CEILING, allow("iam:*"))
    decision = ask(caller, owner=owner, identity=EVERYTHING, resource=FOR_ALL, ceiling=silent)
    assert outcome(decision) == implicit("O4", PolicyType.CEILING)
    assert ask(caller, owner=owner, identity=EVERYTHING, resource=FOR_ALL, ceiling=EVERYTHING).allowed


def test_p1_3_8_and_9_boundary_and_session_policies_limit() -> None:
    assert outcome(ask(identity=EVERYTHING, boundary=NOTHING)) == implicit("P1.3-8", PolicyType.BOUNDARY)
    assert outcome(ask(ROLE_SESSION, identity=EVERYTHING, session=NOTHING)) == implicit("P1.3-9", PolicyType.SESSION)
    assert outcome(ask(FEDERATED, identity=EVERYTHING)) == implicit("P1.3-10", PolicyType.SESSION)
    assert ask(FEDERATED, identity=EVERYTHING, session=EVERYTHING).allowed
    assert outcome(ask(identity=NOTHING, boundary=EVERYTHING, session=EVERYTHING)) == implicit("P1.3-7", PolicyType.IDENTITY)


def test_p1_3_12_root_has_no_identity_policies_and_no_boundary_but_heeds_denials() -> None:
    assert ask(ROOT, identity=identity(deny()), boundary=NOTHING).allowed
    assert not ask(ROOT, resource=resource(deny(Principal={"AWS": ACCOUNT}))).allowed
    assert not ask(ROOT, owner=OTHER_ACCOUNT).allowed
    assert ask(ROOT, owner=OTHER_ACCOUNT, resource=resource(allow(Principal={"AWS": ACCOUNT}))).allowed


def test_p1_3_12_an_assumed_root_is_limited_by_its_task_policy_on_every_path() -> None:
    task = identity(allow("iam:*"))
    for granted in (None, FOR_ALL):
        assert outcome(ask(ROOT, session=task, resource=granted)) == implicit("P1.3-12", PolicyType.SESSION)
        assert ask(ROOT, "iam:GetUser", session=task, resource=granted).allowed
    assert outcome(ask(ROOT, owner=OTHER_ACCOUNT, session=task, resource=FOR_ALL)) == implicit("P1.3-9", PolicyType.SESSION)


GRANTS: list[tuple[str, Principal, Any, tuple[bool, bool]]] = [
    # who is named, caller, Principal, allowed with (a silent boundary, a silent session policy); identity is silent
    ("user", USER, {"AWS": USER_ID}, (True, True)),
    ("user, for its federated session", FEDERATED, {"AWS": USER_ID}, (False, False)),
    ("role", ROLE_SESSION, {"AWS": ROLE_ID}, (False, False)),
    ("session", ROLE_SESSION, {"AWS": SESSION_ARN}, (True, True)),
    ("federated user", FEDERATED, {"AWS": FEDERATED_ARN}, (True, True)),
    ("account", USER, {"AWS": ACCOUNT}, (False, False)),
    (":root", ROLE_SESSION, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, (False, False)),
    ("everybody", ROLE_SESSION, "*", (True, True)),
    ("everybody by account", FEDERATED, {"AWS": "*"}, (True, True)),
]


@pytest.mark.parametrize("caller, named, expected", [row[1:] for row in GRANTS], ids=[row[0] for row in GRANTS])
def test_nt_81_resource_grants_against_boundary_and_session_policy(caller: Principal, named: Any, expected: tuple[bool, bool]) -> None:
    granted, denying = resource(allow(Principal=named)), identity(deny())
    boundary = ask(caller, resource=granted, boundary=NOTHING, session=EVERYTHING)
    session = ask(caller, resource=granted, session=NOTHING)
    assert (boundary.allowed, session.allowed) == expected
    assert not ask(caller, resource=granted, boundary=denying).allowed
    assert not ask(caller, resource=granted, session=denying).allowed


def test_p1_4_6_a_grant_to_the_account_needs_an_identity_policy_and_one_to_an_entity_does_not() -> None:
    to_account = resource(allow(Principal={"AWS": ACCOUNT}))
    assert outcome(ask(resource=to_account)) == implicit("P1.3-7", PolicyType.IDENTITY)
    assert ask(resource=to_account, identity=EVERYTHING).allowed
    to_role = resource(allow(Principal={"AWS": ROLE_ID}))
    assert outcome(ask(ROLE_SESSION, resource=to_role))[:2] == (Outcome.ALLOW, "P1.3-11")
    assert outcome(ask(USER, resource=resource(allow(Principal={"AWS": USER_ID}))))[:2] == (Outcome.ALLOW, "P1.3-4")


def test_nt_82_a_mandatory_resource_policy_that_names_nobody_denies() -> None:
    for caller in (USER, ROOT):
        for policies in (None, resource(allow(Principal={"AWS": OTHER_ACCOUNT}))):
            decision = ask(caller, identity=EVERYTHING, resource=policies, resource_required=True)
            assert outcome(decision) == implicit("P1.3-6", PolicyType.RESOURCE)
    assert ask(identity=EVERYTHING, resource=resource(allow(Principal={"AWS": ACCOUNT})), resource_required=True).allowed


@pytest.mark.covers("I2.policy.layers")
def test_p1_1_3_the_facts_name_every_layer_that_applies() -> None:
    decision = ask(**ALL_ALLOW)
    types = [finding.type for finding in decision.facts]
    assert types == [
        PolicyType.SCP,
        PolicyType.SCP,
        PolicyType.RCP,
        PolicyType.ENDPOINT,
        PolicyType.IDENTITY,
        PolicyType.BOUNDARY,
        PolicyType.SESSION,
        PolicyType.CEILING,
        PolicyType.RESOURCE,
    ]
    assert all(finding.allows and not finding.denied_by for finding in decision.facts)


@pytest.mark.covers("I2.policy.decisions")
def test_every_matching_statement_is_named_when_asked_for() -> None:
    policies = identity(allow("s3:*", Sid="One"), allow("iam:*", Sid="Two"), allow("*", Sid="Three"))
    assert [ref.sid for ref in ask(identity=policies).determining] == ["One"]
    named = ask(identity=policies, every=True)
    assert [(ref.policy, ref.sid, ref.position) for ref in named.determining] == [("test", "One", 0), ("test", "Three", 2)]
    denials = identity(deny(Sid="A"), allow(), deny(Sid="B"))
    assert [ref.sid for ref in ask(identity=denials, every=True).determining] == ["A", "B"]
    grants = resource(allow(Principal={"AWS": ACCOUNT}, Sid="weak"), allow(Principal="*", Sid="strong"))
    assert [ref.sid for ref in ask(resource=grants, every=True).determining] == ["strong", "weak"]
    assert [ref.sid for ref in ask(resource=grants).determining] == ["strong"]


def test_p2_2_7_several_decisions_must_all_allow() -> None:
    allowed = ask(identity=EVERYTHING)
    silent = ask(identity=NOTHING)
    denied = ask(identity=identity(deny()))
    assert all_of([allowed, allowed]).allowed
    assert all_of([allowed, silent]) is silent
    assert all_of([silent, allowed, denied]) is denied
    with pytest.raises(ValueError, match="nothing"):
        all_of([])
