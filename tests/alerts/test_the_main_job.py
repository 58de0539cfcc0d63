"""Every rule is on while the main job is done, the whole of tests/test_life_of_a_key.py: what they speak of is what was suspicious in it.

The same with the AWS CLI is in tests/clients/test_aws_cli.py.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from tests import test_life_of_a_key as main_job
from tests.alerts.watch import NO_LEARNING, Watch

from akia.alerts_out import AlertSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.covers("I5.alerts.rules", "C11", "D6")


class Explained(NamedTuple):
    """An alert that must come: its rule, and what in the scenario it rightly speaks of."""

    rule: str
    why: str


ROOT = Explained("root-used", "the test has the root user do what an administrator should: `akia.client` signs as root")
NOT_LEARNT = Explained("new-service", "a credential's second service, which only those hear of who let nothing be learnt")
OLD_KEY = Explained("dead-key-used", "the old key is tried once more after its end, to see that it is refused")

EXPLAINED: dict[str, list[Explained]] = {
    "test_a_new_key_is_refused_then_allowed_by_policy_and_every_call_is_recorded": [ROOT, NOT_LEARNT],
    "test_a_key_is_rotated_switched_off_and_deleted": [OLD_KEY],
    "test_a_wrong_secret_and_a_wrong_id_have_errors_of_their_own_in_each_protocol": [ROOT],
    "test_a_role_is_assumed_and_its_session_is_what_the_event_names": [ROOT, NOT_LEARNT, NOT_LEARNT],
    "test_the_root_user_has_keys_of_its_own_and_answers_by_its_own_arn": [ROOT, OLD_KEY],
    "test_what_is_not_built_yet_says_so_to_those_who_may_ask": [ROOT],
}


def cases() -> Iterator[Any]:
    """The tests, and each set of arguments that they are run with."""
    for name, test in vars(main_job).items():
        if name.startswith("test_"):
            marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
            (argument, values), *more = [mark.args for mark in marks] or [("", [""])]
            assert not more
            for value in values:
                yield pytest.param(name, {argument: value} if argument else {}, id="-".join(filter(None, (name, value))))


@pytest.mark.parametrize("learns", [True, False], ids=["as-it-is-delivered", "nothing-is-learnt"])
@pytest.mark.parametrize(("name", "arguments"), [*cases()])
def test_rules_are_quiet_on_the_main_job_but_for_what_is_suspicious_in_it(
    name: str, arguments: dict[str, str], *, learns: bool, akia: Any, refused: Any, policy: Any
) -> None:
    watch = Watch(akia, AlertSettings() if learns else AlertSettings(thresholds=NO_LEARNING))
    given = {"akia": akia, "refused": refused, "policy": policy} | arguments
    test = getattr(main_job, name)
    test(**{parameter: given[parameter] for parameter in inspect.signature(test).parameters})
    expected = [explained.rule for explained in EXPLAINED[name] if not (learns and explained is NOT_LEARNT)]
    assert sorted(watch.rules()) == sorted(expected)


def test_rules_look_while_the_main_job_is_done_and_see_no_more_than_afterwards(akia: Any) -> None:
    """A key that is switched off, and deleted only later, is told of once: when it was tried, it was inactive."""
    iam, watch = akia.client("iam", akia.admin), Watch(akia)
    iam.create_user(UserName="alice")
    key = main_job.pair(iam.create_access_key(UserName="alice")["AccessKey"])
    alice = akia.client("sts", key)
    alice.get_caller_identity()
    iam.update_access_key(UserName="alice", AccessKeyId=key.access_key_id, Status="Inactive")
    assert watch.rules() == []
    with pytest.raises(alice.exceptions.ClientError):
        alice.get_caller_identity()
    [alert] = watch.alerts()
    assert (alert.rule, alert.subject) == ("dead-key-used", key.access_key_id) and "is inactive" in alert.summary
    iam.delete_access_key(UserName="alice", AccessKeyId=key.access_key_id)
    assert len(watch.alerts()) == 1
