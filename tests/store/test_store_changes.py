"""The change feed: every method that writes has an expectation here, and a method without one fails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from inspect import get_annotations
from typing import TYPE_CHECKING, Any

import pytest

from akia.identity.access_key import AccessKey, KeyStatus
from akia.identity.account import Account
from akia.identity.account_request import FAILED, AccountRequest
from akia.identity.alert import Alert, AlertMessage
from akia.identity.analysis_job import AnalysisJob, AnalysisKind
from akia.identity.analyzer import Analyzer
from akia.identity.channel import Channel
from akia.identity.compromise_report import CompromiseReport
from akia.identity.control_policy import SCP, ControlPolicy
from akia.identity.credential_report import CredentialReport
from akia.identity.dashboard import Dashboard
from akia.identity.delegation import Delegation, DelegationPolicy, ServiceAccess
from akia.identity.delegation_request import DelegationRequest
from akia.identity.event_data_store import EventDataStore, LakeEvent
from akia.identity.group import Group
from akia.identity.handshake import ACCEPTED, INVITE, Handshake
from akia.identity.insight import Insight, InsightEvent, InsightWatch, Series
from akia.identity.instance_profile import InstanceProfile
from akia.identity.key_attributes import KeyAttributes
from akia.identity.key_calls import CallSum, Combination, HourOfCalls
from akia.identity.key_lifetime import KeyLifetime, LifetimeMode
from akia.identity.key_naming_rule import KeyNamingRule
from akia.identity.key_restrictions import KeyRestrictions
from akia.identity.key_rotation import KeyRotation, RotationStep
from akia.identity.lake_query import FINISHED, LakeQuery
from akia.identity.limit import Limit, Scope
from akia.identity.login_profile import LoginProfile
from akia.identity.managed_policy import ManagedPolicy, PolicyVersion
from akia.identity.mfa_device import SIGN_IN, MfaDevice, SecurityKey, SecurityKeyChallenge
from akia.identity.openid_provider import OpenIdProvider
from akia.identity.organization import Member, Organization, OrganizationalUnit
from akia.identity.outbound_issuer import OutboundIssuer
from akia.identity.outbound_key import OutboundKey
from akia.identity.password_policy import PasswordPolicy
from akia.identity.replay import Replay, ReplayStatus
from akia.identity.role import Role
from akia.identity.role_deletion import DeletionStatus, RoleDeletion
from akia.identity.root_feature import RootFeature
from akia.identity.rotation_policy import RotationPolicy, RotationReminder
from akia.identity.saml_provider import SamlKey, SamlProvider
from akia.identity.server_certificate import ServerCertificate
from akia.identity.service_credential import ServiceCredential
from akia.identity.shadow_policy import ShadowPolicy
from akia.identity.signing_certificate import SigningCertificate
from akia.identity.ssh_public_key import Material, SshPublicKey
from akia.identity.trail import Trail
from akia.identity.trail_delivery import DIGEST, LOG, TrailFile, TrailKey, TrailLane
from akia.identity.trail_import import ImportFailure, TrailImport
from akia.identity.user import User
from akia.store.store import Store
from akia.store.trail.event_row import EventRow

if TYPE_CHECKING:
    from collections.abc import Callable

ACCOUNT = "111122223333"


@dataclass
class World:
    """A store and one of everything in it."""

    store: Store
    alice: User
    bob: User
    admins: Group
    reader: Role
    policy: ManagedPolicy
    key: AccessKey
    organization: Organization
    profile: InstanceProfile


@pytest.fixture
def world(
    store: Store, alice: User, bob: User, admins: Group, reader: Role, policy: ManagedPolicy, key: AccessKey, organization: Organization
) -> World:
    profile = InstanceProfile(ACCOUNT, "AIPAPROFILE0000000000", "machines", "/", 1)
    store.instance_profiles.add(profile)
    store.groups.add_member(admins, bob)
    store.attachments.attach(policy.id, bob.id, ACCOUNT)
    store.inline_policies.put(bob.id, "inline", "{}", 1)
    store.managed_policies.add_version(PolicyVersion(policy.id, "v2", "{}", 1))
    store.journals.advance("j", 1)
    store.saml_providers.add(SAML, "<x/>")
    store.saml_providers.add_key(SAML, SAML.keys[0], "pem")
    store.shadow_policies.add(SHADOW)
    store.restricted_keys.put(key.id, KeyRestrictions(not_before=1))
    store.key_lifetimes.put(ACCOUNT, alice.id, LIFETIME)
    store.replays.add(REPLAY)
    store.limits.put(LIMIT)
    store.rotations.add(ROTATION)
    store.alerts.add(ALERT)
    store.alert_messages.add(MESSAGE)
    store.signing_certificates.add(CERTIFICATE)
    store.ssh_public_keys.add(SSH_KEY)
    store.service_credentials.add(CREDENTIAL, "secret")
    store.server_certificates.add(SERVER_CERTIFICATE, "key")
    store.password_policies.put(PASSWORD_POLICY)
    store.login_profiles.add(PROFILE)
    store.mfa_devices.add(DEVICE)
    store.security_keys.add(SECURITY_KEY)
    store.security_key_challenges.put(CHALLENGE, 1)
    store.openid_providers.add(PROVIDER)
    store.outbound_keys.add(OUTBOUND_KEY, b"private")
    store.changed.clear()
    return World(store, alice, bob, admins, reader, policy, key, organization, profile)


NOBODY_DEPENDS_ON_IT_YET: list[str] = []
EVENT = EventRow("e", "r", ACCOUNT, 1, "n", "s", "u", "AKIA1", True, True, "", "r", "{}", "{}")
OTHER = "444455556666"
LIFETIME = KeyLifetime(LifetimeMode.ENFORCE, 90)
CALLS = HourOfCalls(ACCOUNT, "AKIA1", 1, Combination("iam", "ListUsers", "us-east-1", "10.0.0.1", "aws-cli"), CallSum(1, 0, 1, 1))
SHADOW = ShadowPolicy("s-1", ACCOUNT, "AIDAALICE00000000000A", "s", 1, "", "{}")
SHADOWED = EVENT._replace(
    decision='[{"principalArn":"a","action":"b:C","resources":["*"],"outcome":"allowed","shadows":[["s-1","explicitDeny",[]]]}]'
)
ALERT = Alert("a-1", ACCOUNT, "root-used", "s", "", "HIGH", "It was.", 1, 1, "[]")
MESSAGE = AlertMessage("m-1", "ops", "a-1", "{}", 1, 1)
LIMIT = Limit(ACCOUNT, Scope.ACCOUNT_OPERATION, "", "iam:CreateUser", 5_000, 5, 0, 1)
REPLAY = Replay("r-1", ACCOUNT, 1, "{}", "", "", "", 0, 1)
ROTATION = KeyRotation("k-1", ACCOUNT, "AIDAALICE00000000000A", "alice", "AKIA1", "AKIA2", 1, "me", 1, 1, stilled="AKIA1")
STEP = RotationStep("k-1", 1, 1, "", "OPEN", "STARTED", "me", "{}")
ROTATION_POLICY = RotationPolicy(ACCOUNT, "REMIND", 90, 1, 1)
PROVIDER = OpenIdProvider(ACCOUNT, "https://idp.example.com", 1)
OUTBOUND_KEY = OutboundKey("k-1", "RS256", 1, "{}")
ANALYZER = Analyzer(ACCOUNT, "us-east-1", "a", "ACCOUNT_UNUSED_ACCESS", 1)
TRAIL = Trail("t-1", ACCOUNT, "us-east-1", "audit", 1, "bucket")
DATA_STORE = EventDataStore("d-1", ACCOUNT, "us-east-1", "lake", 1)
QUERY = LakeQuery("q-1", ACCOUNT, "us-east-1", "d-1", 1)
LANE = TrailLane("t-1", ACCOUNT, "us-east-1", 1)
ON_ITS_WAY = TrailFile("t-1", ACCOUNT, "us-east-1", LOG, 1, "bucket", "key", number=1)
SERIES = Series(ACCOUNT, "us-east-1", "iam.amazonaws.com", "CreateUser")
INSIGHT = Insight(SERIES, "i-1", 1, 1, 10, 0.5, 1_440)
INSIGHT_EVENT = InsightEvent("e-1", ACCOUNT, "us-east-1", 1, "iam.amazonaws.com", "CreateUser", "ApiCallRateInsight", "{}")
CHANNEL = Channel("c-1", ACCOUNT, "us-east-1", "partner", "Custom", 1, ())
DASHBOARD = Dashboard(ACCOUNT, "us-east-1", "d", 1, 1)
IMPORT = TrailImport("i-1", ACCOUNT, "us-east-1", 1, "store", "s3://logs", "logs", "", "us-east-1", "role")
FAILURE = ImportFailure("i-1", "s3://logs/x", "FAILED", "InvalidFormat", "wrong", 1)
DIGEST_KEY = TrailKey("f", 1, 2, b"public")
JOB = AnalysisJob("j", ACCOUNT, AnalysisKind.POLICY_GENERATION, "arn:aws:iam::111122223333:user/alice", 1, "t", "{}")
ASKED = DelegationRequest("dr-1", ACCOUNT, "w-1", "", "", "", "t", "[]", "{}", "", "c", 300, 0, "UNASSIGNED", 1, 1, 1)
PASSWORD_POLICY = PasswordPolicy(ACCOUNT)
PROFILE = LoginProfile("AIDABOB0000000000000B", ACCOUNT, 1, 1)
DEVICE = MfaDevice("arn:aws:iam::111122223333:u2f/user/bob/k", ACCOUNT, "k", "/", 1, virtual=False)
SECURITY_KEY = SecurityKey(DEVICE.serial, b"credential", b"key", 0, "")
CHALLENGE = SecurityKeyChallenge("AIDABOB0000000000000B", SIGN_IN, ACCOUNT, "c-1", "", b"challenge", 9)
BOTH = [f"acct:{ACCOUNT}", f"acct:{OTHER}"]
HANDSHAKE = Handshake("h-1", "o-1", ACCOUNT, OTHER, INVITE, ACCEPTED, 1, 2)
DELETION = RoleDeletion("d", ACCOUNT, "/aws-service-role/x.amazonaws.com/", "x", 1, DeletionStatus.SUCCEEDED)
CERTIFICATE = SigningCertificate(ACCOUNT, "CERT", "AIDAALICE00000000000A", 1, "body", "f")
SSH_KEY = SshPublicKey(ACCOUNT, "APKA1", "AIDAALICE00000000000A", 1, Material("s", "p", "f", "d"))
CREDENTIAL = ServiceCredential(ACCOUNT, "ACCA1", "AIDAALICE00000000000A", 1, "codecommit.amazonaws.com", "alice-at-1")
SERVER_CERTIFICATE = ServerCertificate(ACCOUNT, "ASCA1", "web", "/", 1, 2, "body")
SAML = SamlProvider(ACCOUNT, "idp", "SAMLSP1", 1, (), keys=(SamlKey("SAMLPK1", 1),))
FRESH = User(ACCOUNT, "AIDAFRESH", "fresh", "/", 1)


def delete_alice(world: World) -> None:
    world.store.access_keys.delete(world.key.id)
    world.store.signing_certificates.delete("CERT")
    world.store.ssh_public_keys.delete("APKA1")
    world.store.service_credentials.delete("ACCA1")
    world.store.users.delete(world.alice)


def delete_admins(world: World) -> None:
    world.store.groups.remove_member(world.admins, world.bob)
    world.store.groups.delete(world.admins)


def add_security_key(world: World) -> None:
    world.store.mfa_devices.add(replace(DEVICE, serial="another"))
    world.store.security_keys.add(replace(SECURITY_KEY, serial="another", credential=b"another"))


def add_to_organization(world: World) -> None:
    world.store.accounts.add(Account("777788889999", "new", 1))
    world.store.members.add(Member("777788889999", "o-1", "r-1", 1, "CREATED"))


def renew_delegation_policy(world: World) -> None:
    world.store.delegation_policies.delete("o-1")
    world.store.delegation_policies.add(DelegationPolicy("o-1", "rp-2", "{}"))


def delete_policy(world: World) -> None:
    world.store.attachments.detach(world.policy.id, world.bob.id)
    world.store.managed_policies.delete(world.policy)


MUTATORS: dict[str, tuple[Callable[[World], Any], Callable[[World], list[str]]]] = {
    "accounts.add": (lambda w: w.store.accounts.add(Account("777788889999", "new", 1)), lambda w: NOBODY_DEPENDS_ON_IT_YET),
    "accounts.set_alias": (lambda w: w.store.accounts.set_alias(ACCOUNT, "acme"), lambda w: [f"acct:{ACCOUNT}"]),
    "accounts.close": (lambda w: w.store.accounts.close(ACCOUNT, 9), lambda w: [f"acct:{ACCOUNT}"]),
    "users.add": (lambda w: w.store.users.add(FRESH), lambda w: NOBODY_DEPENDS_ON_IT_YET),
    "users.replace": (lambda w: w.store.users.replace(replace(w.alice, path="/x/")), lambda w: [w.alice.id]),
    "users.delete": (delete_alice, lambda w: [w.key.id, "CERT", "APKA1", "ACCA1", w.alice.id]),
    "groups.add": (lambda w: w.store.groups.add(Group(ACCOUNT, "AGPAFRESH", "g", "/", 1)), lambda w: NOBODY_DEPENDS_ON_IT_YET),
    "groups.replace": (lambda w: w.store.groups.replace(replace(w.admins, name="x")), lambda w: [w.admins.id]),
    "groups.delete": (
        delete_admins,
        lambda w: [w.bob.id, w.admins.id],
    ),
    "groups.add_member": (lambda w: w.store.groups.add_member(w.admins, w.alice), lambda w: [w.alice.id]),
    "groups.remove_member": (lambda w: w.store.groups.remove_member(w.admins, w.bob), lambda w: [w.bob.id]),
    "roles.add": (lambda w: w.store.roles.add(Role(ACCOUNT, "AROAFRESH", "r", "/", 1, "{}")), lambda w: NOBODY_DEPENDS_ON_IT_YET),
    "roles.replace": (lambda w: w.store.roles.replace(replace(w.reader, trust="[]")), lambda w: [w.reader.id]),
    "roles.delete": (lambda w: w.store.roles.delete(w.reader), lambda w: [w.reader.id]),
    "instance_profiles.add": (
        lambda w: w.store.instance_profiles.add(InstanceProfile(ACCOUNT, "AIPAFRESH", "p", "/", 1)),
        lambda w: NOBODY_DEPENDS_ON_IT_YET,
    ),
    "instance_profiles.replace": (
        lambda w: w.store.instance_profiles.replace(replace(w.profile, role=w.reader.id)),
        lambda w: [w.profile.id],
    ),
    "instance_profiles.delete": (lambda w: w.store.instance_profiles.delete(w.profile), lambda w: [w.profile.id]),
    "role_deletions.add": (lambda w: w.store.role_deletions.add(DELETION), lambda w: []),
    "access_keys.add": (
        lambda w: w.store.access_keys.add(AccessKey(ACCOUNT, "AKIAFRESH", w.alice.id, 1), "x" * 40),
        lambda w: NOBODY_DEPENDS_ON_IT_YET,
    ),
    "access_keys.add_many": (
        lambda w: w.store.access_keys.add_many([(AccessKey(ACCOUNT, "AKIAFRESH", w.alice.id, 1), "x" * 40)]),
        lambda w: NOBODY_DEPENDS_ON_IT_YET,
    ),
    "access_keys.set_status": (lambda w: w.store.access_keys.set_status(w.key.id, KeyStatus.INACTIVE), lambda w: [w.key.id]),
    "access_keys.delete": (lambda w: w.store.access_keys.delete(w.key.id), lambda w: [w.key.id]),
    "key_attributes.put": (lambda w: w.store.key_attributes.put(w.key.id, KeyAttributes("d")), lambda w: []),
    "key_naming_rules.put": (lambda w: w.store.key_naming_rules.put(KeyNamingRule(ACCOUNT, "a+")), lambda w: []),
    "key_naming_rules.delete": (lambda w: w.store.key_naming_rules.delete(ACCOUNT), lambda w: []),
    "key_calls.add": (lambda w: w.store.key_calls.add([CALLS]), lambda w: []),
    "key_calls.forget_hours": (lambda w: w.store.key_calls.forget_hours(9), lambda w: []),
    "signing_certificates.add": (
        lambda w: w.store.signing_certificates.add(replace(CERTIFICATE, id="CERT2", fingerprint="g")),
        lambda w: NOBODY_DEPENDS_ON_IT_YET,
    ),
    "signing_certificates.set_status": (
        lambda w: w.store.signing_certificates.set_status("CERT", KeyStatus.INACTIVE),
        lambda w: ["CERT"],
    ),
    "signing_certificates.delete": (lambda w: w.store.signing_certificates.delete("CERT"), lambda w: ["CERT"]),
    "ssh_public_keys.add": (
        lambda w: w.store.ssh_public_keys.add(replace(SSH_KEY, id="APKA2", material=Material("s", "p", "f", "e"))),
        lambda w: NOBODY_DEPENDS_ON_IT_YET,
    ),
    "ssh_public_keys.set_status": (lambda w: w.store.ssh_public_keys.set_status("APKA1", KeyStatus.INACTIVE), lambda w: ["APKA1"]),
    "ssh_public_keys.delete": (lambda w: w.store.ssh_public_keys.delete("APKA1"), lambda w: ["APKA1"]),
    "service_credentials.add": (
        lambda w: w.store.service_credentials.add(replace(CREDENTIAL, id="ACCA2", name="alice+1-at-1"), "secret"),
        lambda w: NOBODY_DEPENDS_ON_IT_YET,
    ),
    "service_credentials.reset": (lambda w: w.store.service_credentials.reset("ACCA1", "new"), lambda w: ["ACCA1"]),
    "service_credentials.set_status": (
        lambda w: w.store.service_credentials.set_status("ACCA1", KeyStatus.INACTIVE),
        lambda w: ["ACCA1"],
    ),
    "service_credentials.delete": (lambda w: w.store.service_credentials.delete("ACCA1"), lambda w: ["ACCA1"]),
    "server_certificates.add": (
        lambda w: w.store.server_certificates.add(replace(SERVER_CERTIFICATE, id="ASCA2", name="web2"), "key"),
        lambda w: NOBODY_DEPENDS_ON_IT_YET,
    ),
    "server_certificates.replace": (
        lambda w: w.store.server_certificates.replace(replace(SERVER_CERTIFICATE, path="/x/")),
        lambda w: ["ASCA1"],
    ),
    "server_certificates.delete": (lambda w: w.store.server_certificates.delete(SERVER_CERTIFICATE), lambda w: ["ASCA1"]),
    "password_policies.add": (lambda w: w.store.password_policies.add(PasswordPolicy(OTHER)), lambda w: [f"acct:{OTHER}"]),
    "password_policies.put": (lambda w: w.store.password_policies.put(PASSWORD_POLICY), lambda w: [f"acct:{ACCOUNT}"]),
    "password_policies.delete": (lambda w: w.store.password_policies.delete(ACCOUNT), lambda w: [f"acct:{ACCOUNT}"]),
    "login_profiles.add": (lambda w: w.store.login_profiles.add(LoginProfile(ACCOUNT, ACCOUNT, 1, 1)), lambda w: []),
    "login_profiles.replace": (lambda w: w.store.login_profiles.replace(replace(PROFILE, used=2)), lambda w: []),
    "login_profiles.delete": (lambda w: w.store.login_profiles.delete(PROFILE.owner), lambda w: []),
    "mfa_devices.add": (lambda w: w.store.mfa_devices.add(replace(DEVICE, serial="s", virtual=True), "SEED"), lambda w: []),
    "mfa_devices.replace": (lambda w: w.store.mfa_devices.replace(replace(DEVICE, owner=w.bob.id)), lambda w: []),
    "mfa_devices.delete": (lambda w: w.store.mfa_devices.delete(DEVICE.serial), lambda w: []),
    "security_keys.add": (add_security_key, lambda w: []),
    "security_keys.delete": (lambda w: w.store.security_keys.delete(DEVICE.serial), lambda w: []),
    "security_keys.count_use": (lambda w: w.store.security_keys.count_use(SECURITY_KEY, 1), lambda w: []),
    "security_key_challenges.put": (lambda w: w.store.security_key_challenges.put(CHALLENGE, 1), lambda w: []),
    "security_key_challenges.delete": (lambda w: w.store.security_key_challenges.delete(CHALLENGE.owner, SIGN_IN), lambda w: []),
    "managed_policies.add": (
        lambda w: w.store.managed_policies.add(ManagedPolicy(ACCOUNT, "ANPAFRESH", "p", "/", 1, 1, "v1", 1), "{}"),
        lambda w: NOBODY_DEPENDS_ON_IT_YET,
    ),
    "managed_policies.add_many": (
        lambda w: w.store.managed_policies.add_many([(ManagedPolicy(ACCOUNT, "ANPAFRESH", "p", "/", 1, 1, "v1", 1), "{}")]),
        lambda w: NOBODY_DEPENDS_ON_IT_YET,
    ),
    "managed_policies.add_versions": (
        lambda w: w.store.managed_policies.add_versions([PolicyVersion(w.policy.id, "v3", "{}", 1)]),
        lambda w: NOBODY_DEPENDS_ON_IT_YET,
    ),
    "credential_reports.put": (lambda w: w.store.credential_reports.put(CredentialReport(ACCOUNT, 1, "text")), lambda w: []),
    "event_stream.advance": (lambda w: w.store.event_stream.advance("reader", 1), lambda w: []),
    "event_stream.begin": (lambda w: w.store.event_stream.begin("reader"), lambda w: []),
    "event_stream.forget": (lambda w: w.store.event_stream.forget("reader"), lambda w: []),
    "event_retention.trim": (lambda w: w.store.event_retention.trim(ACCOUNT, 2**60, 10), lambda w: []),
    "editions.put": (lambda w: w.store.editions.put("policies", "e"), lambda w: []),
    "managed_policies.replace": (
        lambda w: w.store.managed_policies.replace(replace(w.policy, default_version="v2")),
        lambda w: [w.policy.id],
    ),
    "managed_policies.delete": (
        delete_policy,
        lambda w: [w.bob.id, w.policy.id],
    ),
    "managed_policies.add_version": (
        lambda w: w.store.managed_policies.add_version(PolicyVersion(w.policy.id, "v3", "{}", 1)),
        lambda w: NOBODY_DEPENDS_ON_IT_YET,  # until `replace` makes it the default
    ),
    "managed_policies.delete_version": (lambda w: w.store.managed_policies.delete_version(w.policy.id, "v2"), lambda w: [w.policy.id]),
    "attachments.attach": (lambda w: w.store.attachments.attach(w.policy.id, w.admins.id, ACCOUNT), lambda w: [w.admins.id]),
    "attachments.detach": (lambda w: w.store.attachments.detach(w.policy.id, w.bob.id), lambda w: [w.bob.id]),
    "inline_policies.put": (lambda w: w.store.inline_policies.put(w.reader.id, "p", "{}", 1), lambda w: [w.reader.id]),
    "inline_policies.delete": (lambda w: w.store.inline_policies.delete(w.bob.id, "inline"), lambda w: [w.bob.id]),
    "saml_providers.add": (
        lambda w: w.store.saml_providers.add(replace(SAML, uuid="SAMLSP2", name="other"), "<x/>"),
        lambda w: NOBODY_DEPENDS_ON_IT_YET,
    ),
    "saml_providers.replace": (lambda w: w.store.saml_providers.replace(replace(SAML, tags={"a": "b"})), lambda w: [str(SAML.arn)]),
    "saml_providers.set_metadata": (
        lambda w: w.store.saml_providers.set_metadata(SAML, "<y/>"),
        lambda w: NOBODY_DEPENDS_ON_IT_YET,  # `replace` writes what the document says
    ),
    "saml_providers.add_key": (
        lambda w: w.store.saml_providers.add_key(SAML, SamlKey("SAMLPK2", 2), "pem"),
        lambda w: [str(SAML.arn)],
    ),
    "saml_providers.remove_key": (lambda w: w.store.saml_providers.remove_key(SAML, "SAMLPK1"), lambda w: [str(SAML.arn)]),
    "saml_providers.delete": (lambda w: w.store.saml_providers.delete(SAML), lambda w: [str(SAML.arn)]),
    "used_assertions.use": (
        lambda w: w.store.used_assertions.use(str(SAML.arn), "_1", 9),
        lambda w: NOBODY_DEPENDS_ON_IT_YET,
    ),
    "used_assertions.forget_expired": (lambda w: w.store.used_assertions.forget_expired(9), lambda w: NOBODY_DEPENDS_ON_IT_YET),
    "openid_providers.add": (
        lambda w: w.store.openid_providers.add(OpenIdProvider(ACCOUNT, "https://new.example.com", 1)),
        lambda w: NOBODY_DEPENDS_ON_IT_YET,
    ),
    "openid_providers.replace": (
        lambda w: w.store.openid_providers.replace(replace(PROVIDER, client_ids=("a",))),
        lambda w: [str(PROVIDER.arn)],
    ),
    "openid_providers.delete": (lambda w: w.store.openid_providers.delete(str(PROVIDER.arn)), lambda w: [str(PROVIDER.arn)]),
    "outbound_issuers.put": (lambda w: w.store.outbound_issuers.put(OutboundIssuer(ACCOUNT, "i", 1)), lambda w: []),
    "outbound_keys.add": (lambda w: w.store.outbound_keys.add(replace(OUTBOUND_KEY, id="k-2"), b"x"), lambda w: []),
    "outbound_keys.delete": (lambda w: w.store.outbound_keys.delete(OUTBOUND_KEY), lambda w: []),
    "organizations.add": (
        lambda w: w.store.organizations.add(Organization("o-2", OTHER, "ALL", 1, "r-2")),
        lambda w: NOBODY_DEPENDS_ON_IT_YET,
    ),
    "organizations.replace": (lambda w: w.store.organizations.replace(replace(w.organization, types="")), lambda w: BOTH),
    "organizations.delete": (lambda w: w.store.organizations.delete("o-1"), lambda w: BOTH),
    "organizational_units.add": (
        lambda w: w.store.organizational_units.add(OrganizationalUnit("ou-new", "o-1", "r-1", "new")),
        lambda w: NOBODY_DEPENDS_ON_IT_YET,
    ),
    "organizational_units.replace": (
        lambda w: w.store.organizational_units.replace(OrganizationalUnit("ou-outer", "o-1", "r-1", "renamed")),
        lambda w: [],
    ),
    "organizational_units.delete": (lambda w: w.store.organizational_units.delete("ou-inner"), lambda w: []),
    "members.add": (add_to_organization, lambda w: ["acct:777788889999"]),
    "members.replace": (lambda w: w.store.members.replace(Member(OTHER, "o-1", "ou-inner", 1, "CREATED")), lambda w: BOTH[1:]),
    "members.delete": (lambda w: w.store.members.delete(OTHER), lambda w: BOTH[1:]),
    "control_policies.add": (
        lambda w: w.store.control_policies.add(ControlPolicy("p-2", "o-1", ACCOUNT, SCP, "two", "", "{}")),
        lambda w: NOBODY_DEPENDS_ON_IT_YET,
    ),
    "control_policies.replace": (
        lambda w: w.store.control_policies.replace(ControlPolicy("p-1", "o-1", ACCOUNT, SCP, "one", "", "[]")),
        lambda w: BOTH,
    ),
    "control_policies.delete": (lambda w: w.store.control_policies.delete("p-1"), lambda w: []),  # detached first
    "control_policy_targets.attach": (
        lambda w: w.store.control_policy_targets.attach("p-FullAWSAccess", "ou-outer", "o-1", SCP),
        lambda w: BOTH[1:],
    ),
    "control_policy_targets.detach": (lambda w: w.store.control_policy_targets.detach("p-1", "r-1"), lambda w: BOTH),
    "control_policy_targets.clear": (lambda w: w.store.control_policy_targets.clear("r-1"), lambda w: BOTH),
    "control_policy_targets.detach_all": (
        lambda w: w.store.control_policy_targets.detach_all("o-1", "r-1", SCP),
        lambda w: BOTH,
    ),
    "analysis_jobs.add": (lambda w: w.store.analysis_jobs.add(JOB), lambda w: []),
    "analysis_jobs.cancel": (lambda w: w.store.analysis_jobs.cancel("j"), lambda w: []),
    "restricted_keys.put": (lambda w: w.store.restricted_keys.put(w.key.id, KeyRestrictions(expires=1)), lambda w: [w.key.id]),
    "restricted_keys.delete": (lambda w: w.store.restricted_keys.delete(w.key.id), lambda w: [w.key.id]),
    "key_lifetimes.put": (lambda w: w.store.key_lifetimes.put(ACCOUNT, ACCOUNT, LIFETIME), lambda w: [f"acct:{ACCOUNT}"]),
    "key_lifetimes.delete": (lambda w: w.store.key_lifetimes.delete(w.alice.id), lambda w: [w.alice.id]),
    "shadow_policies.add": (lambda w: w.store.shadow_policies.add(replace(SHADOW, id="s-2", name="new")), lambda w: [w.alice.id]),
    "shadow_policies.delete": (lambda w: w.store.shadow_policies.delete("s-1"), lambda w: [w.alice.id]),
    "shadow_findings.record": (lambda w: w.store.shadow_findings.record([SHADOWED]), lambda w: []),
    "limits.put": (lambda w: w.store.limits.put(replace(LIMIT, action="iam:*")), lambda w: [f"limits:{ACCOUNT}"]),
    "limits.delete": (lambda w: w.store.limits.delete(*LIMIT.key), lambda w: [f"limits:{ACCOUNT}"]),
    "alerts.add": (lambda w: w.store.alerts.add(replace(ALERT, id="a-2")), lambda w: []),
    "alerts.replace": (lambda w: w.store.alerts.replace(replace(ALERT, count=2)), lambda w: []),
    "alerts.delete": (lambda w: w.store.alerts.delete("a-1"), lambda w: []),
    "alerts.trim": (lambda w: w.store.alerts.trim("111122223333", 1), lambda w: []),
    "rule_states.put": (lambda w: w.store.rule_states.put("r", "s", {}, 1), lambda w: []),
    "rule_states.forget": (lambda w: w.store.rule_states.forget("r", 1), lambda w: []),
    "alert_messages.add": (lambda w: w.store.alert_messages.add(replace(MESSAGE, id="m-2")), lambda w: []),
    "alert_messages.claim": (lambda w: w.store.alert_messages.claim(MESSAGE, 9), lambda w: []),
    "alert_messages.delete": (lambda w: w.store.alert_messages.delete("m-1"), lambda w: []),
    "rotations.add": (lambda w: w.store.rotations.add(replace(ROTATION, id="k-2")), lambda w: []),
    "rotations.delete": (lambda w: w.store.rotations.delete("k-1"), lambda w: []),
    "rotations.start": (lambda w: w.store.rotations.start(replace(ROTATION, id="k-2"), replace(STEP, rotation_id="k-2")), lambda w: []),
    "rotations.advance": (lambda w: w.store.rotations.advance(ROTATION, replace(ROTATION, version=1), STEP), lambda w: []),
    "rotation_policies.add": (lambda w: w.store.rotation_policies.add(ROTATION_POLICY), lambda w: []),
    "rotation_policies.put": (lambda w: w.store.rotation_policies.put(ROTATION_POLICY), lambda w: []),
    "rotation_policies.delete": (lambda w: w.store.rotation_policies.delete(ACCOUNT), lambda w: []),
    "rotation_policies.remind": (lambda w: w.store.rotation_policies.remind(RotationReminder(w.key.id, 7)), lambda w: []),
    "replays.add": (lambda w: w.store.replays.add(replace(REPLAY, id="r-2")), lambda w: []),
    "replays.delete": (lambda w: w.store.replays.delete("r-1"), lambda w: []),
    "replays.advance": (lambda w: w.store.replays.advance(REPLAY, replace(REPLAY, position="[]")), lambda w: []),
    "replays.end": (lambda w: w.store.replays.end(REPLAY, ReplayStatus.STOPPED, 1), lambda w: []),
    "trails.add": (lambda w: w.store.trails.add(TRAIL), lambda w: []),
    "trails.replace": (lambda w: w.store.trails.replace(TRAIL), lambda w: []),
    "trails.delete": (lambda w: w.store.trails.delete(TRAIL), lambda w: []),
    "trail_lanes.add": (lambda w: w.store.trail_lanes.add(LANE), lambda w: []),
    "trail_lanes.chain": (lambda w: w.store.trail_lanes.chain(LANE, 2, ""), lambda w: []),
    "trail_lanes.delivered": (lambda w: w.store.trail_lanes.delivered(ON_ITS_WAY, 1), lambda w: []),
    "trail_lanes.failed": (lambda w: w.store.trail_lanes.failed(replace(ON_ITS_WAY, kind=DIGEST), 1, "e"), lambda w: []),
    "trail_lanes.forget": (lambda w: w.store.trail_lanes.forget("t-1"), lambda w: []),
    "trail_files.add": (lambda w: w.store.trail_files.add(ON_ITS_WAY), lambda w: []),
    "trail_files.digested": (lambda w: w.store.trail_files.digested(ON_ITS_WAY), lambda w: []),
    "trail_files.delivered": (lambda w: w.store.trail_files.delivered(ON_ITS_WAY), lambda w: []),
    "call_minutes.add": (lambda w: w.store.call_minutes.add({(SERIES, 1): 1}), lambda w: []),
    "call_minutes.forget": (lambda w: w.store.call_minutes.forget(ACCOUNT, 1), lambda w: []),
    "insight_watches.put": (lambda w: w.store.insight_watches.put(InsightWatch(ACCOUNT, 1, 1)), lambda w: []),
    "insight_watches.delete": (lambda w: w.store.insight_watches.delete(ACCOUNT), lambda w: []),
    "insights.put": (lambda w: w.store.insights.put(INSIGHT), lambda w: []),
    "insights.delete": (lambda w: w.store.insights.delete(SERIES), lambda w: []),
    "insight_events.add": (lambda w: w.store.insight_events.add(INSIGHT_EVENT), lambda w: []),
    "insight_events.forget": (lambda w: w.store.insight_events.forget(ACCOUNT, 1), lambda w: []),
    "trail_resource_policies.put": (lambda w: w.store.trail_resource_policies.put("arn", ACCOUNT, "{}"), lambda w: []),
    "trail_resource_policies.delete": (lambda w: w.store.trail_resource_policies.delete("arn"), lambda w: []),
    "channels.add": (lambda w: w.store.channels.add(CHANNEL), lambda w: []),
    "channels.replace": (lambda w: w.store.channels.replace(CHANNEL), lambda w: []),
    "channels.delete": (lambda w: w.store.channels.delete("c-1"), lambda w: []),
    "dashboards.put": (lambda w: w.store.dashboards.put(DASHBOARD), lambda w: []),
    "dashboards.delete": (lambda w: w.store.dashboards.delete(DASHBOARD), lambda w: []),
    "imports.add": (lambda w: w.store.imports.add(IMPORT), lambda w: []),
    "imports.advance": (lambda w: w.store.imports.advance(IMPORT), lambda w: []),
    "import_failures.put": (lambda w: w.store.import_failures.put(FAILURE), lambda w: []),
    "import_failures.retry": (lambda w: w.store.import_failures.retry("i-1"), lambda w: []),
    "trail_keys.add": (lambda w: w.store.trail_keys.add(DIGEST_KEY, b"private"), lambda w: []),
    "event_data_stores.add": (lambda w: w.store.event_data_stores.add(DATA_STORE), lambda w: []),
    "event_data_stores.replace": (lambda w: w.store.event_data_stores.replace(DATA_STORE), lambda w: []),
    "event_data_stores.delete": (lambda w: w.store.event_data_stores.delete("d-1"), lambda w: []),
    "lake_events.add": (lambda w: w.store.lake_events.add("d-1", [LakeEvent("e", 1, "{}")]), lambda w: []),
    "lake_events.trim": (lambda w: w.store.lake_events.trim("d-1", 2, 10), lambda w: []),
    "lake_queries.add": (lambda w: w.store.lake_queries.add(QUERY), lambda w: []),
    "lake_queries.advance": (lambda w: w.store.lake_queries.advance(QUERY, replace(QUERY, status=FINISHED)), lambda w: []),
    "lake_queries.keep": (lambda w: w.store.lake_queries.keep("q-1", 0, 1, b"[]"), lambda w: []),
    "lake_queries.forget_results": (lambda w: w.store.lake_queries.forget_results("q-1"), lambda w: []),
    "lake_queries.trim": (lambda w: w.store.lake_queries.trim(2, 10), lambda w: []),
    "job_leases.take": (lambda w: w.store.job_leases.take("job", "me", 1, 2), lambda w: []),
    "analyzers.add": (lambda w: w.store.analyzers.add(ANALYZER), lambda w: []),
    "analyzers.replace": (lambda w: w.store.analyzers.replace(ANALYZER), lambda w: []),
    "analyzers.delete": (lambda w: w.store.analyzers.delete(ANALYZER), lambda w: []),
    "handshakes.add": (lambda w: w.store.handshakes.add(replace(HANDSHAKE, id="h-2")), lambda w: []),
    "handshakes.replace": (lambda w: w.store.handshakes.replace(HANDSHAKE), lambda w: []),
    "handshakes.delete": (lambda w: w.store.handshakes.delete("h-1"), lambda w: []),
    "account_requests.add": (lambda w: w.store.account_requests.add(AccountRequest("car-2", "o-1", "x", 1, FAILED)), lambda w: []),
    "account_requests.delete": (lambda w: w.store.account_requests.delete("car-1"), lambda w: []),
    "service_accesses.add": (lambda w: w.store.service_accesses.add(ServiceAccess("o-1", "s", 1)), lambda w: []),
    "service_accesses.delete": (lambda w: w.store.service_accesses.delete("o-1", "config.amazonaws.com"), lambda w: []),
    "delegations.add": (lambda w: w.store.delegations.add(Delegation("o-1", OTHER, "s", 1)), lambda w: []),
    "delegations.delete": (lambda w: w.store.delegations.delete("o-1", OTHER, "config.amazonaws.com"), lambda w: []),
    "delegation_requests.add": (lambda w: w.store.delegation_requests.add(ASKED), lambda w: []),
    "delegation_requests.replace": (lambda w: w.store.delegation_requests.replace(ASKED), lambda w: []),
    "delegation_requests.send": (lambda w: w.store.delegation_requests.send(ASKED, "token"), lambda w: []),
    "delegation_requests.redeem": (lambda w: w.store.delegation_requests.redeem(ASKED), lambda w: []),
    "delegation_requests.forget": (lambda w: w.store.delegation_requests.forget(ACCOUNT, 1), lambda w: []),
    "delegation_requests.delete": (lambda w: w.store.delegation_requests.delete("dr-1"), lambda w: []),
    "account_settings.put": (lambda w: w.store.account_settings.put(ACCOUNT, {"RoleManager/Enabled": "true"}), lambda w: []),
    "account_settings.set_token_version": (lambda w: w.store.account_settings.set_token_version(ACCOUNT, 2), lambda w: []),
    "root_features.add": (lambda w: w.store.root_features.add(RootFeature("o-1", "RootSessions", 1)), lambda w: []),
    "root_features.delete": (lambda w: w.store.root_features.delete("o-1", "RootSessions"), lambda w: []),
    "delegation_policies.add": (renew_delegation_policy, lambda w: []),
    "delegation_policies.replace": (
        lambda w: w.store.delegation_policies.replace(DelegationPolicy("o-1", "rp-1", "[]")),
        lambda w: [],
    ),
    "delegation_policies.delete": (lambda w: w.store.delegation_policies.delete("o-1"), lambda w: []),
    "organization_tags.put": (lambda w: w.store.organization_tags.put("r-1", "o-1", {"k": "v"}), lambda w: []),
    "organization_tags.delete": (lambda w: w.store.organization_tags.delete("ou-outer"), lambda w: []),
    "sessions.revoke_all": (lambda w: w.store.sessions.revoke_all("AKIA1", 9), lambda w: ["AKIA1"]),
    "sessions.revoke": (lambda w: w.store.sessions.revoke("session", 9), lambda w: ["session"]),
    "sessions.forget_expired": (lambda w: w.store.sessions.forget_expired(10), lambda w: []),
    "compromise_reports.add": (
        lambda w: w.store.compromise_reports.add(
            CompromiseReport("r-1", ACCOUNT, w.key.id, "alice", 1, "root", "", "Active", 0, "", "", "")
        ),
        lambda w: [],
    ),
    "events.add": (lambda w: w.store.events.add([EVENT]), lambda w: []),
    "journals.advance": (lambda w: w.store.journals.advance("j", 2), lambda w: []),
    "journals.forget": (lambda w: w.store.journals.forget("j"), lambda w: []),
    "outbox.add": (lambda w: w.store.outbox.add(b"event"), lambda w: []),
    "outbox.remove": (lambda w: w.store.outbox.remove(1), lambda w: []),
    "changes.add": (lambda w: w.store.changes.add("something"), lambda w: ["something"]),
    "changes.trim": (lambda w: w.store.changes.trim(1_000), lambda w: []),
}

READERS = {
    "accounts": {"get", "by_alias", "by_email", "all", "is_open"},
    "users": {"named", "with_id", "taken", "page", "count", "value_of", "queries"},
    "groups": {"named", "with_id", "taken", "page", "count", "value_of", "queries", "is_member", "members", "of_user", "count_of_user"},
    "roles": {"named", "with_id", "taken", "page", "count", "value_of", "queries"},
    "instance_profiles": {"named", "with_id", "taken", "page", "count", "value_of", "queries", "of_role"},
    "role_deletions": {"get"},
    "access_keys": {"get", "of", "secret", "unseal", "value_of", "queries"},
    "managed_policies": {"with_arn", "with_id", "taken", "page", "count", "version", "versions", "version_count", "all_of"},
    "editions": {"of"},
    "event_stream": {"after", "behind", "newest", "position", "positions"},
    "compromise_reports": {"get", "page"},
    "key_attributes": {"of"},
    "key_naming_rules": {"of"},
    "key_listing": {"page", "one"},
    "key_calls": {"sums", "page", "total", "others", "any", "since", "unsummed"},
    "trails": {"get", "of", "all"},
    "trail_lanes": {"of"},
    "trail_files": {"undelivered", "body", "undigested"},
    "trail_keys": {"all", "private"},
    "call_minutes": {"sums", "counts", "active", "shares"},
    "insight_watches": {"all", "get"},
    "insights": {"open"},
    "insight_events": {"lookup"},
    "trail_resource_policies": {"get"},
    "channels": {"get", "of"},
    "dashboards": {"get", "of"},
    "imports": {"get", "of", "going_on"},
    "import_failures": {"page", "to_retry", "unread"},
    "event_data_stores": {"get", "of", "all"},
    "lake_events": {"page", "count"},
    "lake_queries": {"get", "of", "waiting", "undelivered", "results"},
    "job_leases": set(),
    "event_retention": set(),
    "credential_reports": {"get", "keys", "certificates"},
    "signing_certificates": {"get", "of", "value_of", "queries"},
    "ssh_public_keys": {"get", "of", "value_of", "queries"},
    "service_credentials": {"get", "of", "page", "presented", "taken", "value_of", "queries"},
    "server_certificates": {"named", "with_id", "taken", "page", "count", "private_key", "value_of", "queries"},
    "password_policies": {"get", "records"},
    "login_profiles": {"of", "all", "used"},
    "mfa_devices": {"get", "of", "seed", "page", "count", "count_virtual", "count_in_use", "owners"},
    "security_keys": {"get", "records", "with_credential"},
    "security_key_challenges": {"get", "records"},
    "attachments": {
        "attached", "of", "count_of", "users_of", "groups_of", "roles_of", "count", "boundary_count", "bounded_users", "bounded_roles",
    },
    "inline_policies": {"get", "names", "all", "total_length", "any"},
    "principals": {"key", "policies_in_force", "managed", "group_ids"},
    "saml_providers": {"named", "of_account", "count", "metadata", "private_keys"},
    "used_assertions": set(),
    "openid_providers": {"with_arn", "of", "count"},
    "outbound_issuers": {"of", "with_id"},
    "outbound_keys": {"all", "private"},
    "organizations": {"get", "records", "of_account", "with_root", "place_of"},
    "organizational_units": {"get", "records", "page", "ids", "count"},
    "members": {"get", "records", "page", "of_parent", "count"},
    "control_policies": {"get", "records", "page", "count", "in_force"},
    "control_policy_targets": {"on_target", "of_policy"},
    "analysis_jobs": {"count_since", "get", "with_token", "all"},
    "analyzers": {"get", "all", "everywhere"},
    "restricted_keys": {"get"},
    "key_lifetimes": {"get", "page", "concerning"},
    "shadow_policies": {"get", "records", "named", "of", "page", "count", "in_force"},
    "shadow_findings": {"page", "summary", "counts"},
    "rotations": {"get", "records", "history", "open_of", "was_rolled_back", "newest", "due", "with_inactive_key"},
    "rotation_policies": {"get", "records", "all", "old_keys", "told"},
    "called_keys": {"latest", "refused", "recent"},
    "replays": {"get", "records", "newest", "count", "running", "results"},
    "limits": {"get", "of", "count"},
    "alerts": {"get", "records", "alike", "about", "newest"},
    "rule_states": {"get"},
    "alert_messages": {"get", "records", "due", "count", "channels"},
    "recorded_events": {"page", "count"},
    "evidence": {"uses", "services", "count"},
    "handshakes": {"get", "records", "of_account", "of_organization", "children"},
    "account_requests": {"get", "records", "page"},
    "service_accesses": {"get", "records", "page"},
    "delegations": {"get", "records", "of_account", "all"},
    "delegation_policies": {"get", "records"},
    "delegation_requests": {"get", "records", "of_workflow", "changed_since", "page", "token_of", "with_token"},
    "account_settings": {"properties", "token_version"},
    "root_features": {"get", "records", "enabled"},
    "organization_tags": {"get"},
    "events": {"lookup", "get", "by_request_id", "last_used", "role_last_used", "count", "sessions_made_by"},
    "changes": {"since", "latest", "written"},
    "sessions": {"revoked"},
    "journals": {"position"},
    "outbox": {"first"},
}  # fmt: skip


@pytest.mark.parametrize("mutator", MUTATORS)
def test_each_mutator_announces_exactly_what_it_changed(world: World, mutator: str) -> None:
    change, expected = MUTATORS[mutator]
    before = world.store.changes.latest()
    change(world)
    assert world.store.changed == expected(world)
    assert [subject for _, subject in world.store.changes.since(before)] == expected(world)


def test_every_public_method_of_every_repository_is_known_here(store: Store) -> None:
    repositories = {name: getattr(store, name) for name in ("changes", *get_annotations(Store))}
    assert repositories.keys() == READERS.keys()
    for name, repository in repositories.items():
        public = {attribute for attribute in dir(repository) if not attribute.startswith("_")}
        mutators = {mutator.split(".")[1] for mutator in MUTATORS if mutator.startswith(f"{name}.")}
        assert public == READERS[name] | mutators, name


@pytest.mark.parametrize(
    "nothing",
    [
        lambda w: w.store.users.replace(FRESH),
        lambda w: w.store.users.delete(FRESH),
        lambda w: w.store.groups.add_member(w.admins, w.bob),
        lambda w: w.store.groups.remove_member(w.admins, w.alice),
        lambda w: w.store.access_keys.delete("AKIANONE"),
        lambda w: w.store.access_keys.set_status("AKIANONE", KeyStatus.ACTIVE),
        lambda w: w.store.signing_certificates.delete("NONE"),
        lambda w: w.store.service_credentials.reset("NONE", "new"),
        lambda w: w.store.server_certificates.replace(replace(SERVER_CERTIFICATE, id="NONE")),
        lambda w: w.store.attachments.attach(w.policy.id, w.bob.id, ACCOUNT),
        lambda w: w.store.attachments.detach(w.policy.id, w.alice.id),
        lambda w: w.store.inline_policies.delete(w.bob.id, "none"),
        lambda w: w.store.managed_policies.delete_version(w.policy.id, "v9"),
        lambda w: w.store.accounts.set_alias("000000000000", "nobody"),
    ],
)
def test_what_changes_nothing_announces_nothing(world: World, nothing: Callable[[World], Any]) -> None:
    before = world.store.changes.latest()
    nothing(world)
    assert world.store.changed == []
    assert world.store.changes.latest() == before


def test_the_feed_is_read_from_where_one_stands(empty: Store) -> None:
    assert empty.changes.latest() == 0
    assert empty.changes.since(0) == []
    for subject in "abc":
        empty.changes.add(subject)
    assert empty.changes.since(0) == [(1, "a"), (2, "b"), (3, "c")]
    assert empty.changes.since(2) == [(3, "c")]
    assert empty.changes.since(3) == []
    assert empty.changes.latest() == 3


def test_who_stands_behind_a_trimmed_feed_is_told_that_everything_changed(empty: Store) -> None:
    for subject in "abcde":
        empty.changes.add(subject)
    empty.changes.trim(2)
    assert empty.changes.since(3) == [(4, "d"), (5, "e")]
    assert empty.changes.since(2) == [(5, "*")]
    assert empty.changes.since(0) == [(5, "*")]
    empty.changes.trim(0)  # the newest stays, so that the numbers go on
    assert empty.changes.latest() == 5
    empty.changes.add("f")
    assert empty.changes.since(5) == [(6, "f")]


def test_a_number_that_was_rolled_back_is_given_again_and_one_that_was_committed_never(empty: Store) -> None:
    connection = empty.connection
    empty.changes.add("a")
    connection.begin_immediate()
    empty.changes.add("lost")
    connection.rollback()
    empty.changes.add("b")
    assert empty.changes.since(0) == [(1, "a"), (2, "b")]
    empty.wipe()
    assert empty.changes.latest() == 3


def test_a_revoked_session_is_remembered_until_it_would_have_ended(store: Store) -> None:
    store.sessions.revoke("one", 100)
    store.sessions.revoke("one", 200)  # again: harmless
    store.sessions.revoke("two", 200)
    assert store.changed == ["one", "two"]
    store.sessions.forget_expired(100)
    assert store.sessions.revoked("one", key="", owner="", issued=0)
    store.sessions.forget_expired(101)
    assert not store.sessions.revoked("one", key="", owner="", issued=0)
    assert store.sessions.revoked("two", key="", owner="", issued=0)


def test_journal_positions_move_and_vanish(store: Store) -> None:
    assert store.journals.position("w-1.journal") == 0
    store.journals.advance("w-1.journal", 4_096)
    store.journals.advance("w-1.journal", 8_192)
    assert store.journals.position("w-1.journal") == 8_192
    store.journals.forget("w-1.journal")
    assert store.journals.position("w-1.journal") == 0
