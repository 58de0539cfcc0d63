"""The store: one of each repository, over one connection."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from akia.store.accounts import Accounts
from akia.store.alerts.alerts import Alerts
from akia.store.alerts.messages import AlertMessages
from akia.store.alerts.rule_states import RuleStates
from akia.store.changes import EVERYTHING, Changes
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

if TYPE_CHECKING:
    from collections.abc import Callable

    from akia.keyring import Keyring
    from akia.store.connection import Connection

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


class Store:
    """Everything akia remembers, as one thread at a time sees it. Transactions are the connection's."""

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
        self.changes = changes = Changes(connection, clock)
        self.accounts = Accounts(connection, changes)
        self.users = Users(connection, changes)
        self.groups = Groups(connection, changes)
        self.roles = Roles(connection, changes)
        self.instance_profiles = InstanceProfiles(connection, changes)
        self.role_deletions = RoleDeletions(connection)
        self.access_keys = AccessKeys(connection, changes, keyring)
        self.restricted_keys = RestrictedKeys(connection, changes)
        self.key_lifetimes = KeyLifetimes(connection, changes)
        self.compromise_reports = CompromiseReports(connection)
        self.key_calls = KeyCalls(connection)
        self.key_listing = KeyListing(connection)
        self.key_naming_rules = KeyNamingRules(connection)
        self.key_attributes = KeyAttributesOfKeys(connection)
        self.signing_certificates = SigningCertificates(connection, changes)
        self.ssh_public_keys = SshPublicKeys(connection, changes)
        self.service_credentials = ServiceCredentials(connection, changes)
        self.server_certificates = ServerCertificates(connection, changes, keyring)
        self.password_policies = PasswordPolicies(connection, changes)
        self.login_profiles = LoginProfiles(connection, keyring)
        self.mfa_devices = MfaDevices(connection, keyring)
        self.security_keys = SecurityKeys(connection, changes)
        self.security_key_challenges = SecurityKeyChallenges(connection)
        self.managed_policies = ManagedPolicies(connection, changes)
        self.attachments = Attachments(connection, changes)
        self.inline_policies = InlinePolicies(connection, changes)
        self.principals = Principals(connection)
        self.editions = Editions(connection)
        self.credential_reports = CredentialReports(connection)
        self.delegation_requests = DelegationRequests(connection, changes, keyring)
        self.account_settings = AccountSettings(connection)
        self.saml_providers = SamlProviders(connection, changes, keyring)
        self.used_assertions = UsedAssertions(connection)
        self.openid_providers = OpenIdProviders(connection, changes)
        self.outbound_issuers = OutboundIssuers(connection)
        self.outbound_keys = OutboundKeys(connection, keyring)
        self.organizations = Organizations(connection, changes)
        self.organizational_units = OrganizationalUnits(connection, changes)
        self.members = Members(connection, changes)
        self.control_policies = ControlPolicies(connection, changes)
        self.control_policy_targets = ControlPolicyTargets(connection, changes)
        self.handshakes = Handshakes(connection, changes)
        self.account_requests = AccountRequests(connection, changes)
        self.service_accesses = ServiceAccesses(connection, changes)
        self.delegations = Delegations(connection, changes)
        self.delegation_policies = DelegationPolicies(connection, changes)
        self.organization_tags = OrganizationTags(connection)
        self.root_features = RootFeatures(connection, changes)
        self.sessions = Sessions(connection, changes)
        self.journals = Journals(connection)
        self.outbox = Outbox(connection)
        self.events = Events(connection)
        self.event_stream = EventStream(connection)
        self.trails = Trails(connection)
        self.trail_lanes = TrailLanes(connection)
        self.trail_files = TrailFiles(connection)
        self.trail_keys = TrailKeys(connection, keyring)
        self.event_data_stores = EventDataStores(connection)
        self.lake_events = LakeEvents(connection)
        self.lake_queries = LakeQueries(connection)
        self.job_leases = JobLeases(connection)
        self.call_minutes = CallMinutes(connection)
        self.insight_watches = InsightWatches(connection)
        self.insights = Insights(connection)
        self.insight_events = InsightEvents(connection)
        self.trail_resource_policies = TrailResourcePolicies(connection)
        self.channels = Channels(connection)
        self.dashboards = Dashboards(connection)
        self.imports = Imports(connection)
        self.import_failures = ImportFailures(connection)
        self.event_retention = EventRetention(connection)
        self.evidence = Evidence(connection)
        self.alerts = Alerts(connection, changes)
        self.rule_states = RuleStates(connection)
        self.alert_messages = AlertMessages(connection, changes)
        self.analysis_jobs = AnalysisJobs(connection)
        self.analyzers = Analyzers(connection)
        self.shadow_policies = ShadowPolicies(connection, changes)
        self.shadow_findings = ShadowFindings(connection)
        self.replays = Replays(connection, changes)
        self.recorded_events = RecordedEvents(connection)
        self.limits = Limits(connection, changes)
        self.rotations = Rotations(connection, changes)
        self.rotation_policies = RotationPolicies(connection, changes)
        self.called_keys = CalledKeys(connection)

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
