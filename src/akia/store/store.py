"""The store: one of each repository, over one connection."""

from __future__ import annotations

import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

from akia.store.changes import EVERYTHING, Changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from akia.keyring import Keyring
    from akia.store.accounts import Accounts
    from akia.store.alerts.alerts import Alerts
    from akia.store.alerts.messages import AlertMessages
    from akia.store.alerts.rule_states import RuleStates
    from akia.store.connection import Connection
    from akia.store.drafts.recorded_events import RecordedEvents
    from akia.store.drafts.replays import Replays
    from akia.store.drafts.shadow_findings import ShadowFindings
    from akia.store.drafts.shadow_policies import ShadowPolicies
    from akia.store.editions import Editions
    from akia.store.federation.openid_providers import OpenIdProviders
    from akia.store.federation.outbound_issuers import OutboundIssuers
    from akia.store.federation.outbound_keys import OutboundKeys
    from akia.store.iam.access_keys import AccessKeys
    from akia.store.iam.account_settings import AccountSettings
    from akia.store.iam.attachments import Attachments
    from akia.store.iam.compromise_reports import CompromiseReports
    from akia.store.iam.credential_reports import CredentialReports
    from akia.store.iam.delegation_requests import DelegationRequests
    from akia.store.iam.groups import Groups
    from akia.store.iam.inline_policies import InlinePolicies
    from akia.store.iam.instance_profiles import InstanceProfiles
    from akia.store.iam.key_attributes import KeyAttributesOfKeys
    from akia.store.iam.key_lifetimes import KeyLifetimes
    from akia.store.iam.key_listing import KeyListing
    from akia.store.iam.key_naming_rules import KeyNamingRules
    from akia.store.iam.managed_policies import ManagedPolicies
    from akia.store.iam.principals import Principals
    from akia.store.iam.restricted_keys import RestrictedKeys
    from akia.store.iam.role_deletions import RoleDeletions
    from akia.store.iam.roles import Roles
    from akia.store.iam.saml_providers import SamlProviders
    from akia.store.iam.server_certificates import ServerCertificates
    from akia.store.iam.service_credentials import ServiceCredentials
    from akia.store.iam.signing_certificates import SigningCertificates
    from akia.store.iam.ssh_public_keys import SshPublicKeys
    from akia.store.iam.used_assertions import UsedAssertions
    from akia.store.iam.users import Users
    from akia.store.job_leases import JobLeases
    from akia.store.journals import Journals
    from akia.store.limits import Limits
    from akia.store.organizations.control_policies import ControlPolicies
    from akia.store.organizations.control_policy_targets import ControlPolicyTargets
    from akia.store.organizations.delegations import DelegationPolicies, Delegations, ServiceAccesses
    from akia.store.organizations.handshakes import AccountRequests, Handshakes
    from akia.store.organizations.members import Members
    from akia.store.organizations.organizations import Organizations
    from akia.store.organizations.root_features import RootFeatures
    from akia.store.organizations.tags import OrganizationTags
    from akia.store.organizations.units import OrganizationalUnits
    from akia.store.outbox import Outbox
    from akia.store.rotations.called_keys import CalledKeys
    from akia.store.rotations.policies import RotationPolicies
    from akia.store.rotations.rotations import Rotations
    from akia.store.sessions import Sessions
    from akia.store.signin.login_profiles import LoginProfiles
    from akia.store.signin.mfa_devices import MfaDevices
    from akia.store.signin.password_policies import PasswordPolicies
    from akia.store.signin.security_keys import SecurityKeyChallenges, SecurityKeys
    from akia.store.trail.analysis_jobs import AnalysisJobs
    from akia.store.trail.analyzers import Analyzers
    from akia.store.trail.call_minutes import CallMinutes
    from akia.store.trail.channels import Channels
    from akia.store.trail.dashboards import Dashboards
    from akia.store.trail.event_data_stores import EventDataStores
    from akia.store.trail.events import Events
    from akia.store.trail.evidence import Evidence
    from akia.store.trail.imports import ImportFailures, Imports
    from akia.store.trail.insights import InsightEvents, Insights, InsightWatches
    from akia.store.trail.key_calls import KeyCalls
    from akia.store.trail.lake_events import LakeEvents
    from akia.store.trail.lake_queries import LakeQueries
    from akia.store.trail.resource_policies import TrailResourcePolicies
    from akia.store.trail.retention import EventRetention
    from akia.store.trail.stream import EventStream
    from akia.store.trail.trail_files import TrailFiles
    from akia.store.trail.trail_keys import TrailKeys
    from akia.store.trail.trail_lanes import TrailLanes
    from akia.store.trail.trails import Trails

