"""The figures of all workers: each writes its own down once a second, and whoever is asked tells them all, by worker.

A worker's figures go when it ends; Prometheus sums over the label `worker`, and takes a series that ends for what it is.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import orjson

from akia.metrics.exposition import Sample, exposition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

EVERY_SECONDS = 1.0
STALE_SECONDS = 10.0
"""A file that is older was left by a worker that has ended."""

log = logging.getLogger("akia.jobs")


class WorkerFigures:
    """`mine` makes the figures of this worker; `directory` is shared by all. `alone`: there are no others, and nothing is written."""

    def __init__(
        self, directory: Path, mine: Callable[[], Iterable[Sample]], *, alone: bool, clock: Callable[[], float] = time.time
    ) -> None:
        self._directory = directory
        self._mine = mine
        self._alone = alone
        self._clock = clock
        self._path = directory / f"{os.getpid()}.json"

    async def run(self) -> None:
        """Until cancelled: write down what others may be asked for."""
        try:
            while not self._alone:
                self.write()
                await asyncio.sleep(EVERY_SECONDS)
        finally:
            self._path.unlink(missing_ok=True)

    def write(self) -> None:
        """Write down this worker's figures, whole or not at all. A failure is logged: figures are no reason to end."""
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = self._path.with_suffix(".new")
            with open(draft, "wb", opener=lambda path, flags: os.open(path, flags | os.O_CLOEXEC, 0o600)) as file:
                file.write(orjson.dumps([tuple(sample) for sample in self._mine()]))
            draft.replace(self._path)
        except Exception as error:
            log.warning("this worker's metrics are not written: %s", type(error).__name__)

    def page(self) -> bytes:
        """The figures of all workers, as text."""
        mine = _of(str(os.getpid()), self._mine())
        others = [] if self._alone else [sample for worker in self._others() for sample in worker]
        return exposition([*mine, *others])

    def _others(self) -> Iterator[list[Sample]]:
        for path in sorted(self._directory.glob("*.json")):
            with suppress(OSError, orjson.JSONDecodeError):
                if path == self._path:
                    continue
                if self._clock() - path.stat().st_mtime > STALE_SECONDS:
                    path.unlink()
                    continue
                yield _of(path.stem, map(_sample, orjson.loads(path.read_bytes())))


def _sample(told: list[Any]) -> Sample:
    name, labels, value = told
    return Sample(name, tuple((label, text) for label, text in labels), value)


def _of(worker: str, samples: Iterable[Sample]) -> list[Sample]:
    return [sample._replace(labels=(("worker", worker), *sample.labels)) for sample in samples]
