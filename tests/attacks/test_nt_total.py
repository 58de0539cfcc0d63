"""NT-40: the action that an operation asks for is the one that AWS documents for it, and no other, for every operation there is."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from tests.attacks.every_operation import SERVICES
from tests.attacks.implemented import ROLE, Implemented, implemented
from tests.conftest import World, policy
from tests.organization import World as Organization

from akia.operation import Access, Action
from akia.services import every_service
from akia.testing.in_process import ACCOUNT
from tools import parity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tests.conftest import Person

PROVEN_OTHERWISE = {("sts", "AssumeRoleWithSAML"), ("sts", "AssumeRoleWithWebIdentity")}
"""Unsigned in the model: a token or an assertion proves who asks (W3.8)."""
ALWAYS_ALLOWED = {("sts", "GetCallerIdentity"), ("sts", "GetSessionToken")}
"""What needs no permission, and what not even an explicit Deny stops (P1.7-11). There is nothing to hold or to lack."""

REFUSED_AFTERWARDS = {("sts", "AssumeRoot")}
"""Policies allowed it, and yet it is AccessDenied: the organization has not enabled root sessions."""

SECONDARY = {
    ("iam", "CreateInstanceProfile"): {"iam:TagInstanceProfile"},
    ("iam", "CreatePolicy"): {"iam:TagPolicy"},
    ("iam", "CreateRole"): {"iam:TagRole"},
    ("iam", "CreateSAMLProvider"): {"iam:TagSAMLProvider"},
    ("iam", "CreateOpenIDConnectProvider"): {"iam:TagOpenIDConnectProvider"},
    ("iam", "CreateUser"): {"iam:TagUser"},
    ("iam", "UploadServerCertificate"): {"iam:TagServerCertificate"},
    ("iam", "CreateVirtualMFADevice"): {"iam:TagMFADevice"},
    ("sts", "AssumeRole"): {"sts:TagSession", "sts:SetSourceIdentity"},
    ("sts", "GetWebIdentityToken"): {"sts:TagGetWebIdentityToken"},
    ("accessanalyzer", "StartPolicyGeneration"): {"iam:PassRole"},
    ("cloudtrail", "CreateTrail"): {"cloudtrail:AddTags"},
    ("cloudtrail", "CreateChannel"): {"cloudtrail:AddTags"},
    ("cloudtrail", "CreateDashboard"): {"cloudtrail:AddTags"},
    ("cloudtrail", "StartImport"): {"iam:PassRole"},
    ("cloudtrail", "ListInsightsMetricData"): {"cloudtrail:ListInsightsData"},
    ("cloudtrail", "CreateEventDataStore"): {"cloudtrail:AddTags"},
    ("akia", "CreateAccessKey"): {"akia:TagAccessKey"},
    ("akia", "ReportCompromisedKey"): {"iam:CreateAccessKey"},
    **{
        ("organizations", name): {"organizations:TagResource"}
        for name in ("CreateAccount", "CreateOrganizationalUnit", "CreatePolicy", "InviteAccountToOrganization", "PutResourcePolicy")
    },
}
"""What must be allowed too if the request says everything that it can: tags, a source identity, a role to hand over (P2.1-6, P1.7-4)."""

INSEPARABLE = {
    ("iam", "AddRoleToInstanceProfile"): {"iam:PassRole"},
    # in the mode that is asked for here: it lets akia do all that
    ("akia", "PutRotationPolicy"): {"iam:CreateAccessKey", "iam:UpdateAccessKey", "iam:DeleteAccessKey"},
    ("akia", "CreateAccessKey"): {"iam:CreateAccessKey"},
    ("akia", "PutAccessKeyRestrictions"): {"iam:UpdateAccessKey"},
    ("akia", "DeleteAccessKeyRestrictions"): {"iam:UpdateAccessKey"},
    ("akia", "PutKeyLifetime"): {"iam:UpdateAccessKey"},
    ("akia", "DeleteKeyLifetime"): {"iam:UpdateAccessKey"},
    ("akia", "ReportCompromisedKey"): {"iam:UpdateAccessKey", "iam:AttachUserPolicy"},
    ("cloudtrail", "RegisterOrganizationDelegatedAdmin"): {"organizations:RegisterDelegatedAdministrator"},
    ("cloudtrail", "DeregisterOrganizationDelegatedAdmin"): {"organizations:DeregisterDelegatedAdministrator"},
}
"""What must always be allowed too, whatever the request says: without a role to hand over there is no such request (P2.1-6), and what IAM's
policies forbid with a key is not had through the service akia; an organization's list of administrators is the organization's."""

EVERY = implemented()
GUARDED = [each for each in EVERY if each.key not in ALWAYS_ALLOWED | PROVEN_OTHERWISE]
SECONDARY |= {key: SECONDARY.get(key, set()) | actions for key, actions in INSEPARABLE.items()}


@dataclass(frozen=True)
class Sweep:
    """An account that nothing but its users' policies holds back: it manages an organization, and has a role that trusts it."""

    others: Person
    """Holds every action but one."""
    only: Person
    """Holds that one."""

    def holds_all_but(self, *actions: str) -> Person:
        return self._given(self.others, NotAction=actions)

    def holds_only(self, *actions: str) -> Person:
        return self._given(self.only, Action=actions)

    def _given(self, person: Person, **statement: Any) -> Person:
        person.akia.client("iam").put_user_policy(UserName=person.name, PolicyName="test", PolicyDocument=policy(statement))
        return person


