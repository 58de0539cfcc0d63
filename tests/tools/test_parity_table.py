"""tools/parity.py: which operations are implemented."""

from __future__ import annotations

import pytest

from akia.aws.action_names import PREFIXES
from akia.operation import Access, Operations, everything
from tools import parity


def registered(service: str, prefix: str, *names: str, action: str | None = None) -> dict[str, Operations]:
    operations = Operations(service, prefix=prefix)
    for name in names:
        operations.operation(name, access=Access.WRITE, resource=everything, action=action)(lambda context, request: None)
    return {service: operations}


@pytest.mark.covers("I2.services.parity")
def test_what_is_implemented_is_authorized_by_its_documented_action_and_is_in_its_model() -> None:
    assert [*parity.misauthorized(), *parity.strangers()] == []


@pytest.mark.covers("I2.services.parity", "I2.repo.documents")
def test_the_committed_table_is_up_to_date() -> None:
    assert list(parity.out_of_date(parity.page(list(parity.rows())))) == []


@pytest.mark.covers("I2.services.parity")
def test_every_operation_of_every_planned_service_stands_in_the_table_once() -> None:
    rows = [(row.service, row.operation) for row in parity.rows()]
    assert len(set(rows)) == len(rows)
    assert {service: [operation for of, operation in rows if of == service] for service in PREFIXES} == {
        service: list(parity.model(service).operation_names) for service in PREFIXES
    }


def test_a_row_says_implemented_or_why_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parity, "every_service", lambda: registered("iam", "iam", "CreateUser"))
    rows = {row.operation: str(row) for row in parity.rows() if row.service == "iam"}
    assert rows["CreateUser"].startswith("| CreateUser | iam:CreateUser | **implemented**: [")
    assert "[variants](../tests/variants/test_variants.py) |" in rows["CreateUser"]
    assert rows["EnableMFADevice"] == "| EnableMFADevice | iam:EnableMFADevice | not built yet |"
    told = "makes a role from a role template; AWS's services publish those, and there is none here"
    assert rows["AcquireRole"] == f"| AcquireRole | none | {told} |"
    summary = parity.page(list(parity.rows())).splitlines()
    assert f"| [iam](#iam) | 1 | {len(rows)} |" in summary


@pytest.mark.covers("I4.parity")
def test_every_implemented_operation_of_iam_and_sts_links_to_a_test_of_its_own() -> None:
    rows = [row for row in parity.rows() if row.service in {"iam", "sts"} and not row.reason]
    assert [row.operation for row in rows if len(parity.tests_of(row.service, row.operation)) < 2] == []
    assert len([row for row in rows if row.service == "iam"]) >= 175
    assert len([row for row in rows if row.service == "sts"]) == 11


def test_an_operation_authorized_by_another_action_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parity, "every_service", lambda: registered("sso-admin", "sso", "CreateInstance", action="CreateProfile"))
    assert list(parity.misauthorized()) == [
        "parity: sso-admin CreateInstance is authorized by sso:CreateProfile, the catalogue says sso:CreateInstance"
    ]


def test_an_operation_without_an_action_cannot_be_implemented_unnoticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parity, "every_service", lambda: registered("iam", "iam", "AcquireRole"))
    [fault] = parity.misauthorized()
    assert fault.endswith("the catalogue says newer than the catalogue's data")


def test_an_operation_that_its_model_lacks_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parity, "every_service", lambda: registered("iam", "iam", "MakeUser"))
    assert list(parity.strangers()) == ["parity: iam has no operation MakeUser"]
