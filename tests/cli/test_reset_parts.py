"""The parts of a reset that a client cannot see."""

from __future__ import annotations

import hmac
import socket
from typing import TYPE_CHECKING, Any

import pytest

from akia.cli.listener import PortTaken, claim
from akia.http import pages
from akia.http.pages import WithSecretPage
from akia.store.journal import Journal, JournalReader

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.covers("I2.ephemeral.reset")


def payloads(directory: Path) -> list[bytes]:
    reader = JournalReader(directory)
    return [payload for segment in reader.segments() for payload in reader.unread(segment, 0, 100)[0]]


@pytest.mark.parametrize("durable", [True, False])
def test_a_discarded_journal_forgets_what_waits_what_is_taken_and_what_is_written(tmp_path: Path, durable: bool) -> None:
    journal = Journal(tmp_path, "worker", durable=durable, segment_bytes=1_024)
    journal.append(b"written")
    journal.write(journal.take())
    journal.append(b"taken")
    taken = journal.take()
    journal.append(b"waiting")
    journal.discard()
    journal.write(taken)  # the thread that writes goes on with what it had
    journal.append(b"new")
    journal.write(journal.take())
    assert payloads(tmp_path) == [b"new"]
    journal.close()


def test_segments_that_an_earlier_worker_left_are_discarded_too(tmp_path: Path) -> None:
    dead = Journal(tmp_path, "dead", durable=False)
    dead.append(b"old")
    dead.close()
    journal = Journal(tmp_path, "worker", durable=False)
    journal.discard()
    assert payloads(tmp_path) == []
    journal.close()


def test_the_secret_path_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def watched(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return hmac.compare_digest(one, other)

    monkeypatch.setattr(pages, "compare_digest", watched)
    public: Any = object()
    secret: Any = object()
    known = WithSecretPage({b"/healthz": public}, b"/secret", secret)
    assert [known.get(path) for path in (b"/secret", b"/healthz", b"/secreT", b"/")] == [secret, public, None, None]
    assert len(compared) == 4
    assert b"/secret" not in known  # it is in no table that could be listed


def test_a_claimed_port_is_free_for_the_programs_own_workers_only() -> None:
    with claim("127.0.0.1", 0) as holder, socket.socket() as worker:
        port = holder.getsockname()[1]
        worker.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        worker.bind(("127.0.0.1", port))
        worker.listen()
        with pytest.raises(PortTaken, match=f"port {port} on 127.0.0.1 is taken"):
            _listen_as_another_akia(port)


def _listen_as_another_akia(port: int) -> None:
    with claim("127.0.0.1", port):
        pass
