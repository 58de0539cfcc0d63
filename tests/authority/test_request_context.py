"""The condition keys of one request, row by row (P4.2, P4.3); what cannot be known is absent."""

from __future__ import annotations

from typing import Any

import pytest

from akia.authority.facts import RequestFacts
from akia.authority.request_context import RequestContext
from akia.identity.principal import IamUser, Principal, RoleSession, Root
from akia.identity.role import Role
from akia.identity.session import SessionFacts
from akia.identity.user import User

ACCOUNT = "123456789012"
NOW = 1_790_000_000
ROLE = Role(ACCOUNT, "AROAQQQQQQQQQQQQQQQQ1", "deploy", "/ops/", 1, "{}", tags={"Team": "role", "stage": "prod"})
USER = User(ACCOUNT, "AIDAQQQQQQQQQQQQQQQQ1", "alice", "/ops/", 1, tags={"Team": "user"})
PLAIN = SessionFacts("session-1", NOW - 100, NOW + 100)
FULL = SessionFacts("session-2", NOW - 100, NOW + 100, mfa_at=NOW - 90, tags={"team": "session"}, source_identity="ann")
PRINCIPALS: dict[str, Principal] = {
    "root": Root(ACCOUNT),
    "root session": Root(ACCOUNT, PLAIN),
    "user": IamUser(USER),
    "user session": IamUser(USER, FULL),
    "role": RoleSession(ROLE, "visit", PLAIN),
    "tagged role": RoleSession(ROLE, "visit", FULL),
}


def context(principal: Principal, service: str = "iam", **changes: Any) -> RequestContext:
    facts: dict[str, Any] = {"source_ip": "192.0.2.1", "secure": True, "user_agent": "agent/1", "host": "h", "region": "eu-west-1"}
    return RequestContext(principal, RequestFacts("r", float(NOW), **facts | changes), NOW, service, ACCOUNT)


ROWS: dict[str, tuple[str | None, ...]] = {
    # key: root, root session, user, user session, role, tagged role
    "aws:username": (None, None, "alice", "alice", None, None),
    "aws:userid": (ACCOUNT, ACCOUNT, USER.id, USER.id, f"{ROLE.id}:visit", f"{ROLE.id}:visit"),
    "aws:principaltype": ("Account", "Account", "User", "User", "AssumedRole", "AssumedRole"),
    "aws:principalaccount": (ACCOUNT,) * 6,
    "aws:principalarn": (
        *(f"arn:aws:iam::{ACCOUNT}:root",) * 2,
        *(f"arn:aws:iam::{ACCOUNT}:user/ops/alice",) * 2,
        *(f"arn:aws:iam::{ACCOUNT}:role/ops/deploy",) * 2,
    ),
    "aws:principalisawsservice": ("false",) * 6,
    "aws:multifactorauthpresent": (None, "false", None, "true", "false", "true"),
    "aws:multifactorauthage": (None, None, None, "90", None, "90"),
    "aws:tokenissuetime": (None, "2026-09-21T14:11:40Z", None, *("2026-09-21T14:11:40Z",) * 3),
    "aws:sourceidentity": (None, None, None, "ann", None, "ann"),
    "aws:principaltag/team": (None, None, "user", "user", "role", "session"),
    "aws:principaltag/stage": (None, None, None, None, "prod", "prod"),
    "aws:principaltag/none": (None,) * 6,
    "aws:viaawsservice": ("false",) * 6,
    "aws:currenttime": ("2026-09-21T14:13:20Z",) * 6,
    "aws:epochtime": (str(NOW),) * 6,
    "aws:securetransport": ("true",) * 6,
    "aws:sourceip": ("192.0.2.1",) * 6,
    "aws:useragent": ("agent/1",) * 6,
    "aws:resourceaccount": (ACCOUNT,) * 6,
    "aws:referer": (None,) * 6,
    "aws:federatedprovider": (None,) * 6,
    "aws:sourcevpc": (None,) * 6,
    "aws:sourcearn": (None,) * 6,
    "aws:principalorgid": (None,) * 6,
    "aws:calledvia": (None,) * 6,
}


@pytest.mark.parametrize("key", ROWS)
def test_p4_2_and_p4_3_each_key_by_principal(key: str) -> None:
    assert tuple(context(principal).get(key) for principal in PRINCIPALS.values()) == ROWS[key]


def test_p4_3_3_global_services_are_asked_in_one_region() -> None:
    assert context(PRINCIPALS["user"], "iam").get("aws:requestedregion") == "us-east-1"
    assert context(PRINCIPALS["user"], "ssm").get("aws:requestedregion") == "eu-west-1"


def test_nt_45_without_an_address_there_is_no_key() -> None:
    assert context(PRINCIPALS["user"], source_ip=None).get("aws:sourceip") is None


def test_p4_3_4_an_absent_user_agent_is_empty() -> None:
    """PX-28."""
    assert context(PRINCIPALS["user"], user_agent="").get("aws:useragent") == ""


def test_nt_85_specific_keys_never_replace_what_is_known_of_the_caller() -> None:
    """Whatever an operation makes of its input, identity and connection are read from their own rows."""
    specific = {
        "aws:username": "root",
        "aws:principalarn": "x",
        "aws:principaltag/team": "x",
        "iam:policyarn": "p",
        "aws:tagkeys": ["a", "b"],
    }
    asked = RequestContext(PRINCIPALS["user"], context(PRINCIPALS["user"]).facts, NOW, "iam", ACCOUNT, specific)
    assert (asked.get("aws:username"), asked.get("aws:principaltag/team")) == ("alice", "user")
    assert (asked.get("iam:policyarn"), asked.get("aws:tagkeys")) == ("p", ("a", "b"))
    untagged = RequestContext(PRINCIPALS["root"], asked.facts, NOW, "iam", ACCOUNT, specific)
    assert (untagged.get("aws:username"), untagged.get("aws:principaltag/team")) == (None, None)


@pytest.mark.covers("I2.policy.records")
def test_what_was_asked_is_remembered_and_the_record_adds_to_the_event() -> None:
    asked = context(PRINCIPALS["tagged role"])
    asked.get("aws:sourceip")
    asked.get("aws:none")
    assert asked.seen == {"aws:sourceip": "192.0.2.1"}
    assert asked.to_record().keys() >= {"aws:multifactorauthpresent", "aws:tokenissuetime", "aws:principaltag/team", "aws:securetransport"}
    assert {key for key, values in ROWS.items() if values[5] is not None} <= set(asked.known())
