"""Transactions, savepoints, several connections, and a database that cannot answer."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from akia.aws.errors import Family
from akia.store import database as database_module
from akia.store.database import Database, Durability
from akia.store.errors import NameTaken, StoreUnavailable
from akia.store.opening import open_store
from akia.store.statement import REGISTRY, Query

if TYPE_CHECKING:
    from pathlib import Path

    from akia.identity.user import User
    from akia.store.master_key import MasterKeyInMemory
    from akia.store.store import Store

ACCOUNT = "111122223333"


@pytest.mark.covers("I2.store.sqlite")
def test_wal_full_synchronous_and_foreign_keys_are_on(tmp_path: Path, master: MasterKeyInMemory) -> None:
    firm = open_store(Database(tmp_path / "firm" / "akia.db"), master)
    for store in (firm, firm.another()):
        pragma = {name: store.connection.execute(f"PRAGMA {name}")[0][0] for name in ("journal_mode", "synchronous", "foreign_keys")}
        assert pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
        store.close()
    loose = open_store(Database(tmp_path / "loose" / "akia.db", Durability.OFF), master)
    assert loose.connection.execute("PRAGMA synchronous") == [(0,)]
    loose.close()


def test_a_savepoint_undoes_one_operation_and_leaves_the_others(store: Store, alice: User) -> None:
    connection = store.connection
    connection.begin_immediate()
    connection.savepoint()
    store.users.replace(replace(alice, name="kept"))
    connection.release()
    connection.savepoint()
    store.users.replace(replace(alice, name="undone"))
    store.changes.add("undone")
    connection.rollback_to()
    connection.release()
    assert connection.in_transaction
    connection.commit()
    assert not connection.in_transaction
    found = store.users.with_id(alice.id)
    assert found is not None
    assert found.name == "kept"
    assert "undone" not in [subject for _, subject in store.changes.since(0)]


def test_a_conflict_leaves_the_transaction_usable(store: Store, alice: User, bob: User) -> None:
    store.connection.begin_immediate()
    store.users.replace(replace(alice, path="/before/"))
    with pytest.raises(NameTaken):
        store.users.replace(replace(bob, name="ALICE"))
    store.connection.commit()
    found = store.users.with_id(alice.id)
    assert found is not None
    assert found.path == "/before/"


def test_a_rollback_undoes_everything_and_may_be_repeated(store: Store, alice: User) -> None:
    store.connection.begin_immediate()
    store.users.delete(alice)
    store.connection.rollback()
    store.connection.rollback()
    assert store.users.with_id(alice.id) == alice


def test_other_connections_see_what_was_committed_and_nothing_else(store: Store, alice: User) -> None:
    other = store.another()
    store.connection.begin_immediate()
    store.users.replace(replace(alice, path="/new/"))
    assert other.users.with_id(alice.id) == alice
    store.connection.commit()
    found = other.users.with_id(alice.id)
    assert found is not None
    assert found.path == "/new/"
    other.close()


def test_a_reading_transaction_sees_one_state_throughout(store: Store, alice: User) -> None:
    other = store.another()
    other.connection.begin()
    assert other.users.with_id(alice.id) == alice
    store.users.delete(alice)
    assert other.users.with_id(alice.id) == alice
    other.connection.commit()
    assert other.users.with_id(alice.id) is None
    other.close()


def test_a_connection_serves_one_thread_after_another(store: Store, alice: User) -> None:
    found: list[User | None] = []
    for _ in range(3):
        thread = threading.Thread(target=lambda: found.append(store.users.with_id(alice.id)))
        thread.start()
        thread.join()
    assert found == [alice] * 3


def test_a_locked_database_is_unavailable_and_nothing_leaks_from_the_driver(
    store: Store, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "_BUSY_SECONDS", 0.0)
    other = store.another()
    store.connection.begin_immediate()
    for write in (other.connection.begin_immediate, lambda: other.users.delete(alice)):
        with pytest.raises(StoreUnavailable) as caught:
            write()
        assert caught.value.seen_through(Family.QUERY) == ("ServiceUnavailable", 503)
        assert "locked" in caught.value.detail
        assert "locked" not in caught.value.message
    store.connection.commit()
    other.users.delete(alice)
    other.close()


def test_a_full_database_is_unavailable_for_writes_and_reads_go_on(store: Store, alice: User) -> None:
    pages = store.connection.execute("PRAGMA page_count")[0][0]
    store.connection.execute(f"PRAGMA max_page_count = {pages}")
    store.connection.begin_immediate()
    with pytest.raises(StoreUnavailable) as caught:
        store.inline_policies.put(alice.id, "large", "x" * 1_000_000, 1)
    assert "full" in caught.value.detail
    store.connection.rollback()
    assert store.users.with_id(alice.id) == alice
    assert not store.inline_policies.any(alice.id)
    store.connection.execute("PRAGMA max_page_count = 1000000")
    store.inline_policies.put(alice.id, "large", "x" * 1_000_000, 1)
    assert store.connection.execute("PRAGMA integrity_check") == [("ok",)]


def test_a_closed_store_is_unavailable(store: Store, alice: User) -> None:
    other = store.another()
    other.close()
    with pytest.raises(StoreUnavailable):
        other.users.with_id(alice.id)
    with pytest.raises(StoreUnavailable):
        other.connection.begin()


def test_a_damaged_database_is_unavailable(store: Store, database: Database, alice: User) -> None:
    store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    connection = database.connect()
    with database.path.open("r+b") as file:
        file.seek(4_096)
        file.write(b"\xa5" * (database.path.stat().st_size - 4_096))
    with pytest.raises(StoreUnavailable):
        connection.row(REGISTRY["users.with_id"], id=alice.id)
    connection.close()


def test_the_driver_tells_constraints_apart(store: Store) -> None:
    """What `errors` relies on: SQLite's extended result codes."""
    driver = sqlite3.connect(":memory:")
    driver.execute("CREATE TABLE t (a TEXT PRIMARY KEY, b TEXT UNIQUE, c TEXT NOT NULL) WITHOUT ROWID")
    driver.execute("INSERT INTO t VALUES ('a', 'b', 'c')")
    for values, name in [("'a', 'x', 'c'", "PRIMARYKEY"), ("'x', 'b', 'c'", "UNIQUE"), ("'x', 'x', NULL", "NOTNULL")]:
        with pytest.raises(sqlite3.IntegrityError) as caught:
            driver.execute(f"INSERT INTO t VALUES ({values})")
        assert caught.value.sqlite_errorname == f"SQLITE_CONSTRAINT_{name}"
    driver.close()


