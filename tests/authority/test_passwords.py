"""Verifying passwords for the sign-in to come: one answer, the same work for everybody, and patience for who guesses (NT-38)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from akia.authority import passwords
from akia.authority.passwords import PasswordAccepted, PasswordVerifier, SignInRefused, hashed, is_right
from akia.identity.login_profile import LoginProfile
from akia.identity.password_policy import DAY, PasswordPolicy

if TYPE_CHECKING:
    from tests.conftest import World

GOOD = "Correct-horse7"
NOW = 1_800_000_000


class Door:
    """Where people sign in. `ticks` and `now` are its clocks."""

    def __init__(self, akia: World) -> None:
        self.store = akia.akia.store
        self.account = akia.account
        self.verifier = PasswordVerifier()
        self.now, self.ticks = NOW, 1_000
        user = self.store.users.named(akia.account, "alice")
        assert user is not None
        self.owner = user.id

    def enter(self, name: str | None = "alice", password: str = GOOD, source: str = "192.0.2.1") -> PasswordAccepted:
        candidate = self.verifier.candidate(self.store, self.account, name, source, self.ticks)
        return self.verifier.conclude(self.store, candidate, candidate.gives(password), self.now, self.ticks)

    def refused(self, **attempt: Any) -> bool:
        try:
            self.enter(**attempt)
        except SignInRefused as refusal:
            assert str(refusal) == ""
            return True
        return False

    def wait(self, seconds: int) -> None:
        self.ticks += seconds


@pytest.fixture
def door(akia: World) -> Door:
    iam = akia.client("iam")
    for name in ("alice", "keys-only"):
        iam.create_user(UserName=name)
    iam.create_login_profile(UserName="alice", Password=GOOD)
    return Door(akia)


def test_who_knows_the_password_gets_in_and_it_is_noted(door: Door) -> None:
    assert door.enter() == PasswordAccepted(door.owner, must_change=False, locked=False)
    profile = door.store.login_profiles.of(door.owner)
    assert profile is not None and profile.used == NOW


def test_nt_38_whoever_does_not_is_told_nothing(door: Door) -> None:
    for attempt in ({"password": "wrong"}, {"name": "nobody"}, {"name": "keys-only"}, {"name": None}, {"name": "ALICE"}):
        assert door.refused(**attempt), attempt


def test_nt_38_the_same_work_is_done_for_everybody(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: each attempt verifies one hash with the same parameters."""
    door.refused(name="nobody")
    verified: list[str] = []

    class Counting:
        def verify(self, hash_: str, password: str) -> bool:
            verified.append(hash_.rpartition("$")[0].rpartition("$")[0])
            return True

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    for name in ("alice", "nobody", "keys-only", None):
        door.refused(name=name)
    assert len(verified) == 4 and len(set(verified)) == 1
    assert "argon2id" in verified[0] and "m=19456,t=2,p=1" in verified[0]


def test_nt_38_a_hash_that_is_not_there_fits_no_password() -> None:
    assert not is_right("", "") and not is_right("", "x") and not is_right("rubbish", "x")


def test_nt_38_guesses_at_a_name_have_to_wait_longer_and_longer(door: Door) -> None:
    for name in ("alice", "nobody"):
        for source in range(5):
            assert door.refused(name=name, password="wrong", source=f"192.0.2.{source}")
    assert door.refused(), "right, and too early"
    door.wait(15)
    assert door.refused(password="wrong")
    door.wait(29)
    assert door.refused()
    door.wait(1)
    door.enter()
    assert door.refused(password="wrong")
    door.enter()  # a success starts the count anew


def test_nt_38_nobody_waits_longer_than_a_quarter_of_an_hour(door: Door) -> None:
    for _ in range(30):
        assert door.refused(password="wrong")
        door.wait(900)
    door.enter()


def test_nt_38_who_waits_does_not_wait_longer_for_trying(door: Door) -> None:
    for _ in range(5):
        door.refused(password="wrong")
    for _ in range(100):
        door.refused(password="wrong")
    door.wait(15)
    door.enter()


def test_nt_38_guesses_of_one_source_have_to_wait_whatever_name_they_try(door: Door) -> None:
    for number in range(50):
        assert door.refused(name=f"user{number}", password="Summer2026!", source="198.51.100.9")
        if number == 40:
            door.enter(source="198.51.100.9")  # who knows one password does not start the count anew for guessing at others
    assert door.refused(source="198.51.100.9")
    door.enter(source="192.0.2.1")  # from elsewhere nothing has changed
    door.wait(30)
    door.enter(source="198.51.100.9")


def test_nt_38_guesses_that_were_made_at_once_are_counted_one_by_one(door: Door) -> None:
    def candidate() -> Any:
        return door.verifier.candidate(door.store, door.account, "alice", "192.0.2.1", door.ticks)

    wrong, right = [candidate() for _ in range(5)], candidate()
    for each in wrong:
        with pytest.raises(SignInRefused):
            door.verifier.conclude(door.store, each, False, door.now, door.ticks)
    with pytest.raises(SignInRefused):
        door.verifier.conclude(door.store, right, True, door.now, door.ticks)


def test_a_password_that_was_changed_in_the_meantime_does_not_count(door: Door) -> None:
    candidate = door.verifier.candidate(door.store, door.account, "alice", "192.0.2.1", door.ticks)
    profile = door.store.login_profiles.of(door.owner)
    assert profile is not None
    door.store.login_profiles.replace(profile.with_password(hashed("Another-horse7"), NOW, reset_required=False))
    with pytest.raises(SignInRefused):
        door.verifier.conclude(door.store, candidate, candidate.gives(GOOD), door.now, door.ticks)


def test_a_password_must_be_changed_when_it_was_reset_or_is_too_old(door: Door) -> None:
    profile = door.store.login_profiles.of(door.owner)
    assert profile is not None
    door.store.login_profiles.replace(replace(profile, reset_required=True, changed=NOW))
    assert door.enter() == PasswordAccepted(door.owner, must_change=True, locked=False)
    door.store.login_profiles.replace(replace(profile, changed=NOW))
    for hard in (False, True):
        door.store.password_policies.put(PasswordPolicy(door.account, max_age=90, hard_expiry=hard))
        door.now = NOW + 90 * DAY - 1
        assert not door.enter().must_change
        door.now = NOW + 90 * DAY
        assert door.enter() == PasswordAccepted(door.owner, must_change=True, locked=hard)


def test_the_root_user_signs_in_without_a_name(door: Door) -> None:
    door.store.login_profiles.add(LoginProfile(door.account, door.account, NOW, NOW))
    assert door.refused(name=None, password=""), "there is no password yet"
    profile = door.store.login_profiles.of(door.account)
    assert profile is not None
    door.store.login_profiles.replace(profile.with_password(hashed(GOOD), NOW, reset_required=False))
    assert door.enter(name=None).owner == door.account


def test_no_password_and_no_hash_is_in_a_representation(door: Door) -> None:
    profile = door.store.login_profiles.of(door.owner)
    assert profile is not None
    candidate = door.verifier.candidate(door.store, door.account, "alice", "192.0.2.1", door.ticks)
    new = passwords.new_password(door.store, door.account, "Secret-password1", profile)
    shown = repr((profile, candidate, new))
    assert profile.hash not in shown and "Secret-password1" not in shown


def test_a_reset_forgets_who_guessed(akia: World, door: Door) -> None:
    door.verifier = akia.akia.authority.passwords
    for _ in range(5):
        door.refused(password="wrong")
    akia.reset()
    assert door.verifier.candidate(door.store, door.account, "alice", "192.0.2.1", door.ticks).profile is None
