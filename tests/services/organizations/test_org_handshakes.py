"""Invitations, and the way to all features."""

from __future__ import annotations

from typing import Any

import pytest

from akia.store.founding import found_account

OTHER = "444455556666"


@pytest.fixture
def other(org: Any, akia: Any) -> Any:
    """An account outside of the organization."""
    store = akia.akia.store
    store.connection.begin_immediate()
    found_account(store, OTHER, 0)
    store.connection.commit()
    return org.key_of(OTHER)


def invite(org: Any, target: str = OTHER, kind: str = "ACCOUNT", **more: Any) -> Any:
    return org.client.invite_account_to_organization(Target={"Id": target, "Type": kind}, **more)["Handshake"]


def test_an_invited_account_joins_when_it_accepts(org: Any, akia: Any, other: Any, reason: Any) -> None:
    org.enable()
    theirs = other.client("organizations")
    handshake = invite(org, Notes="welcome", Tags=[{"Key": "k", "Value": "v"}])
    assert (handshake["State"], handshake["Action"]) == ("OPEN", "INVITE")
    assert handshake["Arn"] == f"arn:aws:organizations::{akia.account}:handshake/{org.id}/invite/{handshake['Id']}"
    assert handshake["Parties"] == [{"Id": org.id, "Type": "ORGANIZATION"}, {"Id": OTHER, "Type": "ACCOUNT"}]
    assert {"Type": "NOTES", "Value": "welcome"} in handshake["Resources"]
    assert theirs.list_handshakes_for_account()["Handshakes"] == [handshake]
    assert org.client.list_handshakes_for_organization(Filter={"ActionType": "INVITE"})["Handshakes"] == [handshake]
    assert org.client.list_handshakes_for_organization(Filter={"ActionType": "ENABLE_ALL_FEATURES"})["Handshakes"] == []
    assert theirs.describe_handshake(HandshakeId=handshake["Id"])["Handshake"] == handshake
    assert reason(theirs.describe_organization)[0] == "AWSOrganizationsNotInUse"
    assert theirs.accept_handshake(HandshakeId=handshake["Id"])["Handshake"]["State"] == "ACCEPTED"
    assert theirs.describe_organization()["Organization"]["Id"] == org.id
    account = org.client.describe_account(AccountId=OTHER)["Account"]
    assert account["JoinedMethod"] == "INVITED"
    assert org.client.list_tags_for_resource(ResourceId=OTHER)["Tags"] == [{"Key": "k", "Value": "v"}]
    assert len(org.client.list_policies_for_target(TargetId=OTHER, Filter="SERVICE_CONTROL_POLICY")["Policies"]) == 1
    assert reason(theirs.accept_handshake, HandshakeId=handshake["Id"])[0] == "HandshakeAlreadyInState"
    assert reason(theirs.decline_handshake, HandshakeId=handshake["Id"])[0] == "InvalidHandshakeTransition"
    assert reason(theirs.create_organization)[0] == "AlreadyInOrganization"
    again = {"Target": {"Id": OTHER, "Type": "ACCOUNT"}}
    told = ("HandshakeConstraintViolation", "ALREADY_IN_AN_ORGANIZATION")
    assert reason(org.client.invite_account_to_organization, **again) == told


def test_an_invitation_is_declined_or_withdrawn(org: Any, other: Any, reason: Any) -> None:
    theirs, first = other.client("organizations"), invite(org)
    assert reason(org.client.invite_account_to_organization, Target={"Id": OTHER, "Type": "ACCOUNT"})[0] == "DuplicateHandshake"
    assert theirs.decline_handshake(HandshakeId=first["Id"])["Handshake"]["State"] == "DECLINED"
    second = invite(org)
    assert org.client.cancel_handshake(HandshakeId=second["Id"])["Handshake"]["State"] == "CANCELED"
    assert reason(org.client.cancel_handshake, HandshakeId=second["Id"])[0] == "HandshakeAlreadyInState"
    assert reason(org.client.cancel_handshake, HandshakeId=first["Id"])[0] == "InvalidHandshakeTransition"
    assert reason(theirs.accept_handshake, HandshakeId=second["Id"])[0] == "InvalidHandshakeTransition"


