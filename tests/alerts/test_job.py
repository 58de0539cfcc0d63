"""The job: every event is looked at exactly once, whatever is interrupted; messages wait until they are taken."""

from __future__ import annotations

import asyncio
import json
import threading
from typing import Any

import orjson
import pytest
from tests.alerts.watch import ATTACKER, NO_LEARNING, OFFICE, Watch, document, person

from akia.alerts import PolicyKind, Severity, Thresholds, rules
from akia.alerts_out import AlertSettings, ChannelSettings, NotSent
from akia.aws.errors import ServiceUnavailable
from akia.identity.alert import MOST_EVENT_IDS, Alert, AlertMessage
from akia.jobs import evaluate_rules
from akia.jobs.evaluate_rules import EvaluateRules
from akia.jobs.policy_verdicts import PolicyVerdicts, Question
from akia.jobs.send_alerts import GIVEN_UP_SECONDS, SendAlerts

pytestmark = pytest.mark.covers("I5.alerts.once")

OPS = ChannelSettings("ops", "webhook", url="https://hooks.example.com/s3cret", least=Severity.HIGH)
ALL = ChannelSettings("all", "webhook", url="https://hooks.example.com/other")


class Failing(RuntimeError):
    pass


def entered(akia: Any, work: Any, *, dies: bool = False) -> Any:
    """`work` in a write transaction, which is lost if `dies`."""
    batch = akia.akia.writer.open()
    result = work(batch)
    if dies:
        batch.abandon()
    else:
        batch.commit()
        akia.akia.committed(batch)
    return result


def doing(akia: Any) -> Any:
    async def do(work: Any) -> Any:
        return entered(akia, work)

    return do


def roots_calls(akia: Any, times: int) -> None:
    for _ in range(times):
        akia.client("iam").list_users()
    akia.akia.authority.drain()


def test_a_step_that_is_lost_is_taken_again_and_counts_once(akia: Any) -> None:
    job = EvaluateRules(akia.akia.authority, AlertSettings())
    roots_calls(akia, 3)
    step = job.step()
    assert step is not None and len(step.findings) == 3
    entered(akia, lambda batch: job.enter(step, batch), dies=True)
    assert akia.akia.store.event_stream.position("alerts") is None
    assert [alert.count for alert in Watch(akia).alerts()] == [3]
    assert job.step() is None


def test_two_workers_look_and_one_writes(akia: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate_rules, "STEP_EVENTS", 2)
    one, other = (EvaluateRules(akia.akia.authority, AlertSettings()) for _ in range(2))
    roots_calls(akia, 4)
    first, second = one.step(), other.step()
    assert first is not None and second is not None
    assert entered(akia, lambda batch: one.enter(first, batch)) is True
    assert entered(akia, lambda batch: other.enter(second, batch)) is False
    third = other.step()
    assert third is not None and third.before == first.after
    assert entered(akia, lambda batch: other.enter(third, batch)) is True
    assert [alert.count for alert in Watch(akia).alerts()] == [4]


def test_what_a_rule_knows_outlives_the_process_and_a_step_that_failed(akia: Any) -> None:
    akia.source_ip = OFFICE
    _, client = person(akia, "alice", {"Action": "iam:ListUsers"})
    client("iam").list_users()
    assert Watch(akia).alerts() == []
    akia.source_ip = ATTACKER
    client("iam").list_users()
    akia.akia.authority.drain()
    again = EvaluateRules(akia.akia.authority, AlertSettings(thresholds=NO_LEARNING))
    for _ in range(2):  # the same step, twice: what it has put down must not count as known the second time
        step = again.step()
        assert step is not None and {"new-network"} <= {finding.rule for finding in step.findings}
        entered(akia, lambda batch, step=step: again.enter(step, batch), dies=True)
    assert "new-network" in Watch(akia).rules()


