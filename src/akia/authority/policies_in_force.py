"""Which policies are in force: from the store's documents to the engine's layers (P1.1)."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from akia import policy
from akia.authority.organization_in_force import organization_in_force
from akia.identity.control_policy import RCP, SCP
from akia.identity.policy_source import PolicySource
from akia.identity.principal import FederatedIdentity, FederatedUser, IamUser, RoleSession, Root
from akia.policy import Compiled, Kind, Policies, PolicySet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from akia.identity.principal import Principal
    from akia.identity.session import SessionFacts
    from akia.store.store import Store

REMEMBERED_DOCUMENTS = 20_000
REMEMBERED_SETS = 20_000

_KINDS = {"boundary": Kind.BOUNDARY, "session": Kind.SESSION, SCP: Kind.SCP, RCP: Kind.RCP}


_ROOT_LENDS = PolicySource(
    layer="identity",
    owner="",
    name="everything",
    arn=None,
    policy_id=None,
    version=None,
    document='{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}',
)
"""What the root user has to lend to a federated user: the session's own policies are all that limits it (P1.7-8)."""

OWN_PASSWORD = PolicySource(
    layer="identity",
    owner="account",
    name="AllowUsersToChangePassword",
    arn=None,
    policy_id=None,
    version=None,
    document='{"Version": "2012-10-17", "Statement": {"Effect": "Allow", '
    '"Action": ["iam:ChangePassword", "iam:GetAccountPasswordPolicy"], "Resource": "*"}}',
)
"""What every user of an account may whose password policy says AllowUsersToChangePassword. ChangePassword is about the caller itself only.

Boundaries, control policies and Denies hold it back like any other permission."""


class Documents:
    """Compiled documents and sets of them, shared between all principals that they are in force for. Keyed by their text, so nothing in it
    can be stale."""

    def __init__(self) -> None:
        self._documents: OrderedDict[tuple[Kind, str, str], Compiled] = OrderedDict()
        self._sets: OrderedDict[tuple[tuple[Kind, str, str], ...], PolicySet] = OrderedDict()

    def compiled(self, kind: Kind, name: str, text: str) -> Compiled:
        """The document `text`, called `name` in decisions."""
        key = (kind, name, text)
        found = self._documents.get(key)
        if found is None:
            found = self._documents[key] = policy.compile(text, kind, policy=name)
            if len(self._documents) > REMEMBERED_DOCUMENTS:
                self._documents.popitem(last=False)
        return found

    def united(self, sources: Iterable[PolicySource]) -> PolicySet:
        """The set of the documents of one layer."""
        keys = tuple((_kind(source), name_of(source), source.document) for source in sources)
        found = self._sets.get(keys)
        if found is None:
            found = self._sets[keys] = PolicySet(self.compiled(*key) for key in keys)
            if len(self._sets) > REMEMBERED_SETS:
                self._sets.popitem(last=False)
        return found


class InForce:
    """The layers of a principal, with those that its organization adds. Root has none of its own (P1.3-12).

    The RCPs of `organization` are not among `policies`: they are the resource's, and only some services know them (P1.6-3).
    """

    def __init__(self, principal: Principal, store: Store, documents: Documents) -> None:
        identity = identity_sources(principal, store)
        boundary, session = _boundary(principal, store), _session(principal.session, store)
        self.organization = organization_in_force(principal.account, store, documents)
        self.policies = Policies(
            identity=documents.united(identity),
            boundary=documents.united(boundary) if boundary is not None else None,
            session=documents.united(session) if session is not None else None,
            scps=self.organization.scps,
        )
        self.sources: Sequence[PolicySource] = [*identity, *(boundary or ()), *(session or ()), *self.organization.sources]


def name_of(source: PolicySource) -> str:
    """What decisions call a policy: its ARN, or for an inline one the owner and the name."""
    return source.arn or f"{source.owner}/{source.name}"


def _kind(source: PolicySource) -> Kind:
    return _KINDS.get(source.layer) or (Kind.IDENTITY_MANAGED if source.arn else Kind.IDENTITY_INLINE)


def identity_sources(principal: Principal, store: Store) -> Sequence[PolicySource]:
    """The identity-based policies of a principal: its own, those of its groups, and what its account gives to all users."""
    match principal:
        case IamUser(user=user):
            return [*store.principals.policies_in_force(user.id), *_own_password(user.account, store)]
        case RoleSession(role=role):
            return store.principals.policies_in_force(role.id)
        case FederatedUser(user=owner):
            return store.principals.policies_in_force(owner.id) if owner is not None else [_ROOT_LENDS]
        case Root() | FederatedIdentity():
            return ()


def _own_password(account: str, store: Store) -> Sequence[PolicySource]:
    policy = store.password_policies.get(account)
    return (OWN_PASSWORD,) if policy is not None and policy.allow_change else ()


def _boundary(principal: Principal, store: Store) -> Sequence[PolicySource] | None:
    """The permissions boundary. One whose policy is gone allows nothing: the layer applies and is silent."""
    match principal:
        case IamUser(user=owner) | RoleSession(role=owner):
            arn = owner.boundary
        case FederatedUser(user=lender):
            arn = lender.boundary if lender is not None else None
        case Root() | FederatedIdentity():
            arn = None
    if arn is None:
        return None
    found = store.principals.managed(arn, "boundary")
    return [found] if found is not None else []


def _session(session: SessionFacts | None, store: Store) -> Sequence[PolicySource] | None:
    """The session policies, inline and by ARN, united (P1.7-8). A managed one that is gone is silent, whoever is called like it now."""
    if session is None or not session.policies:
        return None
    sources = []
    for arn, text in session.policies:
        found = _managed(arn, text, store) if arn else PolicySource("session", "", "session policy", None, None, None, text)
        if found is not None:
            sources.append(found)
    if session.assumed_root and sources:
        sources.append(_ROOT_LENDS._replace(layer="session"))  # AWS's task policies only deny: what they leave is root's
    return sources


def _managed(arn: str, unique_id: str, store: Store) -> PolicySource | None:
    """The session policy `arn`, unless it is a namesake's of the one that was meant (NT-36). No id names AWS's, and those of old tokens."""
    found = store.principals.managed(arn, "session")
    return found if found is not None and unique_id in ("", found.policy_id) else None