def test_only_who_was_asked_answers(org: Any, other: Any, refused: Any, reason: Any) -> None:
    handshake, dev = invite(org), org.account()
    assert refused(org.client.accept_handshake, HandshakeId=handshake["Id"])[2] == "You don't have permissions to access this resource."
    assert reason(other.client("organizations").cancel_handshake, HandshakeId=handshake["Id"])[0] == "AWSOrganizationsNotInUse"
    for call in (dev.client("organizations").describe_handshake, dev.client("organizations").accept_handshake):
        assert reason(call, HandshakeId=handshake["Id"])[0] == reason(call, HandshakeId="h-" + "0" * 32)[0] == "HandshakeNotFound"


def test_an_invitation_expires_after_fifteen_days(org: Any, akia: Any, other: Any, reason: Any) -> None:
    handshake = invite(org)
    assert (handshake["ExpirationTimestamp"] - handshake["RequestedTimestamp"]).days == 15
    store = akia.akia.store
    store.connection.begin_immediate()
    store.connection.execute("UPDATE handshakes SET expires = 1")
    store.connection.commit()
    theirs = other.client("organizations")
    assert theirs.describe_handshake(HandshakeId=handshake["Id"])["Handshake"]["State"] == "EXPIRED"
    assert reason(theirs.accept_handshake, HandshakeId=handshake["Id"])[0] == "InvalidHandshakeTransition"
    invite(org)  # once more


def test_an_invitation_finds_an_account_by_its_address(org: Any, reason: Any) -> None:
    dev = org.account("dev")
    org.client.remove_account_from_organization(AccountId=dev.id)
    handshake = invite(org, "DEV@example.com", "EMAIL")
    assert handshake["Parties"][1] == {"Id": "DEV@example.com", "Type": "EMAIL"}
    dev.client("organizations").accept_handshake(HandshakeId=handshake["Id"])
    assert org.client.describe_account(AccountId=dev.id)["Account"]["JoinedMethod"] == "INVITED"
    call = org.client.invite_account_to_organization
    assert reason(call, Target={"Id": "x@example.com", "Type": "EMAIL"}) == ("InvalidInput", "TARGET_NOT_SUPPORTED")
    assert reason(call, Target={"Id": org.id, "Type": "ORGANIZATION"}) == ("InvalidInput", "INVALID_PARTY_TYPE_TARGET")


def test_an_account_joins_one_organization_only(org: Any, other: Any, reason: Any) -> None:
    theirs, handshake = other.client("organizations"), invite(org)
    theirs.create_organization()
    told = ("HandshakeConstraintViolation", "ALREADY_IN_AN_ORGANIZATION")
    assert reason(theirs.accept_handshake, HandshakeId=handshake["Id"]) == told
    theirs.delete_organization()
    org.client.delete_organization()
    assert reason(theirs.accept_handshake, HandshakeId=handshake["Id"])[0] == "HandshakeNotFound"


def test_all_features_need_the_consent_of_invited_accounts(org: Any, other: Any, reason: Any) -> None:
    org.client.delete_organization()
    client, theirs = org.client, other.client("organizations")
    made = client.create_organization(FeatureSet="CONSOLIDATED_BILLING")["Organization"]
    assert made["AvailablePolicyTypes"] == []
    root = client.list_roots()["Roots"][0]["Id"]
    told = "PolicyTypeNotAvailableForOrganization"
    assert reason(client.enable_policy_type, RootId=root, PolicyType="SERVICE_CONTROL_POLICY")[0] == told
    org.account("created")
    theirs.accept_handshake(HandshakeId=invite(org)["Id"])
    main = client.enable_all_features()["Handshake"]
    assert (main["State"], main["Action"]) == ("REQUESTED", "ENABLE_ALL_FEATURES")
    assert reason(client.accept_handshake, HandshakeId=main["Id"])[0] == "InvalidHandshakeTransition"
    under_way = ("HandshakeConstraintViolation", "ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION")
    assert reason(client.enable_all_features) == under_way
    [part] = client.list_handshakes_for_organization(Filter={"ParentHandshakeId": main["Id"]})["Handshakes"]
    assert (part["Action"], part["Parties"][1]["Id"]) == ("APPROVE_ALL_FEATURES", OTHER)
    theirs.accept_handshake(HandshakeId=part["Id"])
    assert client.describe_handshake(HandshakeId=main["Id"])["Handshake"]["State"] == "OPEN"
    client.accept_handshake(HandshakeId=main["Id"])
    assert client.describe_organization()["Organization"]["FeatureSet"] == "ALL"
    client.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    assert reason(client.enable_all_features) == ("HandshakeConstraintViolation", "ORGANIZATION_ALREADY_HAS_ALL_FEATURES")
