"""Passwords and second factors in the store: sealed, bound to their owners, counted, and gone with them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from akia.identity.login_profile import MOST_REMEMBERED, LoginProfile
from akia.identity.mfa_device import REGISTRATION, SIGN_IN, MfaDevice, SecurityKey, SecurityKeyChallenge
from akia.identity.password_policy import PasswordPolicy
from akia.store.errors import IdTaken, NameTaken, StillReferred, StoreUnavailable

if TYPE_CHECKING:
    from akia.identity.user import User
    from akia.store.store import Store

ACCOUNT, OTHER = "111122223333", "444455556666"
SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/phone"


def profile(owner: str, account: str = ACCOUNT) -> LoginProfile:
    return LoginProfile(owner, account, 1, 2, True, "hash-of-now", ("hash-before",), 3, 4, 5)


def device(serial: str = SERIAL, **more: object) -> MfaDevice:
    return replace(MfaDevice(serial, ACCOUNT, "phone", "/", 1, tags={"k": "v"}), **more)  # type: ignore[arg-type]  # fields by name


def test_a_policy_is_kept_whole_and_replaced_whole(store: Store) -> None:
    whole = PasswordPolicy(ACCOUNT, 14, True, False, True, False, True, 90, 24, True)
    assert store.password_policies.get(ACCOUNT) is None
    store.password_policies.put(whole)
    assert store.password_policies.get(ACCOUNT) == whole
    store.password_policies.put(PasswordPolicy(ACCOUNT))
    assert store.password_policies.get(ACCOUNT) == PasswordPolicy(ACCOUNT)
    assert store.password_policies.get(OTHER) is None
    assert store.password_policies.delete(ACCOUNT) and not store.password_policies.delete(ACCOUNT)


def test_a_profile_is_kept_whole(store: Store, alice: User) -> None:
    for owner in (alice.id, ACCOUNT):  # the root user has one too
        store.login_profiles.add(profile(owner))
        assert store.login_profiles.of(owner) == profile(owner)
    changed = replace(profile(alice.id), hash="another", history=(), used=None, failures=0)
    store.login_profiles.replace(changed)
    assert store.login_profiles.all(ACCOUNT) == {ACCOUNT: profile(ACCOUNT), alice.id: changed}
    assert store.login_profiles.used(ACCOUNT) == {ACCOUNT: 3}
    assert store.login_profiles.all(OTHER) == {}
    with pytest.raises(IdTaken):
        store.login_profiles.add(profile(alice.id))
    with pytest.raises(StillReferred):
        store.login_profiles.add(profile("AIDANOBODY"))
    with pytest.raises(StillReferred):
        store.users.delete(alice)
    assert store.login_profiles.delete(alice.id) and not store.login_profiles.delete(alice.id)
    store.users.delete(alice)


def test_a_history_is_as_long_as_a_policy_may_ask_for() -> None:
    held = LoginProfile("AIDA", ACCOUNT, 1, 1)
    assert held.recent(5) == ()
    for number in range(40):
        held = held.with_password(str(number), number, reset_required=False)
    assert held.recent(MOST_REMEMBERED) == tuple(str(number) for number in range(39, 15, -1))
    assert held.recent(1) == ("39",)


def test_hashes_that_were_moved_to_another_owner_do_not_open(store: Store, alice: User, bob: User) -> None:
    for owner in (alice.id, bob.id):
        store.login_profiles.add(profile(owner))
    of_bob = "(SELECT sealed FROM login_profiles WHERE owner = :bob)"
    store.connection.execute(f"UPDATE login_profiles SET sealed = {of_bob} WHERE owner = :alice", alice=alice.id, bob=bob.id)
    with pytest.raises(StoreUnavailable) as caught:
        store.login_profiles.of(alice.id)
    assert alice.id in caught.value.detail
    store.login_profiles.delete(alice.id)  # the way out
    assert store.login_profiles.of(bob.id) == profile(bob.id)


def test_a_device_is_kept_whole_and_its_seed_apart(store: Store, alice: User) -> None:
    store.mfa_devices.add(device(), "SEED234")
    assert store.mfa_devices.get(SERIAL) == device()
    assert store.mfa_devices.seed(SERIAL) == "SEED234"
    assert "SEED234" not in repr(store.mfa_devices.get(SERIAL))
    used = device(owner=alice.id, enabled=5, tags={}, drift=-2, last_step=9, failures=3, failed=7)
    store.mfa_devices.replace(used)
    assert store.mfa_devices.get(SERIAL) == used and store.mfa_devices.seed(SERIAL) == "SEED234"
    with pytest.raises(IdTaken):
        store.mfa_devices.add(device(), "OTHER")
    with pytest.raises(StillReferred):
        store.mfa_devices.replace(device(owner="AIDANOBODY"))
    with pytest.raises(StillReferred):
        store.users.delete(alice)
    assert store.mfa_devices.delete(SERIAL) and not store.mfa_devices.delete(SERIAL)
    assert store.mfa_devices.seed(SERIAL) is None


def test_devices_are_paged_and_counted(store: Store, alice: User, bob: User) -> None:
    owners = {"a": alice.id, "b": None, "c": alice.id, "d": ACCOUNT}
    for name, owner in owners.items():
        store.mfa_devices.add(device(f"{SERIAL}{name}", owner=owner), "SEED")
    store.mfa_devices.add(device(f"{SERIAL}e", owner=bob.id, virtual=False))
    store.mfa_devices.add(replace(device(f"{SERIAL}f"), account=OTHER), "SEED")
    devices = store.mfa_devices

    def page(assigned: bool | None, after: str | None = None, limit: int = 9) -> str:
        return "".join(each.serial[-1] for each in devices.page(ACCOUNT, assigned=assigned, after=after, limit=limit))

    assert [page(None), page(True), page(False)] == ["abcd", "acd", "b"]
    assert page(None, f"{SERIAL}a", 2) == "bc"
    assert [each.serial[-1] for each in devices.of(alice.id)] == ["a", "c"]
    assert (devices.count(ACCOUNT), devices.count_virtual(ACCOUNT), devices.count_in_use(ACCOUNT), devices.count(OTHER)) == (5, 4, 4, 1)
    assert devices.owners(ACCOUNT) == {alice.id: 2, bob.id: 1, ACCOUNT: 1}


def test_a_key_goes_with_its_device_and_no_two_have_the_same_credential(store: Store) -> None:
    for name in "ab":
        store.mfa_devices.add(device(name, virtual=False))
    key = SecurityKey("a", b"credential", b"public", 5, "model")
    store.security_keys.add(key)
    assert store.security_keys.get("a") == key == store.security_keys.with_credential(b"credential")
    with pytest.raises(NameTaken):
        store.security_keys.add(replace(key, serial="b"))
    assert store.security_keys.count_use(key, 6)
    assert not store.security_keys.count_use(key, 7), "somebody else has counted in the meantime"
    store.mfa_devices.delete("a")
    assert store.security_keys.with_credential(b"credential") is None


def test_there_is_one_challenge_of_each_purpose_and_it_serves_once(store: Store) -> None:
    challenges = store.security_key_challenges
    first = SecurityKeyChallenge("AIDA", REGISTRATION, ACCOUNT, "c-1", "key", b"challenge", 100)
    second, other = replace(first, id="c-2", challenge=b"another"), replace(first, purpose=SIGN_IN)
    for each in (first, second, other):
        challenges.put(each, 50)
    assert challenges.get("AIDA", REGISTRATION) == second
    assert challenges.delete("AIDA", REGISTRATION) and not challenges.delete("AIDA", REGISTRATION)
    assert challenges.get("AIDA", SIGN_IN) == other
    challenges.put(replace(first, owner="AIDB", expires=300), 100)
    assert challenges.get("AIDA", SIGN_IN) is None, "expired ones are forgotten"
