"""NT-66: every kind of revocation is seen by the very next request, in this worker and in every other one."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.attacks.refusals import Observer, read
from tests.attacks.signer import HOST, Signer, form
from tests.conftest import World, policy

from akia.assembly import Akia, assemble
from akia.authority.facts import RequestFacts
from akia.aws.ids import new_guid
from akia.pipeline.request import Request
from akia.pipeline.serve import Write
from akia.wire import HttpRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Person

ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
LIST = form("ListUsers")
ALLOW = policy({"Action": "iam:*"})
DENY = policy({"Effect": "Deny", "Action": "*"})
NOTHING = policy({"Action": "s3:GetObject"})


@pytest.fixture
def other(akia: World) -> Iterator[Akia]:
    """Another worker over the same data."""
    worker = assemble(akia.akia.store.another(), akia.directory, account=akia.account, durable=False)
    yield worker
    worker.close()


class Kinds:
    """Ways to give somebody the right to list users, each with a way to take it back. All calls are the root user's."""

    def __init__(self, akia: World) -> None:
        self.akia = akia
        self.iam = akia.client("iam")

    def person(self) -> Person:
        person = self.akia.person("alice")
        self.iam.put_user_policy(UserName="alice", PolicyName="allow", PolicyDocument=ALLOW)
        return person

    def inactive_key(self) -> tuple[Signer, Callable[[], Any]]:
        alice = self.person()
        key = {"UserName": "alice", "AccessKeyId": alice.key.access_key_id}
        return Signer.of(alice.key), lambda: self.iam.update_access_key(Status="Inactive", **key)

    def deleted_key(self) -> tuple[Signer, Callable[[], Any]]:
        alice = self.person()
        return Signer.of(alice.key), lambda: self.iam.delete_access_key(UserName="alice", AccessKeyId=alice.key.access_key_id)

    def key_compromised(self) -> tuple[Signer, Callable[[], Any]]:
        alice = self.person()
        return Signer.of(alice.key), lambda: self.akia.client("akia").report_compromised_key(AccessKeyId=alice.key.access_key_id)

    def key_of_a_session_compromised(self) -> tuple[Signer, Callable[[], Any]]:
        key = self.akia.admin.access_key_id
        return self._session(), lambda: self.akia.client("akia").report_compromised_key(AccessKeyId=key)

    def sessions_of_a_key_revoked(self) -> tuple[Signer, Callable[[], Any]]:
        key = self.akia.admin.access_key_id
        return self._session(), lambda: self.akia.client("akia").revoke_sessions(AccessKeyId=key)

    def sessions_of_a_user_revoked(self) -> tuple[Signer, Callable[[], Any]]:
        return self._session(), lambda: self.akia.client("akia").revoke_sessions(UserName="administrator")

    def sessions_of_a_role_revoked(self) -> tuple[Signer, Callable[[], Any]]:
        return self._session(), lambda: self.akia.client("akia").revoke_sessions(RoleName="visitor")

    def key_restricted(self) -> tuple[Signer, Callable[[], Any]]:
        alice = self.person()
        far_away = {"Networks": ["198.51.100.0/24"]}
        own = self.akia.client("akia")
        return Signer.of(alice.key), lambda: own.put_access_key_restrictions(AccessKeyId=alice.key.access_key_id, Restrictions=far_away)

    def key_under_a_ceiling(self) -> tuple[Signer, Callable[[], Any]]:
        alice = self.person()
        ceiling, own = {"Policy": NOTHING}, self.akia.client("akia")
        return Signer.of(alice.key), lambda: own.put_access_key_restrictions(AccessKeyId=alice.key.access_key_id, Restrictions=ceiling)

    def key_too_old(self) -> tuple[Signer, Callable[[], Any]]:
        alice = self.person()
        self.akia.akia.store.connection.execute("UPDATE access_keys SET created = 1")
        lifetime = {"Mode": "ENFORCE", "Days": 90}
        return Signer.of(alice.key), lambda: self.akia.client("akia").put_key_lifetime(Target=alice.arn, Lifetime=lifetime)

    def inline_policy_deleted(self) -> tuple[Signer, Callable[[], Any]]:
        return Signer.of(self.person().key), lambda: self.iam.delete_user_policy(UserName="alice", PolicyName="allow")

    def inline_policy_narrowed(self) -> tuple[Signer, Callable[[], Any]]:
        return Signer.of(self.person().key), lambda: self.iam.put_user_policy(UserName="alice", PolicyName="allow", PolicyDocument=NOTHING)

    def deny_added(self) -> tuple[Signer, Callable[[], Any]]:
        return Signer.of(self.person().key), lambda: self.iam.put_user_policy(UserName="alice", PolicyName="deny", PolicyDocument=DENY)

    def policy_detached(self) -> tuple[Signer, Callable[[], Any]]:
        attachment = {"UserName": "alice", "PolicyArn": ADMINISTRATOR_ACCESS}
        alice = self.akia.person("alice")
        self.iam.attach_user_policy(**attachment)
        return Signer.of(alice.key), lambda: self.iam.detach_user_policy(**attachment)

    def default_version_moved(self) -> tuple[Signer, Callable[[], Any]]:
        alice = self.akia.person("alice")
        arn = self.iam.create_policy(PolicyName="own", PolicyDocument=ALLOW)["Policy"]["Arn"]
        self.iam.attach_user_policy(UserName="alice", PolicyArn=arn)
        return Signer.of(alice.key), lambda: self.iam.create_policy_version(PolicyArn=arn, PolicyDocument=NOTHING, SetAsDefault=True)

    def _group(self) -> Person:
        alice = self.akia.person("alice")
        self.iam.create_group(GroupName="readers")
        self.iam.put_group_policy(GroupName="readers", PolicyName="allow", PolicyDocument=ALLOW)
        self.iam.add_user_to_group(GroupName="readers", UserName="alice")
        return alice

    def group_left(self) -> tuple[Signer, Callable[[], Any]]:
        return Signer.of(self._group().key), lambda: self.iam.remove_user_from_group(GroupName="readers", UserName="alice")

    def group_policy_deleted(self) -> tuple[Signer, Callable[[], Any]]:
        return Signer.of(self._group().key), lambda: self.iam.delete_group_policy(GroupName="readers", PolicyName="allow")

    def group_policy_denies(self) -> tuple[Signer, Callable[[], Any]]:
        return Signer.of(self._group().key), lambda: self.iam.put_group_policy(GroupName="readers", PolicyName="no", PolicyDocument=DENY)

    def boundary_set(self) -> tuple[Signer, Callable[[], Any]]:
        arn = self.iam.create_policy(PolicyName="fence", PolicyDocument=NOTHING)["Policy"]["Arn"]
        return Signer.of(self.person().key), lambda: self.iam.put_user_permissions_boundary(UserName="alice", PermissionsBoundary=arn)

    def boundary_narrowed(self) -> tuple[Signer, Callable[[], Any]]:
        arn = self.iam.create_policy(PolicyName="fence", PolicyDocument=ALLOW)["Policy"]["Arn"]
        alice = self.person()
        self.iam.put_user_permissions_boundary(UserName="alice", PermissionsBoundary=arn)
        return Signer.of(alice.key), lambda: self.iam.create_policy_version(PolicyArn=arn, PolicyDocument=NOTHING, SetAsDefault=True)

    def _session(self) -> Signer:
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": self.akia.account}}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        role = self.iam.create_role(RoleName="visitor", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        self.iam.put_role_policy(RoleName="visitor", PolicyName="allow", PolicyDocument=ALLOW)
        made = self.akia.client("sts", self.akia.admin).assume_role(RoleArn=role, RoleSessionName="visit")["Credentials"]
        return Signer(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])

    def role_policy_deleted(self) -> tuple[Signer, Callable[[], Any]]:
        return self._session(), lambda: self.iam.delete_role_policy(RoleName="visitor", PolicyName="allow")

    def role_deleted(self) -> tuple[Signer, Callable[[], Any]]:
        def delete() -> None:
            self.iam.delete_role_policy(RoleName="visitor", PolicyName="allow")
            self.iam.delete_role(RoleName="visitor")

        return self._session(), delete