@pytest.fixture(scope="module")
def sweep() -> Iterator[Sweep]:
    world = World(ACCOUNT)
    Organization(world).account()  # with a member, DeleteOrganization is refused, whoever asks
    trust = policy({"Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"], "Principal": {"AWS": ACCOUNT}})
    document = json.loads(trust)
    del document["Statement"][0]["Resource"]
    world.client("iam").create_role(RoleName=ROLE.rpartition("/")[2], AssumeRolePolicyDocument=json.dumps(document))
    yield Sweep(world.person("others"), world.person("only"))
    world.close()


def require_refused_without(sweep: Sweep, each: Implemented) -> None:
    """Who holds every action but that of `each` is refused, in AWS's words, and for want of this action."""
    person = sweep.holds_all_but(each.action)
    told = each.told(person)
    assert told.denied, (each, told)
    assert told.message.startswith(f"User: {person.arn} is not authorized to perform: {each.action}"), (each, told)
    assert [decision["outcome"] for decision in told.decisions] == ["implicitDeny"], (each, told)
    assert {action for action, _ in told.asked} == {each.action}


def require_allowed_with(sweep: Sweep, each: Implemented) -> None:
    """Who holds the action of `each` and no other has been allowed, whatever came of it; and was asked for nothing else."""
    needed = {each.action, *INSEPARABLE.get(each.key, ())}
    told = each.told(sweep.holds_only(*needed))
    assert not told.denied or each.key in REFUSED_AFTERWARDS, (each, told)
    assert {decision["outcome"] for decision in told.decisions} == {"allowed"}, (each, told)
    assert {action for action, _ in told.asked} == needed


@pytest.mark.covers("I3.total")
@pytest.mark.parametrize("each", GUARDED, ids=str)
def test_nt_40_every_other_action_is_not_enough(sweep: Sweep, each: Implemented) -> None:
    require_refused_without(sweep, each)


@pytest.mark.covers("I3.total")
@pytest.mark.parametrize("each", GUARDED, ids=str)
def test_nt_40_this_action_alone_is_enough(sweep: Sweep, each: Implemented) -> None:
    require_allowed_with(sweep, each)


@pytest.mark.covers("I3.total")
@pytest.mark.parametrize("each", [each for each in EVERY if each.key in SECONDARY], ids=str)
def test_nt_40_documented_secondary_actions_are_asked_for_one_by_one(sweep: Sweep, each: Implemented) -> None:
    needed = {each.action, *SECONDARY[each.key]}
    for missing in needed:
        told = each.told(sweep.holds_only(*needed - {missing}), 1)
        assert told.denied, (each, missing, told)
        assert f"is not authorized to perform: {missing} " in told.message
        assert each.told(sweep.holds_all_but(missing), 1).denied
    told = each.told(sweep.holds_only(*needed), 1)
    assert not told.denied, (each, told)
    assert {action for action, _ in told.asked} == needed


@pytest.mark.covers("I3.total")
@pytest.mark.parametrize("each", [each for each in EVERY if each.key in ALWAYS_ALLOWED], ids=str)
def test_nt_40_the_exempt_need_nothing(sweep: Sweep, each: Implemented) -> None:
    for person in (sweep.holds_all_but("*"), sweep.holds_only("iam:GetUser")):
        told = each.told(person)
        assert (told.code, told.decisions) == ("", [])


def test_nt_40_the_exempt_are_those_two_and_nothing_is_open_to_all() -> None:
    assert {each.key for each in EVERY if each.operation.always_allowed} == ALWAYS_ALLOWED
    assert {each.key for each in EVERY if each.operation.proof is not None} <= PROVEN_OTHERWISE


@pytest.mark.covers("I3.total")
def test_nt_40_the_sweep_goes_through_all_that_the_parity_table_calls_implemented() -> None:
    """The rest is swept in `test_nt_every_operation.py`: denied to who holds nothing, not implemented for an administrator."""
    every = list(parity.rows())
    rows = {(row.service, row.operation, row.action) for row in every if not row.reason}
    assert {(*each.key, each.action) for each in EVERY} == rows
    proven = [each for each in EVERY if each.key in PROVEN_OTHERWISE]
    assert len(GUARDED) + len(ALWAYS_ALLOWED) + len(proven) == len(EVERY) == len(rows) > 170
    assert {row.service for row in every if row.reason} <= set(SERVICES)


@pytest.mark.parametrize(("prefix", "name"), [("iam", "ListUsers"), ("sts", "GetUser")])
def test_nt_40_the_sweep_notices_a_wrong_action(sweep: Sweep, monkeypatch: pytest.MonkeyPatch, prefix: str, name: str) -> None:
    [each] = [each for each in EVERY if each.key == ("iam", "GetUser")]
    mistaken = replace(each.operation, action=Action(prefix, name, Access.READ))
    monkeypatch.setitem(every_service()["iam"]._by_name, "GetUser", mistaken)
    for notices in (require_refused_without, require_allowed_with):
        with pytest.raises(AssertionError):
            notices(sweep, each)
