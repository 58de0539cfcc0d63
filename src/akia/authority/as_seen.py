"""A principal as others see it: policies, which know it by its names (P2.3), and events, which tell who called (AC2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia import policy
from akia.identity.principal import FederatedIdentity, FederatedUser, FederationKind, IamUser, RoleSession, Root
from akia.trail import user_identity

if TYPE_CHECKING:
    from akia.identity.principal import Principal
    from akia.identity.session import SessionFacts
    from akia.store.store import Store


def by_policies(principal: Principal) -> policy.Principal:
    """By what names policies mean it, and how far what they grant reaches: of delegated credentials less far (SI17.6)."""
    delegated = principal.session is not None and principal.session.delegate
    return policy.principal.limited(_named(principal)) if delegated else _named(principal)


def _named(principal: Principal) -> policy.Principal:
    match principal:
        case Root(account=account):
            return policy.principal.root(account)
        case IamUser(user=user):
            return policy.principal.user(str(user.arn), user.id, user.account)
        case RoleSession(role=role):
            return policy.principal.role_session(str(principal.arn), str(role.arn), role.id, role.account)
        case FederatedUser(account=account, user=owner):
            lender = (str(owner.arn), owner.id) if owner is not None else (None, None)
            return policy.principal.federated_user(str(principal.arn), account, *lender)
        case FederatedIdentity(kind=kind, provider=provider):
            as_bearer = policy.principal.saml if kind is FederationKind.SAML else policy.principal.web_identity
            return as_bearer(str(provider))


def by_events(principal: Principal, access_key_id: str, store: Store) -> Any:
    """The `userIdentity` of its events: who called with which key, and on whose behalf if with delegated credentials."""
    identity, session = _identity(principal, access_key_id, store), principal.session
    return user_identity.delegated(identity, session.delegate) if session is not None and session.delegate else identity


def _identity(principal: Principal, access_key_id: str, store: Store) -> Any:
    match principal:
        case Root():
            return _root(principal, access_key_id, store)
        case IamUser(user=user, session=session):
            attributes = _attributes(session) if session is not None else None
            arn, account = str(principal.arn), principal.account
            return user_identity.iam_user(
                id=user.id, arn=arn, account=account, access_key_id=access_key_id, name=user.name, attributes=attributes
            )
        case RoleSession():
            return _role_session(principal, access_key_id)
        case FederatedUser():
            return _federated_user(principal, access_key_id)
        case FederatedIdentity(kind=FederationKind.SAML):
            qualifier, _, _ = principal.unique_id.partition(":")
            return user_identity.saml_user(id=principal.unique_id, subject=principal.subject, provider=qualifier)
        case FederatedIdentity():
            return user_identity.web_identity_user(id=principal.unique_id, subject=principal.subject, provider=str(principal.provider))


def _root(root: Root, access_key_id: str, store: Store) -> Any:
    account = store.accounts.get(root.account)
    return user_identity.root(
        arn=str(root.arn),
        account=root.account,
        access_key_id=access_key_id,
        alias=account.alias if account is not None else None,
        attributes=_attributes(root.session) if root.session is not None else None,
    )


def _role_session(made: RoleSession, access_key_id: str) -> Any:
    role, session = made.role, made.session
    return user_identity.assumed_role(
        role_id=role.id,
        session_name=made.name,
        session_arn=str(made.arn),
        account=made.account,
        access_key_id=access_key_id,
        role_arn=str(role.arn),
        role_name=role.name,
        attributes=_attributes(session),
        source_identity=session.source_identity,
        federated_provider=session.federation.provider if session.federation is not None else None,
    )


def _federated_user(guest: FederatedUser, access_key_id: str) -> Any:
    owner = guest.user
    return user_identity.federated_user(
        name=guest.name,
        arn=str(guest.arn),
        account=guest.account,
        access_key_id=access_key_id,
        lender=(owner.id, str(owner.arn), owner.name) if owner is not None else None,
        attributes=_attributes(guest.session),
    )


def _attributes(session: SessionFacts) -> dict[str, str]:
    attributes = user_identity.session_attributes(session.issued, session.mfa_at is not None)
    return attributes | {"assumedRoot": "true"} if session.assumed_root else attributes
