"""The authority: who holds a key, which policies are in force for whom, and what they decide."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from akia import policy
from akia.authority.authorization_messages import AuthorizationMessages
from akia.authority.credential_cache import EVERYTHING, CredentialCache
from akia.authority.draft import shadowed, tried
from akia.authority.inactive_secrets import InactiveSecrets
from akia.authority.judgement import Judgement
from akia.authority.key_in_force import UNRESTRICTED, validity_of
from akia.authority.limits import Limits
from akia.authority.limits_file import OperatorLimits
from akia.authority.passwords import PasswordVerifier
from akia.authority.provider_keys import ProviderKeys
from akia.authority.request_context import RequestContext
from akia.authority.security_keys import RelyingParty, SecurityKeys
from akia.aws.errors import AccessDenied
from akia.aws.rcp_services import RCP_SERVICES
from akia.identity.access_key import KeyStatus
from akia.identity.principal import FederatedIdentity
from akia.identity.quotas import Quotas
from akia.outbound.buckets import NoBuckets
from akia.policy import Kind, PolicySet, PolicyType
from akia.rotation_targets import Targets
from akia.store.data_keys import CHANGED as DATA_KEYS_CHANGED
from akia.store.errors import CannotOpen
from akia.throttle import BucketsInMemory, Limiter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from akia.authority.caller import Caller
    from akia.authority.credential import Credential
    from akia.authority.credentials import Credentials
    from akia.authority.draft import Draft, Trial
    from akia.authority.organization_in_force import OrganizationInForce
    from akia.authority.session_tokens import SessionTokens
    from akia.authority.standing import Standing
    from akia.identity.access_key import AccessKey
    from akia.identity.key_lifetime import Validity
    from akia.identity.principal import Principal
    from akia.operation import Context, Required, ResourcePolicy
    from akia.outbound.buckets import Buckets
    from akia.sigv4 import SigningSecret
    from akia.store.feed import Feed
    from akia.store.store import Store

log = logging.getLogger("akia.authority")

CACHED_CREDENTIALS = 50_000
NO_PERMISSION_NEEDED = PolicySet(
    [
        policy.compile(
            '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}',
            Kind.IDENTITY_INLINE,
            policy="operations that need no permission",
        )
    ]
)
"""What stands in for identity policies where none are asked."""


class Authority:
    """Belongs to one thread. `store` is the connection that reads; `drain` copies the journals into the database; `endpoint` is the URL
    that clients use, as the settings have it and no request says (NT-92); `buckets` is where trails deliver; `limits` says how often
    anything may be called; `rotation_targets` where new access keys are delivered to."""

    def __init__(
        self,
        store: Store,
        feed: Feed,
        credentials: Credentials,
        tokens: SessionTokens,
        drain: Callable[[], None],
        quotas: Quotas | None = None,
        cached: int = CACHED_CREDENTIALS,
        endpoint: str = "http://localhost",
        provider_keys: ProviderKeys | None = None,
        buckets: Buckets | None = None,
        limits: Limits | None = None,
        rotation_targets: Targets | None = None,
    ) -> None:
        self.store = store
        self.provider_keys = provider_keys or ProviderKeys()
        self.buckets = buckets or NoBuckets()
        self.limits = limits or Limits(OperatorLimits(published=False), Limiter(BucketsInMemory()), time.monotonic)
        self.rotation_targets = rotation_targets or Targets()
        self.tokens = tokens
        self.messages = AuthorizationMessages(store.keyring)
        self.quotas = quotas or Quotas()
        self.passwords = PasswordVerifier()
        self.security_keys = SecurityKeys(RelyingParty.at(endpoint))
        self.endpoint = endpoint
        self._feed = feed
        self._credentials = credentials
        self._cache = CredentialCache(cached)
        self._inactive = InactiveSecrets()
        self.drain = drain

    # What has changed

    @property
    def cached_credentials(self) -> int:
        """How many credentials are in memory."""
        return len(self._cache)

    @property
    def generation(self) -> int:
        """The id of the latest change that decisions made now have seen."""
        return self._feed.generation

    def begin_reading(self) -> None:
        """Catch up with what other processes have changed, then hold one state of the store until `end_reading`. Raises
        ServiceUnavailable."""
        news = self._feed.news()
        if news:
            if DATA_KEYS_CHANGED in news or EVERYTHING in news:
                self._reload_keyring()
            self._cache.forget(news)
            self.limits.forget(news)
            self._inactive.forget(news)
        self.store.connection.begin_at_first_read()

    def _reload_keyring(self) -> None:
        """Without the master key the keys at hand stay: what is sealed under newer ones is then refused here."""
        try:
            self.store.reload_keyring()
        except CannotOpen as error:
            log.error("the data keys were rotated, and cannot be read: %s", error)

    def end_reading(self) -> None:
        """Let go of the state that is held, if one is."""
        self.store.connection.end_reading()

    def applied(self, changed: Iterable[str], generation: int) -> None:
        """This process has committed changes: forget what depends on them. Before any answer tells of them."""
        changed = list(changed)
        self._cache.forget(changed)
        self.limits.forget(changed)
        self._inactive.forget(changed)
        self._feed.advance(generation, len(changed))

    def drain_journals(self) -> None:
        """Have everything that was answered so far in the store, for operations that read events."""
        self.end_reading()
        self.drain()
        self.store.connection.begin_at_first_read()

    # Who holds a key

    def key(self, access_key_id: str) -> Credential | None:
        """The credential of a long-term key, or None if no such key may be used."""
        return self._cache.get(access_key_id) or self._credentials.of_key(access_key_id, self.store)

    def inactive_secret(self, access_key_id: str) -> SigningSecret | None:
        """The secret of a long-term key that is there and inactive. What it has signed is refused, and yet proven."""
        return self._inactive.get(access_key_id, lambda: self._credentials.of_inactive_key(access_key_id, self.store))

    def session(self, access_key_id: str, token: bytes) -> Credential | None:
        """The credential of a session, or None if it may not be used. Raises NotGenuine."""
        return self._cache.get((access_key_id, token)) or self._credentials.of_session(access_key_id, token, self.store)

    def remember(self, credential: Credential) -> None:
        """Keep a credential whose holder has proven to hold it."""
        self._cache.add(credential)

    def reloaded(self, caller: Caller, store: Store) -> Credential | None:
        """The credential that `caller` signed with, as `store` has it now; None if it may not be used any more."""
        if caller.token is None:
            return self._credentials.of_key(caller.access_key_id, store)
        return self._credentials.of_session(caller.access_key_id, caller.token, store)

    def validity(self, key: AccessKey, store: Store) -> Validity:
        """When `key` may be used, by what `store` says now."""
        return validity_of(key, store.restricted_keys.get(key.id) or UNRESTRICTED, store)

    def as_it_counts(self, key: AccessKey, store: Store, now: int) -> AccessKey:
        """`key`, Inactive if it has expired `now` (epoch seconds): AWS's models have no third word (O1)."""
        return replace(key, status=KeyStatus.INACTIVE) if self.validity(key, store).has_ended(now) else key

    def owner_account(self, access_key_id: str) -> str | None:
        """The account of a long-term key that exists, whatever its status; for the record only."""
        key = self.store.access_keys.get(access_key_id) if access_key_id else None
        return key.account if key is not None else None

    # What they may do

    def judge(self, context: Context, required: Required, resource_policy: ResourcePolicy | None = None) -> Judgement:
        """The decision on one requirement, with all that explains it. Never raises for what policies hold."""
        standing, principal = context.caller.standing, context.caller.principal
        owner = resource_policy.account if resource_policy is not None else principal.account
        theirs = self._around(owner, standing, context.store)
        places = standing.organization.place, theirs.place
        conditions, mfa_at = required.conditions, context.mfa_at
        seen = RequestContext(principal, context.facts, context.now, required.service, owner, conditions, *places, mfa_at)
        request, policies = self._question(standing, required, seen, owner, resource_policy, theirs)
        decision = policy.decide(request, policies)
        if not decision.allowed and decision.facts:  # there are none if already the short look cost too much (NT-53)
            decision = policy.decide(request, policies, every=True)
        shadows = shadowed(standing.shadows, request, policies, decision) if standing.shadows else ()
        return Judgement(required, decision, standing, seen, policies, shadows)

    def judge_by_key(self, context: Context, required: Required) -> Judgement:
        """The decision on what nobody needs a permission for (P1.7-11): only the caller's key can stand against it (O4)."""
        standing, principal = context.caller.standing, context.caller.principal
        place = standing.organization.place
        owner = principal.account
        seen = RequestContext(principal, context.facts, context.now, required.service, owner, required.conditions, place, place)
        policies = policy.Policies(identity=NO_PERMISSION_NEEDED, ceiling=standing.policies.ceiling)
        request = policy.Request(standing.principal, required.action, required.resource, seen, owner)
        return Judgement(required, policy.decide(request, policies, every=True), standing, seen, policies)

    def simulate(
        self, standing: Standing, required: Required, seen: policy.Context, owner: str, resource_policy: ResourcePolicy | None = None
    ) -> policy.Decision:
        """What `judge` would decide for whom `standing` is in force, if the request had the context `seen` and `owner` owned the resource.

        The same question is put to the same engine (NT-96); the facts name all statements that match.
        """
        theirs = self._around(owner, standing, self.store)
        return policy.decide(*self._question(standing, required, seen, owner, resource_policy, theirs), every=True)

    def reconsider(
        self, standing: Standing, required: Required, seen: policy.Context, owner: str, resource_policy: ResourcePolicy | None = None
    ) -> policy.Decision:
        """As `simulate`, as quickly as `judge`: the facts name no more statements than are needed to decide."""
        theirs = self._around(owner, standing, self.store)
        return policy.decide(*self._question(standing, required, seen, owner, resource_policy, theirs))

    def try_draft(self, draft: Draft, standing: Standing) -> Trial | None:
        """The trial of `draft` for whom `standing` is in force; None if it changes nothing for them."""
        return tried(draft, standing.policies, self._credentials.compiled)

    def standing(self, principal: Principal, store: Store) -> Standing:
        """What is in force for `principal` in `store` now, whoever asks."""
        return self._credentials.standing(principal, "", store)

    def enforce(self, judgement: Judgement) -> None:
        """Raises AccessDenied, in AWS's words (P6.1), unless the judgement allows. What names no resource is allowed to nobody (NT-86)."""
        required, principal = judgement.required, judgement.context.principal
        if not judgement.decision.allowed and isinstance(principal, FederatedIdentity):
            raise AccessDenied(f"Not authorized to perform {required.action}")  # P6.1-13: it has no name yet
        if not judgement.decision.allowed:
            raise AccessDenied(
                policy.denial_message(
                    judgement.decision,
                    principal_arn=str(principal.arn),
                    action=required.action,
                    resource=required.resource,
                    account=principal.account,
                )
            )
        if not required.resource:
            raise AccessDenied(f"User: {principal.arn} is not authorized to perform: {required.action}")

    def require(self, context: Context, required: Required) -> None:
        """`judge` and `enforce` at once."""
        context.judged.append(self.judge(context, required))
        self.enforce(context.judged[-1])

    def _question(
        self,
        standing: Standing,
        required: Required,
        seen: policy.Context,
        owner: str,
        resource_policy: ResourcePolicy | None,
        theirs: OrganizationInForce,
    ) -> tuple[policy.Request, policy.Policies]:
        """What the engine is asked, and which policies are in force for the answer: the same for enforcement and simulation (NT-96)."""
        policies = standing.policies
        if theirs.rcps and required.service in RCP_SERVICES:
            policies = policies._replace(rcps=theirs.rcps)
        if resource_policy is not None:
            policies = self._with_resource_layer(policies, resource_policy, required.resource)
        return policy.Request(standing.principal, required.action, required.resource, seen, owner), policies

    def _around(self, owner: str, standing: Standing, store: Store) -> OrganizationInForce:
        """What surrounds the account that owns the resource: the caller's own, which is at hand, or another's, read from `store`."""
        return standing.organization if owner == standing.principal.account else self._credentials.organization(owner, store)

    def _with_resource_layer(self, policies: policy.Policies, resource_policy: ResourcePolicy, resource: str) -> policy.Policies:
        kind = Kind(resource_policy.kind)
        return policies._replace(
            resource=PolicySet([self._credentials.compiled(kind, resource, resource_policy.text)]),
            resource_type=PolicyType.TRUST if kind is Kind.TRUST else PolicyType.RESOURCE,
            resource_required=resource_policy.mandatory,
        )
