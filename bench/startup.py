"""Start-up: from the launch of the process to its first answer to a signed request, and the memory it then holds."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

from bench.load import replay
from bench.traffic import Traffic, form

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from bench.figures import Results
    from bench.servers import Server
    from bench.signing import Credential


def measure(name: str, start: Callable[[], AbstractContextManager[Server]], caller: Credential, starts: int, results: Results) -> None:
    """Start the server `starts` times; adds the medians `start-up of <name> (s)` and `memory of <name> (bytes, PSS)`.

    Raises StartError, LoadError.
    """
    seen = [once(start, caller) for _ in range(starts)]
    results.values[f"start-up of {name} (s)"] = statistics.median(seconds for seconds, _ in seen)
    results.values[f"memory of {name} (bytes, PSS)"] = statistics.median(memory for _, memory in seen)


def once(start: Callable[[], AbstractContextManager[Server]], caller: Credential) -> tuple[float, int]:
    """Seconds to the first answer, and bytes of memory right after it."""
    launched = time.perf_counter()
    with start() as server:
        request = Traffic(server.scope("sts"), [caller], lambda _: form("sts", "GetCallerIdentity")).drawn(1)
        replay(server.address, request, 1)
        return time.perf_counter() - launched, server.pss_bytes()
