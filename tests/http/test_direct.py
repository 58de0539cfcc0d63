"""Serving without a socket: the same promises as behind HTTP."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from tests.attacks.refusals import Observer, read
from tests.attacks.signer import Signer, form

if TYPE_CHECKING:
    import pytest
    from tests.conftest import World


def test_an_event_that_cannot_be_written_makes_the_answer_unavailable(akia: World, monkeypatch: pytest.MonkeyPatch) -> None:
    observer, request = Observer(akia), Signer.of(akia.admin).header(form("ListUsers"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("akia.store.journal.Journal.write", full)
        answer = observer.send(request)
    assert (answer.status, read(answer).code, b"administrator" in answer.body) == (503, "ServiceUnavailable", False)
    observer.accepted(request)


def test_requests_of_several_threads_take_turns(akia: World) -> None:
    observers = [Observer(akia) for _ in range(4)]
    direct = akia.akia.direct()
    answers: list[Any] = []

    def create(observer: Observer, name: str) -> None:
        observer._direct = direct
        answers.extend(observer.send(Signer.of(akia.admin).header(form("CreateUser", UserName=f"{name}{n}"))).status for n in range(10))

    threads = [threading.Thread(target=create, args=(observer, f"t{number}-")) for number, observer in enumerate(observers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 40
    assert len(akia.client("iam").list_users()["Users"]) == 41
