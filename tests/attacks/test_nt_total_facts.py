"""NT-88: every operation has an action, a resource and condition keys, and they are the documented ones."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest
from tests.attacks.implemented import Implemented, Told, implemented
from tests.organization import World as Organization

from akia.aws import action_names, catalogue
from akia.operation import Access, Operations
from akia.services import every_service
from tools import parity

if TYPE_CHECKING:
    from tests.conftest import Person, World

EVERY = implemented()
ASKED = [each for each in EVERY if not each.operation.always_allowed and each.operation.proof is None]

LISTED_UNDER_A_PATH = {
    "iam:ListGroups": "group/",
    "iam:ListInstanceProfiles": "instance-profile/",
    "iam:ListPolicies": "policy/",
    "iam:ListRoles": "role/",
    "iam:ListServerCertificates": "server-certificate/",
    "iam:ListUsers": "user/",
}
"""AWS documents no resource type for these, and yet names the path that is listed when it refuses."""

DOCUMENTED_ELSEWHERE = {"cloudtrail:externalid"}
"""AWS names this key where it tells of the resource policies of channels, and not where it lists the service's keys."""


@pytest.fixture(scope="module")
def all_powerful(shared: World) -> Person:
    """A user of an organization's management account who may do everything, so that all that an operation asks for is asked."""
    Organization(shared).account()  # with a member, DeleteOrganization is refused
    return shared.person("all-powerful", {"Action": "*"})


def require_documented(told: Told, account: str) -> None:
    """Every resource that was asked about is of a type that AWS documents for the action; every condition key is one of the service's."""
    assert told.asked
    for action, resource in told.asked:
        assert _is_documented(action, resource, account), (action, resource)
    for decision in told.decisions:
        prefix = decision["action"].partition(":")[0]
        unknown = {key for key in decision["context"] if catalogue.condition_key(prefix, key) is None}
        assert unknown <= DOCUMENTED_ELSEWHERE, decision


def _is_documented(action: str, resource: str, account: str) -> bool:
    if action in LISTED_UNDER_A_PATH:
        return resource.startswith(f"arn:aws:iam::{account}:{LISTED_UNDER_A_PATH[action]}")
    if action == "sts:TagSession" and resource.startswith(f"arn:aws:sts::{account}:federated-user/"):
        return True  # documented for GetFederationToken, which tags as well
    prefix, _, name = action.partition(":")
    facts = catalogue.action(prefix, name)
    types = facts.resource_types if facts is not None else ()
    if resource == "*":
        return not any(use.required for use in types)
    patterns = [catalogue.resource_arn_pattern(prefix, use.type) for use in types]
    return any(pattern is not None and _fits(pattern, resource) for pattern in patterns)


def _fits(pattern: str, resource: str) -> bool:
    """`arn:${Partition}:iam::${Account}:user/${UserNameWithPath}`: every variable is some text."""
    return re.fullmatch(".+".join(map(re.escape, re.split(r"\$\{\w+\}", pattern))), resource, re.DOTALL) is not None


@pytest.mark.covers("I3.total")
@pytest.mark.parametrize("fullness", [0, 1])
@pytest.mark.parametrize("each", ASKED, ids=str)
def test_nt_88_every_resource_and_condition_key_is_documented(all_powerful: Person, each: Implemented, fullness: float) -> None:
    require_documented(each.told(all_powerful, fullness), all_powerful.akia.account)


@pytest.mark.parametrize(
    ("action", "resource", "key"),
    [
        ("iam:GetUser", "arn:aws:iam::123456789012:role/u", "aws:SecureTransport"),
        ("iam:GetUser", "*", "aws:SecureTransport"),
        ("iam:GetUser", "", "aws:SecureTransport"),
        ("iam:GetAccountSummary", "arn:aws:iam::123456789012:user/u", "aws:SecureTransport"),
        ("iam:GetUser", "arn:aws:iam::123456789012:user/u", "iam:NoSuchKey"),
    ],
)
def test_nt_88_the_sweep_notices_what_is_not_documented(action: str, resource: str, key: str) -> None:
    with pytest.raises(AssertionError):
        require_documented(Told("", "", [{"action": action, "resources": [resource], "context": [key]}]), "123456789012")


@pytest.mark.covers("I3.total")
def test_nt_88_every_operation_that_is_performed_has_all_its_facts() -> None:
    for each in EVERY:
        assert each.action == each.operation.action.text, each
        assert callable(each.operation.resource)
        assert each.operation.name not in action_names.UNMAPPED.get(each.operation.service, {})
        documented = catalogue.action(each.operation.action.prefix, each.operation.action.name)
        assert documented is None or documented.access_level.value == each.operation.action.access.value, each


@pytest.mark.covers("I3.total")
def test_nt_88_every_operation_of_every_model_has_an_action_or_a_reason() -> None:
    rows = list(parity.rows())
    without = {(row.service, row.operation) for row in rows if catalogue.action_of(row.service, row.operation) is None}
    assert without == {(service, name) for service, reasons in action_names.UNMAPPED.items() for name in reasons}
    assert len(rows) > 800


def test_nt_88_without_its_mapping_an_operation_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(cast("Any", action_names.OTHER_NAMES), ("accessanalyzer", "GetFindingV2"))
    [each] = [each for each in implemented() if each.key == ("accessanalyzer", "GetFindingV2")]
    assert each.action == ""
    assert any("GetFindingV2" in problem for problem in parity.misauthorized())


@pytest.mark.parametrize("missing", ["access", "resource"])
def test_nt_88_an_operation_without_its_facts_does_not_import(missing: str) -> None:
    facts = {"access": Access.READ, "resource": lambda context, request: "*"}
    del facts[missing]
    with pytest.raises(TypeError, match=missing):
        cast("Any", Operations("iam")).operation("GetUser", **facts)


@pytest.mark.covers("I3.total")
@pytest.mark.parametrize("each", [each for each in EVERY if each.operation.name in ("GetUser", "ListAccounts", "ListReplays")], ids=str)
def test_nt_88_without_a_resource_an_operation_is_denied_to_all(
    all_powerful: Person, monkeypatch: pytest.MonkeyPatch, each: Implemented
) -> None:
    unmapped = replace(each.operation, resource=lambda context, request: ())
    monkeypatch.setitem(every_service()[each.operation.service]._by_name, each.operation.name, unmapped)
    root = replace(all_powerful, key=all_powerful.akia.root)
    administrator = replace(all_powerful, key=all_powerful.akia.admin)
    for person in (all_powerful, administrator, root):
        assert each.told(person).denied, person
