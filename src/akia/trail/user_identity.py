"""`userIdentity`: who made a call, in CloudTrail's forms (AC2). One function a form; absent members are left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

Identity = Mapping[str, Any]


@lru_cache(maxsize=1_024)
def _at_second(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def timestamp(epoch: float) -> str:
    """`YYYY-MM-DDThh:mm:ssZ` of epoch seconds (AC1.1)."""
    return _at_second(int(epoch))


def session_attributes(issued: float, mfa: bool) -> dict[str, str]:
    """What a record tells of temporary credentials: when they were made (epoch seconds) and whether with MFA."""
    return {"creationDate": timestamp(issued), "mfaAuthenticated": "true" if mfa else "false"}


def iam_user(*, id: str, arn: str, account: str, access_key_id: str, name: str, attributes: dict[str, str] | None = None) -> Identity:  # noqa: A002 - CloudTrail's word
    """AC2.1; `attributes` only for sessions of GetSessionToken."""
    identity: dict[str, Any] = {
        "type": "IAMUser",
        "principalId": id,
        "arn": arn,
        "accountId": account,
        "accessKeyId": access_key_id,
        "userName": name,
    }
    if attributes is not None:
        identity["sessionContext"] = {"sessionIssuer": {}, "webIdFederationData": {}, "attributes": attributes}
    return identity


def root(*, arn: str, account: str, access_key_id: str, alias: str | None = None, attributes: dict[str, str] | None = None) -> Identity:
    """AC2.2."""
    identity: dict[str, Any] = {"type": "Root", "principalId": account, "arn": arn, "accountId": account, "accessKeyId": access_key_id}
    if alias:
        identity["userName"] = alias
    if attributes is not None:
        identity["sessionContext"] = {"sessionIssuer": {}, "webIdFederationData": {}, "attributes": attributes}
    return identity


def assumed_role(
    *,
    role_id: str,
    session_name: str,
    session_arn: str,
    account: str,
    access_key_id: str,
    role_arn: str,
    role_name: str,
    attributes: dict[str, str],
    source_identity: str | None = None,
    federated_provider: str | None = None,
) -> Identity:
    """AC2.3."""
    issuer = {"type": "Role", "principalId": role_id, "arn": role_arn, "accountId": account, "userName": role_name}
    federated = {"federatedProvider": federated_provider, "attributes": {}} if federated_provider is not None else {}
    context: dict[str, Any] = {"sessionIssuer": issuer, "webIdFederationData": federated, "attributes": attributes}
    if source_identity is not None:
        context["sourceIdentity"] = source_identity
    return {
        "type": "AssumedRole",
        "principalId": f"{role_id}:{session_name}",
        "arn": session_arn,
        "accountId": account,
        "accessKeyId": access_key_id,
        "sessionContext": context,
    }


def federated_user(
    *, name: str, arn: str, account: str, access_key_id: str, lender: tuple[str, str, str] | None, attributes: dict[str, str]
) -> Identity:
    """AC2.4. `lender` is the id, ARN and name of the user who asked for the session; None for the root user."""
    issuer: dict[str, Any] = {"type": "Root", "principalId": account, "arn": f"arn:aws:iam::{account}:root", "accountId": account}
    if lender is not None:
        id_, lender_arn, lender_name = lender
        issuer = {"type": "IAMUser", "principalId": id_, "arn": lender_arn, "accountId": account, "userName": lender_name}
    return {
        "type": "FederatedUser",
        "principalId": f"{account}:{name}",
        "arn": arn,
        "accountId": account,
        "accessKeyId": access_key_id,
        "sessionContext": {"sessionIssuer": issuer, "webIdFederationData": {}, "attributes": attributes},
    }


def saml_user(*, id: str, subject: str, provider: str) -> Identity:  # noqa: A002 - CloudTrail's word
    """AC2.7: the bearer of an assertion, before it has a role."""
    return {"type": "SAMLUser", "principalId": id, "userName": subject, "identityProvider": provider}


def web_identity_user(*, id: str, subject: str, provider: str) -> Identity:  # noqa: A002 - CloudTrail's word
    """AC2.8: the bearer of a token, before it has a role."""
    return {"type": "WebIdentityUser", "principalId": id, "userName": subject, "identityProvider": provider}


def delegated(identity: Identity, account: str) -> Identity:
    """`identity`, acted as by `account` with delegated credentials (SI17.6)."""
    return {**identity, "invokedByDelegate": {"accountId": account}}


def another_account(*, id: str, account: str) -> Identity:  # noqa: A002 - CloudTrail's word
    """AC2.5: how a caller stands in the history of another account whose role it takes."""
    return {"type": "AWSAccount", "principalId": id, "accountId": account}


def unknown(claimed_access_key_id: str) -> Identity:
    """A sender who did not verify. The key id is only what was claimed."""
    return {"type": "Unknown", "principalId": "", "accountId": "", "accessKeyId": claimed_access_key_id, "userName": ""}
