"""The condition keys of one request (P4.3): one row a key. What cannot be known is absent, never a placeholder (NT-85).

Nothing that a client sends becomes an identity key or a resource key (NT-44): the rows read only the verified caller, the facts of the
connection and the clock.
Values are computed when a policy asks for them, and remembered for the decision record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.authority.facts import RequestFacts
from akia.aws.regions import GLOBAL_REGION, GLOBAL_SERVICES
from akia.identity.principal import FederatedIdentity, FederatedUser, IamUser, RoleSession, Root
from akia.trail.user_identity import timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akia.identity.organization import Place
    from akia.identity.principal import Principal
    from akia.identity.session import SessionFacts
    from akia.operation import Conditions

Value = str | tuple[str, ...]
"""A string is a single-valued key, a tuple a multivalued one."""

_TAG = "aws:principaltag/"


class RequestContext:
    """What policies may ask about one request. `now` is in epoch seconds; `service` is the prefix of the action's service.

    `place` and `resource_place` are where the principal's and the resource's accounts stand in organizations. `mfa_at` is when this very
    request has proven a second factor, which counts as if the principal's session had.
    """

    __slots__ = ("_specific", "facts", "mfa_at", "now", "place", "principal", "resource_account", "resource_place", "seen", "service")

    def __init__(
        self,
        principal: Principal,
        facts: RequestFacts,
        now: int,
        service: str,
        resource_account: str,
        specific: Conditions | None = None,
        place: Place | None = None,
        resource_place: Place | None = None,
        mfa_at: int | None = None,
    ) -> None:
        session = principal.session
        self.mfa_at = mfa_at if mfa_at is not None or session is None else session.mfa_at
        self.principal = principal
        self.facts = facts
        self.now = now
        self.service = service
        self.resource_account = resource_account
        self.place = place
        self.resource_place = resource_place
        self._specific: Conditions = specific or {}
        self.seen: dict[str, Value] = {}

    def get(self, key: str) -> Value | None:
        """The value of a lower-cased key, or None if the request does not have it."""
        value = self._find(key)
        if value is not None:
            self.seen[key] = value
        return value

    def known(self) -> Mapping[str, Value]:
        """Every key that this request has, for simulation, replay and the decision record."""
        keys = [*_ROWS, *(_TAG + key.lower() for key in self.principal.tags), *_stated_by_provider(self.principal), *self._specific]
        values = ((key, self._find(key)) for key in keys)
        return {key: value for key, value in values if value is not None}

    def to_record(self) -> Mapping[str, Value]:
        """What the decision record keeps: the keys that the event beside it does not tell already. The rows that are left out follow
        from its time, source, agent, region and identity."""
        kept: dict[str, Value] = {"aws:securetransport": _flag(self.facts.secure), "aws:resourceaccount": self.resource_account}
        if self.facts.referer is not None:
            kept["aws:referer"] = self.facts.referer
        if self.principal.session is not None or self.mfa_at is not None:
            kept |= {key: value for key in _OF_SESSIONS if (value := self._find(key)) is not None}
        kept |= _stated_by_provider(self.principal)
        if self.place is not None or self.resource_place is not None:
            kept |= {key: value for key in _OF_ORGANIZATIONS if (value := self._find(key)) is not None}
        for key, value in self.principal.tags.items():
            kept[_TAG + key.lower()] = value
        for key, given in self._specific.items():
            kept[key] = given if isinstance(given, str) else tuple(given)
        return kept

    def _find(self, key: str) -> Value | None:
        row = _ROWS.get(key)
        if row is not None:
            return row(self)
        if key.startswith(_TAG):
            return _tag(self.principal.tags, key[len(_TAG) :])
        value = self._specific.get(key)
        if value is None:
            value = _stated_by_provider(self.principal).get(key)
        return value if value is None or isinstance(value, str) else tuple(value)


def _stated_by_provider(principal: Principal) -> Mapping[str, Value]:
    """The keys that a token or assertion has stated, of its bearer and of the session that it led to (P4.3-25)."""
    if isinstance(principal, FederatedIdentity):
        return principal.keys
    session = principal.session
    return session.federation.keys if session is not None and session.federation is not None else _NOTHING


_NOTHING: Mapping[str, Value] = {}


def _tag(tags: Mapping[str, str], key: str) -> str | None:
    return next((value for name, value in tags.items() if name.lower() == key), None)


def _requested_region(context: RequestContext) -> str:
    """P4.3-3."""
    return GLOBAL_REGION if context.service in GLOBAL_SERVICES else context.facts.region


def _username(context: RequestContext) -> str | None:
    """P4.2: only IAM users have one."""
    return context.principal.user.name if isinstance(context.principal, IamUser) else None


def _principal_arn(context: RequestContext) -> str | None:
    """P4.3-8: whoever signs has one."""
    return None if isinstance(context.principal, FederatedIdentity) else str(context.principal.policy_arn)


def _principal_type(context: RequestContext) -> str:
    """P4.2."""
    return _TYPES[type(context.principal)]


_TYPES: Mapping[type, str] = {
    Root: "Account",
    IamUser: "User",
    RoleSession: "AssumedRole",
    FederatedUser: "FederatedUser",
    FederatedIdentity: "Anonymous",  # who asks for a role has not signed
}


def _organization(place: Place | None) -> str | None:
    return place.organization.id if place is not None else None


def _paths(place: Place | None) -> tuple[str, ...] | None:
    return (place.path,) if place is not None else None


def _of_session(read: Callable[[SessionFacts], str | None]) -> Callable[[RequestContext], str | None]:
    """A key that only temporary credentials have."""

    def row(context: RequestContext) -> str | None:
        session = context.principal.session
        return read(session) if session is not None else None

    return row


def _mfa_present(context: RequestContext) -> str | None:
    """P4.3-13: absent for long-term keys, unless the request itself brings a code (AssumeRole)."""
    return None if context.principal.session is None and context.mfa_at is None else _flag(context.mfa_at is not None)


def _mfa_age(context: RequestContext) -> str | None:
    return None if context.mfa_at is None else str(context.now - context.mfa_at)


def _flag(value: bool) -> str:
    return "true" if value else "false"


_ROWS: Mapping[str, Callable[[RequestContext], Value | None]] = {
    "aws:currenttime": lambda context: timestamp(context.now),  # P4.3-1
    "aws:epochtime": lambda context: str(context.now),  # P4.3-1
    "aws:securetransport": lambda context: _flag(context.facts.secure),  # P4.3-2
    "aws:requestedregion": _requested_region,  # P4.3-3
    "aws:useragent": lambda context: context.facts.user_agent,  # P4.3-4, PX-28
    "aws:sourceip": lambda context: context.facts.source_ip,  # P4.3-5
    "aws:userid": lambda context: context.principal.unique_id,  # P4.3-7
    "aws:username": _username,  # P4.2
    "aws:principaltype": _principal_type,  # P4.3-7
    "aws:principalaccount": lambda context: context.principal.account,  # P4.3-7
    "aws:principalarn": _principal_arn,  # P4.3-8
    "aws:principalorgid": lambda context: _organization(context.place),  # P4.3-9
    "aws:principalorgpaths": lambda context: _paths(context.place),  # P4.3-9
    "aws:principalisawsservice": lambda context: "false",  # P4.3-11
    "aws:multifactorauthpresent": _mfa_present,  # P4.3-13
    "aws:multifactorauthage": _mfa_age,  # P4.3-14
    "aws:tokenissuetime": _of_session(lambda session: timestamp(session.issued)),  # P4.3-15
    "aws:federatedprovider": _of_session(lambda session: session.federation.provider if session.federation else None),  # P4.3-16
    "aws:sourceidentity": _of_session(lambda session: session.source_identity),  # P4.3-17
    "aws:viaawsservice": lambda context: "false",  # P4.3-18
    "aws:resourceaccount": lambda context: context.resource_account,  # P4.3-19
    "aws:resourceorgid": lambda context: _organization(context.resource_place),  # P4.3-19
    "aws:resourceorgpaths": lambda context: _paths(context.resource_place),  # P4.3-19
    "aws:referer": lambda context: context.facts.referer,  # P4.3-22
    "aws:assumedroot": _of_session(lambda session: "true" if session.assumed_root else None),  # P4.3-23
}

_OF_SESSIONS = (
    "aws:multifactorauthpresent",
    "aws:multifactorauthage",
    "aws:tokenissuetime",
    "aws:federatedprovider",
    "aws:sourceidentity",
    "aws:assumedroot",
)
_OF_ORGANIZATIONS = ("aws:principalorgid", "aws:principalorgpaths", "aws:resourceorgid", "aws:resourceorgpaths")

_OF_PRINCIPALS = (
    "aws:username",
    "aws:principaltype",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalorgid",
    "aws:principalorgpaths",
)
_NOT_CONNECTED = RequestFacts(request_id="", received=0.0, source_ip=None, secure=False, user_agent="", host="")


def keys_of_principal(principal: Principal, place: Place | None = None) -> Mapping[str, Value]:
    """The keys that every request of `principal` has, whenever and wherever from: what simulation need not be told.

    `place` is where its account stands in an organization. Of a role they are those of any of its sessions that was given no tags.
    """
    context = RequestContext(principal, _NOT_CONNECTED, 0, "", principal.account, None, place)
    names = [*_OF_PRINCIPALS, *(_TAG + key.lower() for key in principal.tags)]
    if not isinstance(principal, RoleSession):
        names.append("aws:userid")
    return {name: value for name in names if (value := context.get(name)) is not None}