def test_the_name_of_a_query_is_used_once() -> None:
    with pytest.raises(ValueError, match="two queries"):
        Query("users.named", REGISTRY["users.named"].build)


def test_a_reset_empties_every_table_and_keeps_what_must_stay(
    store: Store, alice: User, admins: object, reader: object, policy: object, key: object, organization: object
) -> None:
    from akia.aws import managed_policies
    from akia.identity.alert import Alert, AlertMessage
    from akia.identity.analysis_job import AnalysisJob, AnalysisKind
    from akia.identity.analyzer import Analyzer
    from akia.identity.channel import Channel
    from akia.identity.compromise_report import CompromiseReport
    from akia.identity.credential_report import CredentialReport
    from akia.identity.dashboard import Dashboard
    from akia.identity.delegation_request import DelegationRequest
    from akia.identity.event_data_store import EventDataStore, LakeEvent
    from akia.identity.insight import Insight, InsightEvent, InsightWatch, Series
    from akia.identity.instance_profile import InstanceProfile
    from akia.identity.key_attributes import KeyAttributes
    from akia.identity.key_calls import OTHERS, CallSum, HourOfCalls
    from akia.identity.key_lifetime import KeyLifetime, LifetimeMode
    from akia.identity.key_naming_rule import KeyNamingRule
    from akia.identity.key_restrictions import KeyRestrictions
    from akia.identity.key_rotation import KeyRotation, RotationStep
    from akia.identity.lake_query import LakeQuery
    from akia.identity.limit import Limit, Scope
    from akia.identity.login_profile import LoginProfile
    from akia.identity.mfa_device import MfaDevice, SecurityKey, SecurityKeyChallenge
    from akia.identity.openid_provider import OpenIdProvider
    from akia.identity.outbound_issuer import OutboundIssuer
    from akia.identity.outbound_key import OutboundKey
    from akia.identity.password_policy import PasswordPolicy
    from akia.identity.replay import Replay, ReplayResult
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
    from akia.identity.trail_delivery import TrailFile, TrailKey, TrailLane
    from akia.identity.trail_import import ImportFailure, TrailImport
    from akia.keyring import Purpose
    from akia.store.iam.aws_managed_policies import seed_managed_policies
    from akia.store.trail.event_row import EventRow

    seed_managed_policies(store, managed_policies.all())
    store.editions.put("AWS managed policies", "e")
    store.event_stream.advance("reader", 1)
    store.credential_reports.put(CredentialReport(ACCOUNT, 1, "text"))
    seeded = store.managed_policies.count("aws")
    store.restricted_keys.put(store.access_keys.of(alice.id)[0].id, KeyRestrictions(expires=1))
    store.key_lifetimes.put(ACCOUNT, ACCOUNT, KeyLifetime(LifetimeMode.WARN, 90))
    store.inline_policies.put(alice.id, "p", "{}", 1)
    store.groups.add_member(store.groups.page(ACCOUNT)[0], alice)
    store.attachments.attach("ANPAREAD00000000000RD", alice.id, ACCOUNT)
    store.signing_certificates.add(SigningCertificate(ACCOUNT, "CERT", alice.id, 1, "body", "f"))
    store.ssh_public_keys.add(SshPublicKey(ACCOUNT, "APKA1", alice.id, 1, Material("s", "p", "f", "d")))
    store.service_credentials.add(ServiceCredential(ACCOUNT, "ACCA1", alice.id, 1, "cassandra.amazonaws.com", "x"), "secret")
    store.server_certificates.add(ServerCertificate(ACCOUNT, "ASCA1", "web", "/", 1, 2, "body"), "key")
    store.openid_providers.add(OpenIdProvider(ACCOUNT, "https://idp.example.com", 1))
    store.outbound_issuers.put(OutboundIssuer(ACCOUNT, "i", 1))
    store.outbound_keys.add(OutboundKey("k", "RS256", 1, "{}"), b"private")
    store.sessions.revoke("s", 1)
    store.sessions.revoke_all("AKIA1", 1)
    store.compromise_reports.add(CompromiseReport("r-1", ACCOUNT, "AKIA1", "alice", 1, "root", "", "Active", 0, "", "", ""))
    store.journals.advance("j", 1)
    store.key_attributes.put(store.access_keys.of(alice.id)[0].id, KeyAttributes("d"))
    store.key_naming_rules.put(KeyNamingRule(ACCOUNT, "a+"))
    store.key_calls.add([HourOfCalls(ACCOUNT, "AKIA1", 1, OTHERS, CallSum(1, 0, 1, 1))])
    store.outbox.add(b"event")
    decision = '[{"principalId":"AIDA1"}]'
    store.events.add([EventRow("e", "r", ACCOUNT, 1, "n", "s", "u", "AKIA1", True, True, "", "r", "{}", decision, (("t", "n"),))])
    store.trails.add(Trail("t-1", ACCOUNT, "us-east-1", "audit", 1, "bucket"))
    store.trail_lanes.add(TrailLane("t-1", ACCOUNT, "us-east-1"))
    store.trail_files.add(TrailFile("t-1", ACCOUNT, "us-east-1", "log", 1, "bucket", "key"))
    store.trail_keys.add(TrailKey("f", 1, 2, b"public"), b"private")
    store.event_data_stores.add(EventDataStore("d-1", ACCOUNT, "us-east-1", "lake", 1))
    store.lake_events.add("d-1", [LakeEvent("e", 1, "{}")])
    store.lake_queries.add(LakeQuery("q-1", ACCOUNT, "us-east-1", "d-1", 1))
    store.lake_queries.keep("q-1", 0, 1, b"[]")
    store.job_leases.take("job", "me", 1, 2)
    series = Series(ACCOUNT, "us-east-1", "s", "n")
    store.call_minutes.add({(series, 1): 1})
    store.insight_watches.put(InsightWatch(ACCOUNT, 1, 1))
    store.insights.put(Insight(series, "i", 1, 1, 10, 0.5, 1))
    store.insight_events.add(InsightEvent("e", ACCOUNT, "us-east-1", 1, "s", "n", "k", "{}"))
    store.trail_resource_policies.put("arn", ACCOUNT, "{}")
    store.channels.add(Channel("c", ACCOUNT, "us-east-1", "partner", "Custom", 1, ()))
    store.dashboards.put(Dashboard(ACCOUNT, "us-east-1", "d", 1, 1))
    store.imports.add(TrailImport("i", ACCOUNT, "us-east-1", 1, "store", "s3://logs", "logs", "", "us-east-1", "role"))
    store.import_failures.put(ImportFailure("i", "s3://logs/x", "FAILED", "InvalidFormat", "wrong", 1))
    store.analyzers.add(Analyzer(ACCOUNT, "us-east-1", "a", "ACCOUNT_UNUSED_ACCESS", 1))
    store.shadow_policies.add(ShadowPolicy("s", ACCOUNT, alice.id, "s", 1, "", "{}"))
    shadows = '"principalArn":"a","action":"b:C","resources":["*"],"outcome":"allowed","shadows":[["s","explicitDeny",[]]]'
    decision = f'[{{"principalId":"AIDA1",{shadows}}}]'
    store.events.add([EventRow("f", "r", ACCOUNT, 1, "n", "s", "u", "AKIA1", True, True, "", "r", "{}", decision, (("t", "n"),))])
    replay = Replay("r", ACCOUNT, 1, "{}", "", "", "", 0, 1)
    store.replays.add(replay)
    result = ReplayResult("r", 1, "e", 0, "a", "b:C", "*", "allowed", "allowed", "explicitDeny", ())
    store.replays.advance(replay, replace(replay, position="[]"), [result])
    store.instance_profiles.add(InstanceProfile(ACCOUNT, "AIPA1", "p", "/", 1, role=store.roles.page(ACCOUNT)[0].id))
    store.role_deletions.add(RoleDeletion("d", ACCOUNT, "/aws-service-role/x/", "x", 1, DeletionStatus.SUCCEEDED))
    session = '{"userIdentity":{"type":"AssumedRole","principalId":"AROA1:s"}}'
    store.events.add([EventRow("g", "r", ACCOUNT, 1, "n", "s", "u", "ASIA1", True, True, "", "r", session, "[]")])
    store.delegation_requests.add(
        DelegationRequest("dr-1", ACCOUNT, "w-1", "", "", "", "t", "[]", "{}", "", "c", 300, 0, "UNASSIGNED", 1, 1, 1)
    )
    store.account_settings.put(ACCOUNT, {"RoleManager/Enabled": "true"})
    store.account_settings.set_token_version(ACCOUNT, 2)
    store.root_features.add(RootFeature("o-1", "RootSessions", 1))
    store.analysis_jobs.add(AnalysisJob("j", ACCOUNT, AnalysisKind.LAST_ACCESSED, str(alice.arn), 1, "t", "{}"))
    store.password_policies.put(PasswordPolicy(ACCOUNT))
    store.login_profiles.add(LoginProfile(alice.id, ACCOUNT, 1, 1))
    store.mfa_devices.add(MfaDevice("s", ACCOUNT, "n", "/", 1, virtual=False, owner=alice.id))
    store.security_keys.add(SecurityKey("s", b"credential", b"key", 0, ""))
    store.security_key_challenges.put(SecurityKeyChallenge(alice.id, "sign-in", ACCOUNT, "c", "", b"challenge", 2), 1)
    provider = SamlProvider(ACCOUNT, "idp", "SAMLSP1", 1, ())
    store.saml_providers.add(provider, "<x/>")
    store.saml_providers.add_key(provider, SamlKey("SAMLPK1", 1), "pem")
    store.used_assertions.use(str(provider.arn), "_1", 1)
    store.alerts.add(Alert("a-1", ACCOUNT, "root-used", "s", "", "HIGH", "It was.", 1, 1, "[]"))
    store.limits.put(Limit(ACCOUNT, Scope.ACCOUNT_OPERATION, "", "iam:*", 1_000, 1, 0, 1))
    store.rule_states.put("r", "s", {}, 1)
    store.alert_messages.add(AlertMessage("m-1", "ops", "a-1", "{}", 1, 1))
    rotation = KeyRotation("k-1", ACCOUNT, alice.id, "alice", "AKIA1", "AKIA2", 1, "me", 1, 1)
    store.rotations.start(rotation, RotationStep("k-1", 0, 1, "", "OPEN", "STARTED", "me", "{}"))
    store.rotation_policies.put(RotationPolicy(ACCOUNT, "REMIND", 90, 1, 1))
    store.rotation_policies.remind(RotationReminder(store.access_keys.of(alice.id)[0].id, 7))
    tables = {row[0] for row in store.connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")}
    count = {table: store.connection.execute(f"SELECT count(*) FROM {table}")[0][0] for table in tables}
    assert min(count.values()) > 0, "each table must hold something for this test to mean anything"
    feed = store.changes.latest()
    store.wipe()
    count = {table: store.connection.execute(f"SELECT count(*) FROM {table}")[0][0] for table in tables}
    kept = {
        "alembic_version": 1,
        "data_keys": len(Purpose),
        "changes": 1,
        "managed_policies": seeded,
        "policy_versions": seeded,
        "editions": 1,
    }
    assert {table: rows for table, rows in count.items() if rows} == kept
    assert store.changes.since(feed) == [(feed + 1, "*")]
    assert store.connection.execute("PRAGMA foreign_keys") == [(1,)]
    assert store.connection.execute("PRAGMA foreign_key_check") == []
    assert not store.connection.in_transaction