_WIPED = (
    "DELETE FROM limits",
    "DELETE FROM alert_messages",
    "DELETE FROM alert_states",
    "DELETE FROM alerts",
    "DELETE FROM replay_results",
    "DELETE FROM replays",
    "DELETE FROM shadow_findings",
    "DELETE FROM shadow_policies",
    "DELETE FROM analysis_jobs",
    "DELETE FROM analyzers",
    "DELETE FROM lake_results",
    "DELETE FROM lake_queries",
    "DELETE FROM event_data_store_events",
    "DELETE FROM event_data_stores",
    "DELETE FROM trail_files",
    "DELETE FROM trail_lanes",
    "DELETE FROM trail_keys",
    "DELETE FROM trails",
    "DELETE FROM job_leases",
    "DELETE FROM call_minutes",
    "DELETE FROM insight_watches",
    "DELETE FROM insights",
    "DELETE FROM insight_events",
    "DELETE FROM trail_resource_policies",
    "DELETE FROM channels",
    "DELETE FROM import_failures",
    "DELETE FROM imports",
    "DELETE FROM dashboards",
    "DELETE FROM event_principals",
    "DELETE FROM event_resources",
    "DELETE FROM event_cursors",
    "DELETE FROM events",
    "DELETE FROM key_uses",
    "DELETE FROM role_uses",
    "DELETE FROM outbox",
    "DELETE FROM journal_positions",
    "DELETE FROM revoked_sessions",
    "DELETE FROM revoked_lineages",
    "DELETE FROM changes",
    "DELETE FROM inline_policies",
    "DELETE FROM attachments",
    "DELETE FROM policy_versions WHERE policy_id IN (SELECT id FROM managed_policies WHERE account <> 'aws')",
    "DELETE FROM managed_policies WHERE account <> 'aws'",
    "DELETE FROM security_key_challenges",
    "DELETE FROM security_keys",
    "DELETE FROM mfa_devices",
    "DELETE FROM login_profiles",
    "DELETE FROM password_policies",
    "DELETE FROM compromise_reports",
    "DELETE FROM key_lifetimes",
    "DELETE FROM key_restrictions",
    "DELETE FROM rotation_reminders",
    "DELETE FROM rotation_policies",
    "DELETE FROM rotation_steps",
    "DELETE FROM rotations",
    "DELETE FROM key_attributes",
    "DELETE FROM key_naming_rules",
    "DELETE FROM key_calls",
    "DELETE FROM key_hours",
    "DELETE FROM access_keys",
    "DELETE FROM signing_certificates",
    "DELETE FROM ssh_public_keys",
    "DELETE FROM service_credentials",
    "DELETE FROM server_certificates",
    "DELETE FROM used_assertions",
    "DELETE FROM saml_private_keys",
    "DELETE FROM saml_metadata",
    "DELETE FROM saml_providers",
    "DELETE FROM memberships",
    "DELETE FROM instance_profiles",
    "DELETE FROM role_deletions",
    "DELETE FROM users",
    "DELETE FROM groups",
    "DELETE FROM roles",
    "DELETE FROM identities",
    "DELETE FROM delegation_requests",
    "DELETE FROM account_properties",
    "DELETE FROM token_preferences",
    "DELETE FROM organization_tags",
    "DELETE FROM root_features",
    "DELETE FROM delegation_policies",
    "DELETE FROM delegations",
    "DELETE FROM service_accesses",
    "DELETE FROM account_requests",
    "DELETE FROM handshakes",
    "DELETE FROM control_policy_targets",
    "DELETE FROM control_policies",
    "DELETE FROM organization_members",
    "DELETE FROM organizational_units",
    "DELETE FROM organizations",
    "DELETE FROM credential_reports",
    "DELETE FROM openid_providers",
    "DELETE FROM outbound_issuers",
    "DELETE FROM outbound_keys",
    "DELETE FROM accounts",
)
"""Children before parents. A test compares the list with the tables: one that is forgotten here would survive a reset."""


class _Repository:
    """Where a repository's class is, and what of the store it is given beside the connection. It is imported and made when it is first
    asked for: a start needs few of them, and most commands of the program hardly any."""

    def __init__(self, module: str, kind: str, *given: str) -> None:
        self.module = f"akia.store.{module}"
        self._kind, self._given = kind, given

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, store: Store, owner: type) -> Any:
        kind = getattr(import_module(self.module), self._kind)
        made = store.__dict__[self._name] = kind(store.connection, *(getattr(store, name) for name in self._given))
        return made


def _repository(module: str, kind: str, *given: str) -> Any:
    """A _Repository, which mypy takes for what it gives."""
    return _Repository(module, kind, *given)