KINDS = [name for name in vars(Kinds) if not name.startswith("_") and name != "person"]
DEAD = {
    "inactive_key", "deleted_key", "role_deleted", "key_compromised", "key_of_a_session_compromised", "sessions_of_a_key_revoked",
    "sessions_of_a_user_revoked", "sessions_of_a_role_revoked", "key_too_old",
}  # fmt: skip


@pytest.mark.covers("I2.store.cache", "I2.store.changes", "I2.store.workers")
@pytest.mark.parametrize("kind", KINDS)
def test_nt_66_the_next_request_sees_the_revocation_here_and_in_another_worker(akia: World, other: Akia, kind: str) -> None:
    here, there = Observer(akia), Observer(akia, worker=other)
    signer, revoke = getattr(Kinds(akia), kind)()
    for observer in (here, there):
        observer.accepted(signer.header(LIST))
        observer.accepted(signer.header(LIST))  # from the cache
    revoke()
    code = "InvalidClientTokenId" if kind in DEAD else "AccessDenied"
    for observer in (here, there):
        observer.refused(signer.header(LIST), code, 403)


def test_nt_66_what_is_given_back_is_seen_at_once_too(akia: World, other: Akia) -> None:
    alice = akia.person("alice")
    here, there = Observer(akia), Observer(akia, worker=other)
    for observer in (here, there):
        observer.refused(Signer.of(alice.key).header(LIST), "AccessDenied", 403)
    akia.client("iam").attach_user_policy(UserName="alice", PolicyArn=READ_ONLY)
    for observer in (here, there):
        observer.accepted(Signer.of(alice.key).header(LIST))


