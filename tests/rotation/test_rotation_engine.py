"""The state machine of rotations, against histories that nobody would think of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from akia.identity import rotation_course as course
from akia.identity import rotation_steps as steps
from akia.identity.key_rotation import HOUR_MS, MINUTE_MS, KeyRotation, Reason, RotationState
from akia.identity.rotation_steps import KeySeen, Seen, Step

pytestmark = pytest.mark.covers("I6.rotation.engine")

QUIET, INACTIVE_FOR = 24 * HOUR_MS, 72 * HOUR_MS
START = 1_800_000_000_000
S = RotationState
ACTIVE = KeySeen()


def rotation(*targets: str, **known: object) -> KeyRotation:
    made = KeyRotation("r-1", "1", "AIDA", "ci", "OLD", "NEW", START, "me", QUIET, INACTIVE_FOR, since_ms=START, due_ms=START)
    return replace(made, targets=str(list(targets)).replace("'", '"'), **known)  # type: ignore[arg-type]  # fields by name


def step(before: KeyRotation, old: KeySeen = ACTIVE, new: KeySeen = ACTIVE, at: int = START) -> Step | None:
    return steps.next_step(before, Seen(old, new), at)


# The way forward


def test_without_targets_it_waits_for_somebody_s_word() -> None:
    opened = rotation()
    assert step(opened, at=START + 1000 * HOUR_MS) is None
    assert steps.confirmed(opened) == Step(S.DISTRIBUTED, Reason.CONFIRMED)
    assert steps.confirmed(rotation("t")) is None
    assert steps.confirmed(replace(opened, state=S.OBSERVING)) is None


def test_targets_get_the_key_one_after_the_other() -> None:
    opened = rotation("a", "b")
    assert step(opened) == Step(S.OPEN, Reason.DELIVERED, deliver="a")
    claimed = course.claimed(opened, START, 1000)
    assert step(claimed, at=START + 999) is None, "somebody delivers"
    assert step(claimed, at=START + 1000) == Step(S.OPEN, Reason.DELIVERED, deliver="a"), "he has died"
    one = course.delivered(claimed, "a", START + 5)
    assert step(one, at=START + 5) == Step(S.OPEN, Reason.DELIVERED, deliver="b")
    both = course.delivered(course.claimed(one, START + 5, 1000), "b", START + 6)
    assert step(both, at=START + 6) == Step(S.DISTRIBUTED, Reason.DELIVERED)


def test_what_is_not_delivered_is_tried_again_less_and_less_often() -> None:
    waits, failed, now = [], rotation("a"), START
    for _ in range(9):
        failed = course.not_delivered(course.claimed(failed, now, 1000), "no", now)
        waits.append(failed.due_ms - now)
        assert step(failed, at=failed.due_ms - 1) is None
        now = failed.due_ms
    assert waits == [*(MINUTE_MS * 2**times for times in range(6)), *[HOUR_MS] * 3]


def test_a_key_that_does_not_work_is_not_delivered() -> None:
    assert step(rotation("a"), new=KeySeen(active=False)) is None


def test_the_old_key_stays_until_nobody_has_called_it_for_the_quiet_time() -> None:
    watched = rotation(state=S.OBSERVING)
    assert step(watched, at=START + QUIET - 1) is None
    assert step(watched, at=START + QUIET) == Step(S.QUIET, Reason.NOT_CALLED)
    called = KeySeen(called_ms=START + HOUR_MS)
    assert step(watched, called, at=START + QUIET) is None
    assert step(watched, called, at=START + QUIET + HOUR_MS) == Step(S.QUIET, Reason.NOT_CALLED)


def test_a_call_that_was_seen_once_counts_when_its_event_is_gone() -> None:
    watched = course.looked_at(rotation(state=S.OBSERVING), Seen(KeySeen(called_ms=START + HOUR_MS), ACTIVE), START + HOUR_MS)
    assert step(watched, at=START + QUIET) is None


def test_it_is_looked_at_often_enough_for_events_to_be_there_still() -> None:
    after = course.looked_at(rotation(state=S.OBSERVING), Seen(ACTIVE, ACTIVE), START)
    assert after.due_ms == START + HOUR_MS


def test_a_last_look_before_the_old_key_is_made_inactive() -> None:
    quiet = rotation(state=S.QUIET)
    now = START + QUIET
    assert step(quiet, at=now) == Step(S.OLD_INACTIVE, Reason.MADE_INACTIVE, still="OLD")
    assert step(quiet, KeySeen(called_ms=now - 1), at=now) == Step(S.OBSERVING, Reason.CALLED)
    assert step(quiet, new=KeySeen(active=False), at=now) == Step(S.OBSERVING, Reason.OTHER_KEY_INACTIVE)


def test_an_inactive_key_that_is_called_comes_back_with_an_alert() -> None:
    inactive = rotation(state=S.OLD_INACTIVE, stilled="OLD")
    called = KeySeen(active=False, refused_ms=START + 1)
    assert step(inactive, called, at=START + 5) == Step(S.OBSERVING, Reason.CALLED_AGAIN, wake="OLD", alert=True)


def test_a_key_that_somebody_else_made_inactive_does_not_come_back() -> None:
    """Whoever reports a key stolen must not see it come alive because the thief calls it."""
    inactive = rotation(state=S.OLD_INACTIVE, stilled="")
    called = KeySeen(active=False, refused_ms=START + 1)
    again = step(inactive, called, at=START + 5)
    assert again == Step(S.OLD_INACTIVE, Reason.CALLED_AGAIN, alert=True)
    assert again is not None
    after = course.taken(inactive, again, Seen(called, ACTIVE), START + 5)
    assert step(after, called, at=START + 6) is None, "one call, one alert"
    assert step(after, called, at=START + 5 + INACTIVE_FOR) == Step(S.DELETED, Reason.NOT_CALLED, delete="OLD")


def test_the_old_key_is_deleted_when_nobody_has_called_it_for_the_inactive_time() -> None:
    inactive, dead = rotation(state=S.OLD_INACTIVE, stilled="OLD"), KeySeen(active=False)
    assert step(inactive, dead, at=START + INACTIVE_FOR - 1) is None
    assert step(inactive, dead, at=START + INACTIVE_FOR) == Step(S.DELETED, Reason.NOT_CALLED, delete="OLD")
    assert step(inactive, dead, KeySeen(active=False), at=START + INACTIVE_FOR) is None, "else there would be no key"


def test_no_key_is_made_inactive_while_the_other_one_does_not_work() -> None:
    dead, later = KeySeen(active=False), START + 1000 * HOUR_MS
    assert step(rotation(state=S.OBSERVING), new=dead, at=later) is None
    assert step(rotation(state=S.ROLLING_BACK), old=dead, at=later) is None


def test_somebody_makes_the_old_key_active_by_hand() -> None:
    assert step(rotation(state=S.OLD_INACTIVE, stilled="OLD")) == Step(S.OBSERVING, Reason.ACTIVATED_BY_OTHERS)


# The way back


def test_a_new_key_that_nobody_can_have_goes_at_once() -> None:
    back = steps.rolled_back(rotation("a"), Seen(ACTIVE, ACTIVE))
    assert back == Step(S.ROLLED_BACK, Reason.ROLLED_BACK, delete="NEW")


@pytest.mark.parametrize(
    "known",
    [rotation("a", attempts=1), rotation("a", delivered='["a"]'), rotation(new_called_ms=START + 1), rotation(state=S.OBSERVING)],
    ids=["tried", "delivered", "called", "distributed"],
)
def test_a_new_key_that_somebody_may_have_stays_until_it_is_not_called_any_more(known: KeyRotation) -> None:
    back = steps.rolled_back(known, Seen(ACTIVE, ACTIVE))
    assert back == Step(S.ROLLING_BACK, Reason.ROLLED_BACK)


def test_back_from_every_state_the_old_key_is_active_and_targets_get_it_again() -> None:
    for state in (S.OPEN, S.DISTRIBUTED, S.OBSERVING, S.QUIET, S.OLD_INACTIVE):
        dead = KeySeen(active=state is not S.OLD_INACTIVE)
        known = rotation("a", state=state, delivered='["a"]', stilled="OLD" if state is S.OLD_INACTIVE else "")
        back = steps.rolled_back(known, Seen(dead, ACTIVE))
        assert back is not None and back.wake == ("" if dead.active else "OLD")
        after = course.taken(known, back, Seen(dead, ACTIVE), START)
        assert (after.state, after.stilled, after.missing) == (S.ROLLING_BACK, "", ["a"])
        assert step(after) == Step(S.ROLLING_BACK, Reason.DELIVERED, deliver="a")
        assert (after.staying, after.leaving) == ("OLD", "NEW")


def test_back_waits_for_a_delivery_that_is_under_way() -> None:
    known = course.claimed(rotation("a"), START, 30_000)
    back = steps.rolled_back(known, Seen(ACTIVE, ACTIVE))
    assert back is not None
    after = course.taken(known, back, Seen(ACTIVE, ACTIVE), START + 1)
    assert step(after, at=START + 29_999) is None
    assert step(after, at=START + 30_000) == Step(S.ROLLING_BACK, Reason.DELIVERED, deliver="a")


def test_there_is_no_way_back_to_an_old_key_that_has_expired() -> None:
    """It would be the only key in the end, and refused."""
    assert steps.rolled_back(rotation(state=S.OBSERVING), Seen(KeySeen(expired=True), ACTIVE)) is None


def test_a_key_that_has_expired_is_no_key_to_stay() -> None:
    over, later = KeySeen(expired=True), START + 1000 * HOUR_MS
    assert step(rotation("a"), new=over) is None, "nobody gets it"
    assert step(rotation(state=S.OBSERVING), new=over, at=later) is None
    assert step(rotation(state=S.QUIET), new=over, at=later) == Step(S.OBSERVING, Reason.OTHER_KEY_INACTIVE)
    assert step(rotation(state=S.OLD_INACTIVE, stilled="OLD"), KeySeen(active=False), over, at=later) is None
    assert step(rotation(state=S.ROLLING_BACK), old=over, at=later) is None
    assert step(rotation(state=S.OBSERVING), old=over, at=later) == Step(S.QUIET, Reason.NOT_CALLED), "the one that leaves may be"


@pytest.mark.parametrize("state", [S.DELETED, S.ROLLED_BACK, S.ROLLING_BACK, S.NEW_INACTIVE])
def test_there_is_no_way_back_from_the_end_or_from_the_way_back(state: RotationState) -> None:
    assert steps.rolled_back(rotation(state=state), Seen(ACTIVE, ACTIVE)) is None


def test_the_new_key_leaves_as_carefully_as_the_old_one() -> None:
    back = rotation(state=S.ROLLING_BACK)
    assert step(back, new=KeySeen(called_ms=START + 1), at=START + QUIET) is None
    assert step(back, at=START + QUIET) == Step(S.NEW_INACTIVE, Reason.MADE_INACTIVE, still="NEW")
    inactive = rotation(state=S.NEW_INACTIVE, stilled="NEW")
    called = KeySeen(active=False, refused_ms=START + 1)
    assert step(inactive, new=called, at=START + 2) == Step(S.ROLLING_BACK, Reason.CALLED_AGAIN, wake="NEW", alert=True)
    dead = KeySeen(active=False)
    assert step(inactive, new=dead, at=START + INACTIVE_FOR) == Step(S.ROLLED_BACK, Reason.NOT_CALLED, delete="NEW")


# What others do to the keys


def test_a_deleted_key_ends_it_and_the_other_one_stays() -> None:
    gone = KeySeen(exists=False, active=False)
    inactive = rotation(state=S.OLD_INACTIVE, stilled="OLD")
    ended = step(inactive, KeySeen(active=False), gone)
    assert ended == Step(S.ROLLED_BACK, Reason.DELETED_BY_OTHERS, wake="OLD", alert=True)
    assert step(rotation(state=S.OBSERVING), gone) == Step(S.DELETED, Reason.DELETED_BY_OTHERS, alert=True)


def test_targets_that_hold_a_deleted_new_key_get_the_old_one_back() -> None:
    gone = KeySeen(exists=False, active=False)
    known = rotation("a", state=S.OBSERVING, delivered='["a"]')
    back = step(known, new=gone)
    assert back == Step(S.ROLLING_BACK, Reason.DELETED_BY_OTHERS, alert=True)
    assert back is not None
    after = course.taken(known, back, Seen(ACTIVE, gone), START)
    assert step(after, new=gone) == Step(S.ROLLING_BACK, Reason.DELIVERED, deliver="a")
    ended = step(course.delivered(after, "a", START), new=gone)
    assert ended is not None and ended.to is S.ROLLED_BACK


def test_targets_get_the_new_key_even_if_the_old_one_was_deleted_meanwhile() -> None:
    gone = KeySeen(exists=False, active=False)
    assert step(rotation("a"), gone) == Step(S.OPEN, Reason.DELIVERED, deliver="a")


# Any history


@dataclass
class Key:
    exists: bool = True
    active: bool = True
    called_ms: int = 0
    refused_ms: int = 0
    since_ms: int = START

    @property
    def works(self) -> bool:
        return self.exists and self.active

    def seen(self) -> KeySeen:
        return KeySeen(self.exists, self.works, self.called_ms, 0 if self.works else self.refused_ms)


@dataclass
class World:
    """What the steps are taken in. `target` is the key that the clients of a target use, "" without one."""

    rotation: KeyRotation
    keys: dict[str, Key] = field(default_factory=lambda: {"OLD": Key(), "NEW": Key()})
    now: int = START
    target: str = ""
    meddled: bool = False

    @classmethod
    def of(cls, with_target: bool) -> World:
        return cls(rotation("a"), target="OLD") if with_target else cls(rotation())

    @property
    def seen(self) -> Seen:
        return Seen(self.keys["OLD"].seen(), self.keys["NEW"].seen())

    def call(self, name: str) -> None:
        key = self.keys[name]
        if key.works:
            key.called_ms = self.now
        elif key.exists:
            key.refused_ms = self.now

    def take(self, taken: Step) -> None:
        for name, active in ((taken.wake, True), (taken.still, False)):
            if name:
                self.require_allowed(name, active)
                self.keys[name].active, self.keys[name].since_ms = active, self.now
        if taken.delete:
            self.require_deletable(taken.delete)
            self.keys[taken.delete].exists = False
        self.rotation = course.taken(self.rotation, taken, self.seen, self.now)

    def require_allowed(self, name: str, active: bool) -> None:
        key, other = self.keys[name], self.keys["NEW" if name == "OLD" else "OLD"]
        assert key.exists
        if not active:
            assert other.works, "else there would be no key"
            assert self.now - key.called_ms >= self.rotation.quiet_ms, "somebody uses it"
            assert name != self.target or self.meddled, "a target has it"

    def require_deletable(self, name: str) -> None:
        key, other = self.keys[name], self.keys["NEW" if name == "OLD" else "OLD"]
        assert other.works
        if self.rotation.state == S.OPEN:
            assert not key.called_ms and self.target != name and name == "NEW"
            return
        assert not key.works and self.now - max(key.since_ms, key.refused_ms) >= self.rotation.inactive_ms

    def work(self, outcome: str) -> None:
        """What a job does when it looks, until it is killed: `outcome` is when that happens, or how deliveries go."""
        for _ in range(20):
            found = steps.next_step(self.rotation, self.seen, self.now)
            assert found == steps.next_step(replace(self.rotation), self.seen, self.now), "it depends on nothing else"
            if found is None:
                self.rotation = course.looked_at(self.rotation, self.seen, self.now) if not self.rotation.is_over else self.rotation
                return
            if not found.deliver:
                self.take(found)
            else:
                self.rotation = course.claimed(self.rotation, self.now, 30_000)
                if outcome == "killed before":
                    return
                if outcome == "fails":
                    self.rotation = course.not_delivered(self.rotation, "no", self.now)
                    return
                assert self.keys[self.rotation.staying].works, "what is handed out works"
                self.target = self.rotation.staying
                if outcome == "killed after":
                    return
                self.rotation = course.delivered(self.rotation, found.deliver, self.now)
            if outcome == "killed":
                return


ACTS = st.one_of(
    st.tuples(st.just("pass"), st.integers(1, 40).map(lambda hours: hours * HOUR_MS)),
    st.tuples(st.just("call"), st.sampled_from(["OLD", "NEW"])),
    st.tuples(st.just("work"), st.sampled_from(["well", "well", "well", "fails", "killed", "killed before", "killed after"])),
    st.tuples(st.just("say"), st.sampled_from(["confirmed", "back"])),
)
MEDDLING = st.tuples(st.just("meddle"), st.sampled_from(["OLD on", "OLD off", "OLD gone", "NEW on", "NEW off", "NEW gone"]))


def play(world: World, acts: list[tuple[str, object]]) -> None:
    for act, what in acts:
        world.now += 1
        if act == "pass":
            assert isinstance(what, int)
            world.now += what
        elif act == "call":
            world.call(str(what))
        elif act == "work":
            world.work(str(what))
        elif act == "say":
            said = steps.confirmed(world.rotation) if what == "confirmed" else steps.rolled_back(world.rotation, world.seen)
            if said is not None:
                world.take(said)
        else:
            meddle(world, str(what))


def meddle(world: World, what: str) -> None:
    name, _, done = what.partition(" ")
    key, world.meddled = world.keys[name], True
    if done == "gone":
        key.exists = False
    elif key.exists:
        key.active, key.since_ms = done == "on", world.now
        if world.rotation.stilled == name:  # as the store does when somebody else sets the status
            world.rotation = replace(world.rotation, stilled="")


@settings(max_examples=400, deadline=None)
@given(st.booleans(), st.lists(ACTS, max_size=60))
def test_in_any_history_a_key_works_and_targets_hold_one_that_does(with_target: bool, acts: list[tuple[str, object]]) -> None:
    world = World.of(with_target)
    for count in range(len(acts)):
        play(world, acts[count : count + 1])
        assert any(key.works for key in world.keys.values())
        assert not with_target or world.keys[world.target].works
        assert world.keys["NEW"].exists or world.rotation.state == S.ROLLED_BACK
        assert world.keys["OLD"].exists or world.rotation.state == S.DELETED


@settings(max_examples=400, deadline=None)
@given(st.booleans(), st.lists(st.one_of(ACTS, MEDDLING), max_size=60))
def test_whatever_others_do_no_step_takes_the_last_key_or_one_in_use(with_target: bool, acts: list[tuple[str, object]]) -> None:
    play(World.of(with_target), acts)  # `take` looks at every step


@settings(max_examples=200, deadline=None)
@given(st.booleans(), st.lists(ACTS, max_size=40))
def test_whatever_has_happened_it_ends_once_nobody_calls_the_leaving_key(with_target: bool, acts: list[tuple[str, object]]) -> None:
    world = World.of(with_target)
    play(world, [*acts, ("say", "confirmed")])
    for _ in range(12):
        world.now += 80 * HOUR_MS
        world.work("well")
    assert world.rotation.is_over
