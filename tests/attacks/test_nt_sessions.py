"""NT-16, NT-17, NT-28, NT-32, NT-33, NT-34, NT-94: temporary credentials, and credentials that are dead."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from tests.attacks.signer import Signer, form, json_call, replaced, with_header

if TYPE_CHECKING:
    from tests.attacks.refusals import Observer
    from tests.conftest import Person, World

WHO = form("GetCallerIdentity", "sts")
NOT_GENUINE = "The security token included in the request is invalid"
DEAD = NOT_GENUINE + "."


def session_of(person: Person) -> Signer:
    """A session of GetSessionToken."""
    made = person.client("sts").get_session_token()["Credentials"]
    return Signer(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


@pytest.fixture(scope="module")
def session(bob: Person) -> Signer:
    return session_of(bob)


@pytest.fixture(scope="module")
def role(shared: World) -> str:
    """The ARN of a role that everybody of the account may take, and that may do everything."""
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": shared.account}}]}
    arn: str = shared.client("iam").create_role(RoleName="visitor", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    shared.client("iam").attach_role_policy(RoleName="visitor", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    return arn


def assumed(person: Person, role: str, name: str = "visit") -> Signer:
    made = person.client("sts").assume_role(RoleArn=role, RoleSessionName=name)["Credentials"]
    return Signer(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


def test_nt_16_a_captured_url_proves_an_identity_and_nothing_else(observer: Observer, signer: Signer) -> None:
    url = signer.query({"Action": "GetCallerIdentity"}, "sts")
    body = observer.accepted(url).body
    assert signer.secret.encode() not in body
    for action in (b"GetSessionToken", b"GetAccessKeyInfo", b"AssumeRole", b"GetFederationToken"):
        observer.refused(url._replace(query=url.query.replace(b"GetCallerIdentity", action)), "SignatureDoesNotMatch", 403)
    observer.refused(url._replace(method=b"POST", query=b"", body=url.query), "MissingAuthenticationToken", 403)


def test_nt_16_low_privilege_learns_nothing_of_other_keys(observer: Observer, nobody: Person, signer: Signer) -> None:
    low = Signer.of(nobody.key)
    for request in (
        low.header(form("GetAccessKeyInfo", "sts", AccessKeyId=signer.key_id), "sts"),
        low.header(form("GetAccessKeyLastUsed", AccessKeyId=signer.key_id)),
        low.header(form("SimulatePrincipalPolicy", PolicySourceArn=nobody.arn, **{"ActionNames.member.1": "iam:ListUsers"})),
        low.header(form("DecodeAuthorizationMessage", "sts", EncodedMessage="x"), "sts"),
    ):
        observer.refused(request, "AccessDenied", 403)


def test_nt_17_no_text_of_the_callers_makes_a_reply_look_like_an_identity(observer: Observer, signer: Signer, role: str) -> None:
    forged = "</Message></Error><GetCallerIdentityResult><Arn>arn:aws:iam::1:root</Arn></GetCallerIdentityResult>"
    good = signer.header(WHO, "sts")
    for answer in (
        observer.send(replaced(good, b"SignedHeaders=", forged.encode() + b"SignedHeaders=")),
        observer.send(replaced(good, b"aws4_request", forged.encode())),
        observer.send(signer.header(form("AssumeRole", "sts", RoleArn=role, RoleSessionName=forged), "sts")),
        observer.send(signer.header(form("AssumeRole", "sts", RoleArn=role + forged, RoleSessionName="x" * 8), "sts")),
        observer.send(signer.header(form(forged, "sts"), "sts")),
        observer.send(signer.header(form("GetAccessKeyInfo", "sts", AccessKeyId=forged + "x" * 20), "sts")),
    ):
        assert answer.status >= 400
        root = ElementTree.fromstring(answer.body)
        assert root.tag.endswith("ErrorResponse")
        assert root.find(".//{*}GetCallerIdentityResult") is None
        assert root.find(".//{*}Arn") is None


IAM_CALLS = ["ListUsers", "GetUser", "CreateAccessKey", "ListAccessKeys", "GetAccountSummary"]


@pytest.mark.parametrize("action", IAM_CALLS)
def test_nt_28_get_session_token_without_mfa_does_not_reach_iam(observer: Observer, session: Signer, action: str) -> None:
    observer.refused(session.header(form(action)), "InvalidClientTokenId", 403)


@pytest.mark.parametrize("action", ["GetSessionToken", "GetFederationToken", "GetAccessKeyInfo"])
def test_nt_28_a_session_makes_no_other_kind_of_session(observer: Observer, session: Signer, action: str) -> None:
    more = {"GetFederationToken": {"Name": "x" * 4}, "GetAccessKeyInfo": {"AccessKeyId": "A" * 20}}.get(action, {})
    observer.refused(session.header(form(action, "sts", **more), "sts"), "AccessDenied", 403)


def test_nt_28_a_role_session_gets_no_token_of_its_own(observer: Observer, bob: Person, role: str) -> None:
    visitor = assumed(bob, role)
    observer.refused(visitor.header(form("GetSessionToken", "sts"), "sts"), "AccessDenied", 403)
    observer.refused(visitor.header(form("GetFederationToken", "sts", Name="xxxx"), "sts"), "AccessDenied", 403)


@pytest.mark.covers("I2.sigv4.session_token", "I2.services.session_token")
def test_nt_32_every_changed_byte_of_a_token_makes_it_worthless(observer: Observer, session: Signer) -> None:
    token = session.token or ""
    observer.accepted(session.header(WHO, "sts"))
    observer.watch()
    for position in range(0, len(token), 3):
        changed = token[:position] + ("A" if token[position] != "A" else "B") + token[position + 1 :]
        refusal = observer.refused(Signer(session.key_id, session.secret, changed).header(WHO, "sts"), "InvalidClientTokenId", settle=False)
        assert refusal.message == NOT_GENUINE
    observer.settle()


def test_nt_32_joined_cut_and_stretched_tokens(observer: Observer, bob: Person, session: Signer) -> None:
    token, other = session.token or "", session_of(bob).token or ""
    half = len(token) // 8 * 4
    raw = base64.b64decode(token)
    for changed in (
        token[:half] + other[half:],
        other[:half] + token[half:],
        token[:-4],
        token[4:],
        token + "AAAA",
        token + "=",
        token[:8] + " " + token[8:],
        token * 2,
        "A" * 5_000,
        "é" * 40,
        base64.urlsafe_b64encode(raw).decode() + "-_",
        base64.b64encode(raw[:1] + raw[2:]).decode(),
        raw.hex(),
        "%s",
    ):
        observer.refused(Signer(session.key_id, session.secret, changed).header(WHO, "sts"), "InvalidClientTokenId", 403)


def test_nt_32_another_spelling_of_the_same_token(observer: Observer, session: Signer) -> None:
    """Base64 leaves bits of the last character unused: setting one of them spells the same bytes."""
    made = session.token or ""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    body = made.rstrip("=")
    for bit in (1, 2):
        last = alphabet[alphabet.index(body[-1]) ^ bit]
        spelling = body[:-1] + last + made[len(body) :]
        observer.refused(Signer(session.key_id, session.secret, spelling).header(WHO, "sts"), "InvalidClientTokenId", 403)


def test_nt_33_no_secret_follows_from_what_is_public(bob: Person) -> None:
    made = bob.client("sts").get_session_token()["Credentials"]
    key_id, secret, token = made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]
    raw = base64.b64decode(token)
    parts = [key_id, token, bob.arn, key_id[4:], str(int(made["Expiration"].timestamp())), token[:40], token[-40:], token[::-1]]
    computed = {text for part in parts for text in _guesses(part.encode())} | {
        text for part in parts for text in _guesses(part.encode(), raw)
    }
    assert secret not in computed
    assert secret.encode() not in raw
    assert base64.b64decode(secret) not in raw


def _guesses(data: bytes, key: bytes = b"") -> list[str]:
    """Secrets of the right form that simple functions make of public data."""
    digests = [hashlib.new(name, data).digest() for name in ("md5", "sha1", "sha256", "sha512")]
    digests.append(hmac.digest(key or data, data, "sha256"))
    return [base64.b64encode(digest)[:40].decode() for digest in digests] + [digest.hex()[:40] for digest in digests]


@pytest.mark.covers("I2.sigv4.session_token")
def test_nt_34_a_token_belongs_to_one_key(observer: Observer, bob: Person, nobody: Person, signer: Signer, session: Signer) -> None:
    other = session_of(nobody)
    swapped = Signer(session.key_id, session.secret, other.token)
    with_long_term = Signer(signer.key_id, signer.secret, session.token)
    empty = Signer(session.key_id, session.secret, "")
    for wrong in (
        swapped,
        with_long_term,
        Signer(other.key_id, session.secret, session.token),
        empty,
        Signer(signer.key_id, signer.secret, "x"),
    ):
        observer.refused(wrong.header(WHO, "sts"), "InvalidClientTokenId", 403)
    refusal = observer.refused(Signer(session.key_id, session.secret).header(WHO, "sts"), "InvalidClientTokenId", 403)
    assert refusal.message == DEAD


def test_nt_34_an_unsigned_or_doubled_token(observer: Observer, session: Signer) -> None:
    token = (session.token or "").encode()
    unsigned = with_header(Signer(session.key_id, session.secret).header(WHO, "sts"), b"x-amz-security-token", token)
    observer.refused(unsigned, "SignatureDoesNotMatch", 403)
    both = session.header(WHO._replace(query=b"X-Amz-Security-Token=x"), "sts")
    observer.refused(both, "SignatureDoesNotMatch", 403)


def test_nt_34_an_expired_token_is_told_only_to_its_holder(observer: Observer, session: Signer) -> None:
    later = time.time() + 13 * 3600
    refusal = observer.refused(session.header(WHO, "sts", at=later), "ExpiredToken", 403, received=later)
    assert refusal.message == "The security token included in the request is expired"
    stranger = Signer(session.key_id, "wrong", session.token)
    observer.refused(stranger.header(WHO, "sts", at=later), "SignatureDoesNotMatch", 403, received=later)
    in_json = session.header(json_call("AmazonSSM.DescribeParameters"), "ssm", at=later)
    observer.refused(in_json, "ExpiredTokenException", 400, received=later)


@pytest.mark.covers("E6", "I2.services.access_keys")
def test_nt_94_dead_credentials_are_refused_like_unknown_ones(observer: Observer, shared: World, bob: Person, role: str) -> None:
    iam = shared.client("iam")
    inactive, deleted, gone = shared.person("inactive"), shared.person("deleted"), shared.person("gone")
    session_of_gone = session_of(gone)
    iam.update_access_key(UserName="inactive", AccessKeyId=inactive.key.access_key_id, Status="Inactive")
    iam.delete_access_key(UserName="deleted", AccessKeyId=deleted.key.access_key_id)
    iam.delete_access_key(UserName="gone", AccessKeyId=gone.key.access_key_id)
    iam.delete_user(UserName="gone")
    trust = iam.get_role(RoleName="visitor")["Role"]["AssumeRolePolicyDocument"]
    doomed = iam.create_role(RoleName="doomed", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    session_of_doomed = assumed(bob, doomed)
    observer.accepted(session_of_doomed.header(WHO, "sts"))
    iam.delete_role(RoleName="doomed")
    unknown = observer.refused(Signer("AKIA" + "C" * 16, "x" * 40).header(WHO, "sts"), "InvalidClientTokenId", 403)
    for dead in (*(Signer.of(person.key) for person in (inactive, deleted, gone)), session_of_gone, session_of_doomed):
        refusal = observer.refused(dead.header(WHO, "sts"), "InvalidClientTokenId", 403)
        assert (refusal.message, refusal.status) == (unknown.message, unknown.status)
        wrong = observer.refused(Signer(dead.key_id, "wrong", dead.token).header(WHO, "sts"), "InvalidClientTokenId", 403)
        assert wrong.message == unknown.message


def test_nt_94_a_revoked_session_is_dead(observer: Observer, shared: World, bob: Person, role: str) -> None:
    visitor = assumed(bob, role, "revoked")
    observer.accepted(visitor.header(WHO, "sts"))
    session_id = session_id_of(shared, visitor)
    batch = shared.akia.writer.open()
    with batch.operation() as store:
        store.sessions.revoke(session_id, int(time.time()) + 3600)
    batch.commit()
    shared.akia.committed(batch)
    refusal = observer.refused(visitor.header(WHO, "sts"), "InvalidClientTokenId", 403)
    assert refusal.message == DEAD


def session_id_of(shared: World, signer: Signer) -> Any:
    """What the token says inside, which only the authority can read."""
    return shared.akia.authority.tokens.open(signer.key_id, (signer.token or "").encode()).session.id


def test_nt_94_sessions_of_a_namesake_stay_dead(observer: Observer, shared: World, bob: Person) -> None:
    """NT-36: the role is made again under the same name; the session of the first stays dead."""
    iam = shared.client("iam")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": shared.account}}]}
    arn = iam.create_role(RoleName="again", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    first = assumed(bob, arn)
    iam.delete_role(RoleName="again")
    iam.create_role(RoleName="again", AssumeRolePolicyDocument=json.dumps(trust))
    observer.refused(first.header(WHO, "sts"), "InvalidClientTokenId", 403)