def test_the_loop_takes_steps_until_there_are_none_and_proofs_are_made_in_a_thread(akia: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: set[threading.Thread] = set()
    real = Question.answer

    def answer(question: Question) -> bool:
        threads.add(threading.current_thread())
        return real(question)

    monkeypatch.setattr(Question, "answer", answer)
    monkeypatch.setattr(evaluate_rules, "STEP_EVENTS", 2)
    iam = akia.client("iam", akia.admin)
    iam.create_user(UserName="alice")
    iam.attach_user_policy(UserName="alice", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    roots_calls(akia, 5)
    job = EvaluateRules(akia.akia.authority, AlertSettings())
    asyncio.run(job.once(doing(akia)))
    assert [(alert.rule, alert.count) for alert in Watch(akia).alerts()] == [("access-widened", 1), ("root-used", 5)]
    assert threads and threading.main_thread() not in threads


def test_a_rule_that_fails_keeps_no_other_waiting(akia: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def fail(*_: Any) -> Any:
        raise Failing("s3cret")

    monkeypatch.setattr("akia.alerts.singles.DeadKey.subject", fail)
    roots_calls(akia, 1)
    assert Watch(akia).rules() == ["root-used"]
    assert "dead-key-used failed" in caplog.text and "s3cret" not in caplog.text


def test_facts_that_cannot_be_found_keep_no_rule_waiting(
    akia: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> Any:
        raise Failing("s3cret")

    monkeypatch.setattr("akia.jobs.key_facts.KeyFacts.of", fail)
    roots_calls(akia, 1)
    assert Watch(akia).rules() == ["root-used"]
    assert "nothing is known" in caplog.text and "s3cret" not in caplog.text


def test_a_failure_to_write_is_told_and_tried_again(akia: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    job = EvaluateRules(akia.akia.authority, AlertSettings())
    roots_calls(akia, 1)
    with monkeypatch.context() as broken:
        broken.setattr("akia.store.alerts.alerts.Alerts.alike", lambda *_: (_ for _ in ()).throw(Failing("s3cret")))
        asyncio.run(job.once(doing(akia)))
    assert akia.akia.store.event_stream.position("alerts") is None
    assert "alerts are not written: Failing" in caplog.text and "s3cret" not in caplog.text
    asyncio.run(job.once(doing(akia)))
    assert Watch(akia).rules() == ["root-used"]


def test_the_job_goes_on_when_the_store_is_back(akia: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(evaluate_rules, "EVERY_SECONDS", 0.001)
    job = EvaluateRules(akia.akia.authority, AlertSettings())
    roots_calls(akia, 1)
    failed: list[int] = []

    async def do(work: Any) -> Any:
        if not failed:
            failed.append(1)
            raise ServiceUnavailable("not now")
        return entered(akia, work)

    async def scenario() -> None:
        task = asyncio.create_task(job.run(do))
        while not akia.akia.store.alerts.newest(akia.account, "", "~", 1):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.005)
        task.cancel()

    asyncio.run(asyncio.wait_for(scenario(), 10))
    assert "rules wait" in caplog.text


def test_what_is_not_seen_for_long_is_forgotten(akia: Any) -> None:
    akia.source_ip = OFFICE
    _, client = person(akia, "alice")
    client("sts").get_caller_identity()
    watch = Watch(akia)
    watch.alerts()
    store = akia.akia.store

    def rules() -> set[str]:
        return {row[0] for row in store.connection.execute("SELECT rule FROM alert_states")}

    assert {"new-network", "impossible-overlap", "access-widened"} - rules() == {"access-widened"}
    iam = akia.client("iam", akia.admin)
    iam.put_user_policy(UserName="alice", PolicyName="p", PolicyDocument=document({"Action": "s3:*"}))
    watch.alerts()
    store.connection.execute("UPDATE alert_states SET at_ms = at_ms - 90 * 86400000 - 3600000")
    asyncio.run(watch.job.once(doing(akia)))
    assert rules() == {"access-widened"}
    iam.delete_user_policy(UserName="alice", PolicyName="p")
    watch.alerts()
    assert "access-widened" not in rules()


def test_a_proof_that_fails_is_no_proof() -> None:
    """Whatever the policy engine runs into: an error would have the same events looked at for ever."""
    question = Question(PolicyKind.IDENTITY, document({"Action": "iam:*"}))
    with pytest.MonkeyPatch.context() as broken:
        broken.setattr("akia.jobs.policy_verdicts.granted", lambda *_: (_ for _ in ()).throw(RecursionError))
        assert question.answer() is True


def test_nothing_is_forgotten_before_its_time_is_over() -> None:
    longer = Thresholds(denials_seconds=200_000, overlap_seconds=7_200)
    remembered = {rule.name: rule.remembers_seconds for rule in rules(longer, PolicyVerdicts())}
    assert remembered["denial-burst"] >= 200_000 and remembered["impossible-overlap"] >= 7_200
    assert remembered["signature-failures"] == 86_400


def test_the_memory_of_a_habit_is_bounded(akia: Any) -> None:
    akia.source_ip = OFFICE
    _, client = person(akia, "alice")
    watch = Watch(akia, AlertSettings(thresholds=Thresholds(known_values=3)))
    for number in range(6):
        akia.source_ip = f"198.51.{number}.1"
        client("sts").get_caller_identity()
    watch.alerts()
    texts = [row[0] for row in akia.akia.store.connection.execute("SELECT state FROM alert_states WHERE rule = 'new-network'")]
    assert max(len(json.loads(text)["known"]) for text in texts) == 3


def test_an_alert_names_its_first_events_and_counts_all(akia: Any) -> None:
    alert = Alert("a", akia.account, "r", "s", "", "LOW", "", 5, 5, "[]")
    for number in range(MOST_EVENT_IDS + 7):
        alert = alert.again(f"e{number}", number)
    assert (len(alert.events), alert.count, alert.first_ms, alert.last_ms) == (MOST_EVENT_IDS, MOST_EVENT_IDS + 8, 0, MOST_EVENT_IDS + 6)


def test_alerts_are_kept_up_to_a_number(akia: Any) -> None:
    store = akia.akia.store
    for number in range(5):
        store.alerts.add(Alert(f"a{number}", akia.account, "r", "s", "", "LOW", "", 5, 5, "[]"))
    store.alerts.add(Alert("a", "999988887777", "r", "s", "", "LOW", "", 5, 5, "[]"))
    assert store.alerts.trim("999988887777", 2) == 0
    assert store.alerts.trim(akia.account, 2) == 3
    assert store.alerts.get("a") is not None, "the alerts of one account push out none of another's"
    assert [alert.id for alert in store.alerts.newest(akia.account, "", "~", 9)] == ["a4", "a3"]


# Messages


def test_a_new_alert_is_told_to_the_channels_that_want_its_severity_and_what_is_folded_is_not(akia: Any) -> None:
    akia.source_ip = OFFICE
    watch = Watch(akia, AlertSettings(thresholds=NO_LEARNING, channels=(OPS, ALL)))
    _, client = person(akia, "alice", {"Action": "iam:ListUsers"})
    client("iam").list_users()
    watch.alerts()
    akia.client("iam").list_users()
    akia.client("iam").list_users()
    akia.source_ip = "203.0.200.1"
    client("iam").list_users()
    watch.alerts()
    waiting = [
        (message.channel, orjson.loads(message.body)["rule"])
        for channel in ("all", "ops")
        for message in akia.akia.store.alert_messages.due(channel, 2**40, 99)
    ]
    assert sorted(waiting) == [("all", "new-network"), ("all", "root-used"), ("ops", "root-used")]


def test_nobody_is_called_for_what_happened_long_ago(akia: Any) -> None:
    roots_calls(akia, 1)
    akia.akia.store.connection.execute("UPDATE events SET at_ms = at_ms - 90000000")
    watch = Watch(akia, AlertSettings(channels=(ALL,)))
    assert watch.rules() == ["root-used"]
    assert akia.akia.store.alert_messages.count() == 0


class Fake:
    """A channel that fails as often as it is told to."""

    def __init__(self, failures: int = 0, error: Exception | None = None) -> None:
        self.failures, self.error = failures, error or NotSent("busy")
        self.hangs: threading.Event | None = None
        self.sent: list[Any] = []

    def send(self, message: Any) -> None:
        if self.hangs is not None:
            self.hangs.wait(30)
        if self.failures:
            self.failures -= 1
            raise self.error
        self.sent.append(message)


class Sending:
    """`SendAlerts` with one fake channel, at a time of its own."""

    def __init__(self, akia: Any, fake: Fake, do: Any = None) -> None:
        self.akia, self.now = akia, 1_000_000
        settings = AlertSettings(channels=(OPS,))
        self.job = SendAlerts(akia.akia.store, do or doing(akia), settings, (), lambda: self.now, lambda *_: fake)

    def once(self) -> None:
        asyncio.run(self.job.once())


def waiting(akia: Any, channel: str = "ops", **more: Any) -> None:
    akia.akia.store.alert_messages.add(AlertMessage("m", channel, "a", '{"id":"a"}', 1_000_000, 1_000_000, **more))


def test_a_message_is_sent_once_and_gone(akia: Any) -> None:
    fake = Fake()
    sending = Sending(akia, fake)
    waiting(akia)
    sending.once()
    sending.once()
    assert fake.sent == [{"id": "a"}]
    assert akia.akia.store.alert_messages.count() == 0


@pytest.mark.parametrize("error", [NotSent("busy"), Failing("s3cret")])
def test_a_message_that_is_not_taken_waits_longer_each_time(akia: Any, caplog: pytest.LogCaptureFixture, error: Exception) -> None:
    fake = Fake(3, error)
    sending = Sending(akia, fake)
    waiting(akia)
    tries = []
    for _ in range(600):
        before = fake.failures + len(fake.sent) * -1
        sending.once()
        if fake.failures - len(fake.sent) != before:
            tries.append(sending.now - 1_000_000)
        sending.now += 10
    assert tries == [0, 60, 180, 420]
    assert fake.sent and "s3cret" not in caplog.text and "is not sent to ops yet" in caplog.text


def test_a_channel_that_hangs_delays_no_other(akia: Any) -> None:
    """With many messages before it, all older than that of the channel that works."""
    hanging, well = Fake(), Fake()
    hanging.hangs = threading.Event()
    for number in range(20):
        akia.akia.store.alert_messages.add(AlertMessage(f"h{number}", "all", "a", '{"id":"a"}', 1, 1))
    waiting(akia)
    channels = {"ops": well, "all": hanging}

    async def scenario() -> None:
        settings = AlertSettings(channels=(OPS, ALL))
        job = SendAlerts(akia.akia.store, doing(akia), settings, (), lambda: 1_000_000, lambda each, _: channels[each.name])
        task = asyncio.create_task(job.run())
        while not well.sent:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.005)
        assert hanging.hangs is not None
        hanging.hangs.set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(asyncio.wait_for(scenario(), 10))
    assert well.sent == [{"id": "a"}]


def test_a_message_is_given_up_after_days_and_when_its_channel_is_gone(akia: Any, caplog: pytest.LogCaptureFixture) -> None:
    sending = Sending(akia, Fake(99))
    waiting(akia)
    sending.now += GIVEN_UP_SECONDS
    sending.once()
    assert akia.akia.store.alert_messages.count() == 0 and "never sent" in caplog.text
    waiting(akia, "gone")
    sending.once()
    assert akia.akia.store.alert_messages.count() == 0 and "no channel gone" in caplog.text


def test_a_message_that_another_worker_has_claimed_is_left_to_it(akia: Any) -> None:
    fake = Fake()
    waiting(akia)
    store = akia.akia.store
    [message] = store.alert_messages.due("ops", 1_000_000, 9)

    async def do(work: Any) -> Any:
        if not store.alert_messages.get("m").attempts:
            assert store.alert_messages.claim(message, 2_000_000)  # the other one comes first
        return entered(akia, work)

    Sending(akia, fake, do).once()
    assert fake.sent == [] and store.alert_messages.count() == 1


def test_a_store_that_is_shut_keeps_messages_waiting(akia: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr("akia.jobs.send_alerts.EVERY_SECONDS", 0.001)
    fake = Fake()
    waiting(akia)
    failed: list[int] = []

    async def do(work: Any) -> Any:
        if not failed:
            failed.append(1)
            raise ServiceUnavailable("not now")
        return entered(akia, work)

    async def scenario() -> None:
        task = asyncio.create_task(Sending(akia, fake, do).job.run())
        while not fake.sent:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.005)
        task.cancel()

    asyncio.run(asyncio.wait_for(scenario(), 10))
    assert "alerts are not sent" in caplog.text
