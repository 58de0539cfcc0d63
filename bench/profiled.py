"""An akia whose worker counts its function calls: `python -m bench.profiled DATA PORT`. It leaves DATA/worker.pstats when it ends."""

from __future__ import annotations

import cProfile
import sys
from typing import TYPE_CHECKING, Any

from akia import assembly
from bench.starting import serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from akia.settings import Settings

STATS = "worker.pstats"

_application = assembly.application


def application(settings: Settings, *given: Any) -> Callable[[Any, Any, Any], Awaitable[None]]:
    """The product's application; its loop's thread is profiled from the beginning of its life to the end."""
    product, profile = _application(settings, *given), cProfile.Profile()

    async def profiled(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await product(scope, receive, send)
            return
        profile.enable()
        try:
            await product(scope, receive, send)
        finally:
            profile.disable()
            profile.dump_stats(settings.data / STATS)

    return profiled


if __name__ == "__main__":
    assembly.application = application  # type: ignore[assignment]  # an application all the same
    serve(*sys.argv[1:])
