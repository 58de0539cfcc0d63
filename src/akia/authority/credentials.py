"""From a key id, or a session token, to the principal behind it. The store is read only for those who are not in the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from akia.authority import as_seen
from akia.authority.credential import Credential
from akia.authority.draft import Draft, Shadow, tried
from akia.authority.key_in_force import UNBOUND, key_in_force
from akia.authority.organization_in_force import OrganizationInForce, organization_in_force
from akia.authority.policies_in_force import Documents, InForce, name_of
from akia.authority.standing import Standing
from akia.aws.errors import ServiceUnavailable
from akia.aws.ids import Prefix
from akia.identity.access_key import KeyStatus
from akia.identity.principal import FederatedIdentity, FederatedUser, IamUser, Principal, RoleSession, Root
from akia.keyring import Unsealable
from akia.sigv4 import SigningSecret

if TYPE_CHECKING:
    from akia import policy
    from akia.authority.session_tokens import Claims, SessionTokens
    from akia.identity.access_key import AccessKey
    from akia.store.iam.principals import StoredKey
    from akia.store.store import Store


class Credentials:
    """Loads credentials from a store. Holds no state but compiled documents, which cannot be stale."""

    def __init__(self, tokens: SessionTokens) -> None:
        self._tokens = tokens
        self._documents = Documents()

    def of_key(self, access_key_id: str, store: Store) -> Credential | None:
        """The credential of an Active long-term key; None for one that is unknown, inactive or whose owner is gone (SV6-4, NT-94)."""
        stored = store.principals.key(access_key_id)
        if stored is None or stored.key.status is not KeyStatus.ACTIVE or not store.accounts.is_open(stored.key.account):
            return None
        principal: Principal = IamUser(stored.owner) if stored.owner is not None else Root(stored.key.account)
        secret = _secret(stored, store)
        standing = self.standing(principal, access_key_id, store, stored.key)
        return Credential(access_key_id, access_key_id, secret, principal, standing, standing.subjects)

    def of_inactive_key(self, access_key_id: str, store: Store) -> SigningSecret | None:
        """The secret of an Inactive long-term key, with which nobody gets in."""
        stored = store.principals.key(access_key_id)
        return _secret(stored, store) if stored is not None and stored.key.status is KeyStatus.INACTIVE else None

    def of_session(self, access_key_id: str, token: bytes, store: Store) -> Credential | None:
        """The credential of a session; None if its owner is gone or it was revoked (NT-94). Raises NotGenuine for a token that was not
        made here."""
        claims = self._tokens.open(access_key_id, token)
        principal = _owner(claims, store) if store.accounts.is_open(claims.account) and not _is_revoked(claims, store) else None
        if principal is None:
            return None
        lineage = claims.session.lineage
        key = store.access_keys.get(lineage.key) if lineage is not None else None
        if key is None and lineage is not None and lineage.restricted:
            return None  # what has bound it is gone with the key, so it goes too
        standing = self.standing(principal, access_key_id, store, None if isinstance(principal, RoleSession) else key)
        secret = SigningSecret(claims.secret.encode("ascii"))
        handle = (access_key_id, token)
        return Credential(handle, access_key_id, secret, principal, standing, standing.subjects, claims.session.expires)

    def standing(self, principal: Principal, access_key_id: str, store: Store, key: AccessKey | None = None) -> Standing:
        """What is in force for `principal` in `store` now, when it uses `key`."""
        in_force = InForce(principal, store, self._documents)
        bound = key_in_force(key, store, self._documents) if key is not None else UNBOUND
        subjects = _subjects(principal, access_key_id, store)
        subjects |= {source.policy_id for source in in_force.sources if source.policy_id}
        shadows = self._shadows(principal, in_force.policies, store, subjects)
        return Standing(
            principal=as_seen.by_policies(principal),
            arn=str(principal.arn),
            unique_id=principal.unique_id,
            policies=in_force.policies if bound.ceiling is None else in_force.policies._replace(ceiling=bound.ceiling),
            versions=orjson.Fragment(orjson.dumps([(name_of(source), source.version or "") for source in in_force.sources])),
            subjects=frozenset(subjects),
            identity=orjson.Fragment(orjson.dumps(as_seen.by_events(principal, access_key_id, store))),
            organization=in_force.organization,
            shadows=shadows,
            validity=bound.validity,
        )

    def _shadows(self, principal: Principal, policies: policy.Policies, store: Store, subjects: set[str]) -> tuple[Shadow, ...]:
        """The shadow policies of `principal`; what they depend on joins `subjects`."""
        match principal:
            case IamUser(user=owner) | RoleSession(role=owner):
                in_force = store.shadow_policies.in_force(owner.id)
            case FederatedUser(user=owner) if owner is not None:
                in_force = store.shadow_policies.in_force(owner.id)
            case _:
                return ()
        subjects |= {policy_id for _, policy_id, _ in in_force if policy_id}
        drafts = [(shadow.id, Draft(f"shadow/{shadow.name}", text, shadow.replaces)) for shadow, _, text in in_force]
        trials = [(id_, tried(draft, policies, self._documents.compiled)) for id_, draft in drafts]
        return tuple(Shadow(id_, trial) for id_, trial in trials if trial is not None)

    def organization(self, account: str, store: Store) -> OrganizationInForce:
        """What surrounds the owner of a resource in `store` now."""
        return organization_in_force(account, store, self._documents)

    def compiled(self, kind: policy.Kind, name: str, text: str) -> policy.Compiled:
        """A document that is not a principal's, such as a trust policy."""
        return self._documents.compiled(kind, name, text)


def _subjects(principal: Principal, access_key_id: str, store: Store) -> set[str]:
    """Whose changes concern `principal` beside those of its policies."""
    subjects = {access_key_id, f"acct:{principal.account}"}
    match principal:
        case IamUser(user=user):
            subjects |= {user.id, *store.principals.group_ids(user.id)}
        case RoleSession(role=role):
            subjects.add(role.id)
        case FederatedUser(user=lender) if lender is not None:
            subjects |= {lender.id, *store.principals.group_ids(lender.id)}
        case FederatedIdentity(provider=provider):
            subjects.add(str(provider))
    session = principal.session
    if session is not None:
        subjects.add(session.id)
    if session is not None and session.lineage is not None:
        subjects.add(session.lineage.key)
    return subjects


def _is_revoked(claims: Claims, store: Store) -> bool:
    session = claims.session
    key = session.lineage.key if session.lineage is not None else ""
    return store.sessions.revoked(session.id, key=key, owner=claims.owner, issued=session.issued)


def _secret(stored: StoredKey, store: Store) -> SigningSecret:
    """Raises ServiceUnavailable if its row is damaged."""
    try:
        return SigningSecret(store.access_keys.unseal(stored.key, stored.sealed))
    except Unsealable:
        raise ServiceUnavailable("A stored secret cannot be read.", detail=f"secret of {stored.key.id} is damaged") from None


def _owner(claims: Claims, store: Store) -> Principal | None:
    """Whose session it is, by unique id: a later namesake is somebody else (NT-36)."""
    if claims.owner == claims.account:
        return FederatedUser(claims.account, claims.name, None, claims.session) if claims.name else Root(claims.account, claims.session)
    if claims.owner.startswith(Prefix.ROLE):
        role = store.roles.with_id(claims.owner)
        return RoleSession(role, claims.name, claims.session) if role is not None else None
    user = store.users.with_id(claims.owner)
    if user is None:
        return None
    return FederatedUser(claims.account, claims.name, user, claims.session) if claims.name else IamUser(user, claims.session)