def admitted(worker: Akia, signer: Signer, user: str) -> Write:
    """A CreateUser that has been granted and waits for its turn."""
    facts = RequestFacts(new_guid(), time.time(), "192.0.2.1", secure=False, user_agent="", host="")
    _, write = worker.pipeline.serve(Request(signer.header(form("CreateUser", UserName=user)), facts))
    assert isinstance(write, Write)
    return write


def commit(worker: Akia, write: Write) -> Any:
    """The turn of `write`."""
    batch = worker.writer.open()
    answer = worker.pipeline.perform(write, batch)
    batch.commit()
    worker.committed(batch)
    return answer


@pytest.mark.covers("I2.store.queued_writes")
@pytest.mark.parametrize("elsewhere", [False, True])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {"role_policy_deleted", "boundary_narrowed"}])
def test_nt_66_a_write_queued_before_a_revocation_does_not_happen_after_it(akia: World, other: Akia, kind: str, elsewhere: bool) -> None:
    """`elsewhere`: the write waits in another worker than the one that revokes."""
    worker = other if elsewhere else akia.akia
    signer, revoke = getattr(Kinds(akia), kind)()
    write = admitted(worker, signer, "late")
    revoke()
    refusal = read(commit(worker, write))
    assert (refusal.code, refusal.status) == ("InvalidClientTokenId" if kind in DEAD else "AccessDenied", 403)
    assert akia.akia.store.users.named(akia.account, "late") is None
    akia.akia.authority.drain()
    [event] = akia.akia.store.events.by_request_id(refusal.request_id)
    assert (event.error_code, event.name, event.verified) == (refusal.code, "CreateUser", True)


@pytest.mark.covers("I2.store.workers")
def test_nt_66_a_worker_that_commits_itself_misses_nothing_that_others_committed_before(akia: World, other: Akia) -> None:
    """Its own change has a higher number than the one it has not read yet."""
    kinds = Kinds(akia)
    signer, revoke = kinds.inactive_key()
    there = Observer(akia, worker=other)
    there.accepted(signer.header(LIST))
    write = admitted(other, Signer.of(akia.admin), "meanwhile")
    update = Request(
        Signer.of(akia.admin).header(form("TagUser", UserName="administrator", **{"Tags.member.1.Key": "k", "Tags.member.1.Value": "v"})),
        write.unit.request.facts,
    )
    _, second = other.pipeline.serve(update)
    assert isinstance(second, Write)
    revoke()
    for waiting in (write, second):
        assert commit(other, waiting).status == 200
    there.refused(signer.header(LIST), "InvalidClientTokenId", 403)


@pytest.mark.covers("I6.compromise")
def test_nt_66_a_session_that_was_asked_for_while_the_report_waited_for_its_turn_is_dead_with_the_others(akia: World, other: Akia) -> None:
    """It is dated later than the report was received, and was granted before the report was done."""
    alice = Kinds(akia).person()
    akia.client("iam").put_user_policy(UserName="alice", PolicyName="more", PolicyDocument=policy({"Action": "*"}))
    received, body = time.time() - 2, json.dumps({"AccessKeyId": alice.key.access_key_id}).encode()
    headers = [HOST, (b"content-type", b"application/x-amz-json-1.1"), (b"x-amz-target", b"Akia_20261101.ReportCompromisedKey")]
    facts = RequestFacts(new_guid(), received, "192.0.2.1", secure=False, user_agent="", host="")
    signed = Signer.of(akia.admin).header(HttpRequest(b"POST", b"/", b"", headers, body), "akia")
    _, report = other.pipeline.serve(Request(signed, facts))
    assert isinstance(report, Write)
    taken = akia.client("sts", alice.key).get_session_token()["Credentials"]
    signer, who = Signer(taken["AccessKeyId"], taken["SecretAccessKey"], taken["SessionToken"]), form("GetCallerIdentity", "sts")
    here, there = Observer(akia), Observer(akia, worker=other)
    for observer in (here, there):
        observer.accepted(signer.header(who, "sts"))
    assert commit(other, report).status == 200
    for observer in (here, there):
        observer.refused(signer.header(who, "sts"), "InvalidClientTokenId", 403)