class Store:
    """Everything akia remembers, as one thread at a time sees it. Transactions are the connection's."""

    accounts: Accounts = _repository("accounts", "Accounts", "changes")
    users: Users = _repository("iam.users", "Users", "changes")
    groups: Groups = _repository("iam.groups", "Groups", "changes")
    roles: Roles = _repository("iam.roles", "Roles", "changes")
    instance_profiles: InstanceProfiles = _repository("iam.instance_profiles", "InstanceProfiles", "changes")
    role_deletions: RoleDeletions = _repository("iam.role_deletions", "RoleDeletions")
    access_keys: AccessKeys = _repository("iam.access_keys", "AccessKeys", "changes", "keyring")
    restricted_keys: RestrictedKeys = _repository("iam.restricted_keys", "RestrictedKeys", "changes")
    key_lifetimes: KeyLifetimes = _repository("iam.key_lifetimes", "KeyLifetimes", "changes")
    compromise_reports: CompromiseReports = _repository("iam.compromise_reports", "CompromiseReports")
    key_calls: KeyCalls = _repository("trail.key_calls", "KeyCalls")
    key_listing: KeyListing = _repository("iam.key_listing", "KeyListing")
    key_naming_rules: KeyNamingRules = _repository("iam.key_naming_rules", "KeyNamingRules")
    key_attributes: KeyAttributesOfKeys = _repository("iam.key_attributes", "KeyAttributesOfKeys")
    signing_certificates: SigningCertificates = _repository("iam.signing_certificates", "SigningCertificates", "changes")
    ssh_public_keys: SshPublicKeys = _repository("iam.ssh_public_keys", "SshPublicKeys", "changes")
    service_credentials: ServiceCredentials = _repository("iam.service_credentials", "ServiceCredentials", "changes")
    server_certificates: ServerCertificates = _repository("iam.server_certificates", "ServerCertificates", "changes", "keyring")
    password_policies: PasswordPolicies = _repository("signin.password_policies", "PasswordPolicies", "changes")
    login_profiles: LoginProfiles = _repository("signin.login_profiles", "LoginProfiles", "keyring")
    mfa_devices: MfaDevices = _repository("signin.mfa_devices", "MfaDevices", "keyring")
    security_keys: SecurityKeys = _repository("signin.security_keys", "SecurityKeys", "changes")
    security_key_challenges: SecurityKeyChallenges = _repository("signin.security_keys", "SecurityKeyChallenges")
    managed_policies: ManagedPolicies = _repository("iam.managed_policies", "ManagedPolicies", "changes")
    attachments: Attachments = _repository("iam.attachments", "Attachments", "changes")
    inline_policies: InlinePolicies = _repository("iam.inline_policies", "InlinePolicies", "changes")
    principals: Principals = _repository("iam.principals", "Principals")
    editions: Editions = _repository("editions", "Editions")
    credential_reports: CredentialReports = _repository("iam.credential_reports", "CredentialReports")
    delegation_requests: DelegationRequests = _repository("iam.delegation_requests", "DelegationRequests", "changes", "keyring")
    account_settings: AccountSettings = _repository("iam.account_settings", "AccountSettings")
    saml_providers: SamlProviders = _repository("iam.saml_providers", "SamlProviders", "changes", "keyring")
    used_assertions: UsedAssertions = _repository("iam.used_assertions", "UsedAssertions")
    openid_providers: OpenIdProviders = _repository("federation.openid_providers", "OpenIdProviders", "changes")
    outbound_issuers: OutboundIssuers = _repository("federation.outbound_issuers", "OutboundIssuers")
    outbound_keys: OutboundKeys = _repository("federation.outbound_keys", "OutboundKeys", "keyring")
    organizations: Organizations = _repository("organizations.organizations", "Organizations", "changes")
    organizational_units: OrganizationalUnits = _repository("organizations.units", "OrganizationalUnits", "changes")
    members: Members = _repository("organizations.members", "Members", "changes")
    control_policies: ControlPolicies = _repository("organizations.control_policies", "ControlPolicies", "changes")
    control_policy_targets: ControlPolicyTargets = _repository("organizations.control_policy_targets", "ControlPolicyTargets", "changes")
    handshakes: Handshakes = _repository("organizations.handshakes", "Handshakes", "changes")
    account_requests: AccountRequests = _repository("organizations.handshakes", "AccountRequests", "changes")
    service_accesses: ServiceAccesses = _repository("organizations.delegations", "ServiceAccesses", "changes")
    delegations: Delegations = _repository("organizations.delegations", "Delegations", "changes")
    delegation_policies: DelegationPolicies = _repository("organizations.delegations", "DelegationPolicies", "changes")
    organization_tags: OrganizationTags = _repository("organizations.tags", "OrganizationTags")
    root_features: RootFeatures = _repository("organizations.root_features", "RootFeatures", "changes")
    sessions: Sessions = _repository("sessions", "Sessions", "changes")
    journals: Journals = _repository("journals", "Journals")
    outbox: Outbox = _repository("outbox", "Outbox")
    events: Events = _repository("trail.events", "Events")
    event_stream: EventStream = _repository("trail.stream", "EventStream")
    trails: Trails = _repository("trail.trails", "Trails")
    trail_lanes: TrailLanes = _repository("trail.trail_lanes", "TrailLanes")
    trail_files: TrailFiles = _repository("trail.trail_files", "TrailFiles")
    trail_keys: TrailKeys = _repository("trail.trail_keys", "TrailKeys", "keyring")
    event_data_stores: EventDataStores = _repository("trail.event_data_stores", "EventDataStores")
    lake_events: LakeEvents = _repository("trail.lake_events", "LakeEvents")
    lake_queries: LakeQueries = _repository("trail.lake_queries", "LakeQueries")
    job_leases: JobLeases = _repository("job_leases", "JobLeases")
    call_minutes: CallMinutes = _repository("trail.call_minutes", "CallMinutes")
    insight_watches: InsightWatches = _repository("trail.insights", "InsightWatches")
    insights: Insights = _repository("trail.insights", "Insights")
    insight_events: InsightEvents = _repository("trail.insights", "InsightEvents")
    trail_resource_policies: TrailResourcePolicies = _repository("trail.resource_policies", "TrailResourcePolicies")
    channels: Channels = _repository("trail.channels", "Channels")
    dashboards: Dashboards = _repository("trail.dashboards", "Dashboards")
    imports: Imports = _repository("trail.imports", "Imports")
    import_failures: ImportFailures = _repository("trail.imports", "ImportFailures")
    event_retention: EventRetention = _repository("trail.retention", "EventRetention")
    evidence: Evidence = _repository("trail.evidence", "Evidence")
    alerts: Alerts = _repository("alerts.alerts", "Alerts", "changes")
    rule_states: RuleStates = _repository("alerts.rule_states", "RuleStates")
    alert_messages: AlertMessages = _repository("alerts.messages", "AlertMessages", "changes")
    analysis_jobs: AnalysisJobs = _repository("trail.analysis_jobs", "AnalysisJobs")
    analyzers: Analyzers = _repository("trail.analyzers", "Analyzers")
    shadow_policies: ShadowPolicies = _repository("drafts.shadow_policies", "ShadowPolicies", "changes")
    shadow_findings: ShadowFindings = _repository("drafts.shadow_findings", "ShadowFindings")
    replays: Replays = _repository("drafts.replays", "Replays", "changes")
    recorded_events: RecordedEvents = _repository("drafts.recorded_events", "RecordedEvents")
    limits: Limits = _repository("limits", "Limits", "changes")
    rotations: Rotations = _repository("rotations.rotations", "Rotations", "changes")
    rotation_policies: RotationPolicies = _repository("rotations.policies", "RotationPolicies", "changes")
    called_keys: CalledKeys = _repository("rotations.called_keys", "CalledKeys")

    def __init__(
        self,
        connection: Connection,
        keyring: Keyring,
        clock: Callable[[], float] = time.time,
        reload_keys: Callable[[Connection], Keyring] | None = None,
    ) -> None:
        """`clock` answers epoch seconds; it dates the rows of the change feed. `reload_keys` reads the data keys anew."""
        self.connection = connection
        self.keyring = keyring
        self._clock = clock
        self._reload_keys = reload_keys
        self.changes = Changes(connection, clock)

    @property
    def changed(self) -> list[str]:
        """The subjects that this store has written since the list was last cleared."""
        return self.changes.written

    def another(self) -> Store:
        """A store over a connection of its own to the same database, for another thread."""
        return Store(self.connection.another(), self.keyring, self._clock, self._reload_keys)

    def reload_keyring(self) -> None:
        """Reads the data keys anew: another process has rotated them. Raises CannotOpen if the master key cannot be had any more."""
        if self._reload_keys is not None:
            self.keyring.become(self._reload_keys(self.connection))

    def wipe(self) -> None:
        """Empties the database in one transaction, but for the schema, the data keys and AWS's managed policies.

        Only the throw-away mode does this. What remains in the change feed is one change of everything.
        """
        self.connection.execute("PRAGMA secure_delete = OFF")  # else every freed page is written once more, full of zeros
        self.connection.execute("PRAGMA foreign_keys = OFF")  # else SQLite looks for children at every single row
        try:
            self.connection.begin_immediate()
            try:
                for statement in _WIPED:
                    self.connection.execute(statement)
                self.changes.add(EVERYTHING)
                self.connection.commit()
            except BaseException:
                self.connection.rollback()
                raise
        finally:
            self.connection.execute("PRAGMA foreign_keys = ON")

    def close(self) -> None:
        self.connection.close()


def modules() -> Iterator[str]:
    """The names of the modules of all repositories."""
    return (part.module for part in vars(Store).values() if isinstance(part, _Repository))
