"""The server process: what `akia up` turns into when everything is ready.

    python -m akia.cli.serving <descriptor>     what is read there is printed once the server answers

It holds no secret and imports little, since it lives as long as the server.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

from granian.constants import HTTPModes, Interfaces, Loops, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from akia.cli.certificates import provide
from akia.cli.listener import answers, numeric
from akia.logs import GRANIAN, configure_logging
from akia.settings import VARIABLE, Settings, SettingsError

if TYPE_CHECKING:
    from akia.http.application import Application

ENDING = (signal.SIGTERM, signal.SIGINT)
SECONDS_TO_END = 15
"""How long workers may take to answer what is in flight."""
MILLISECONDS_FOR_HEADERS = 10_000
"""How long a client may take to send its headers. Shorter than SECONDS_TO_END, so that no slow client makes an end unclean."""
_LOOK_EVERY = 0.25
_PAUSE = 0.01

log = logging.getLogger("akia.serving")


def main() -> None:
    """Serve until SIGTERM or SIGINT. On SIGHUP workers are replaced one after the other, and read certificates anew."""
    for number in ENDING:
        signal.signal(number, lambda *_: sys.exit(0))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    configure_logging()
    settings = Settings.from_json(os.environ[VARIABLE])
    try:
        with os.fdopen(int(sys.argv[1]), encoding="utf-8") as file:
            announcement = file.read()
        _serve(settings, announcement)
    finally:
        _remove_if_ephemeral(settings)


def load() -> Application:
    """A worker's application, in the worker's process.

    Signals wait until its event loop serves: one that comes between the loop's first steps and its real start would be lost.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    settings = Settings.from_json(os.environ[VARIABLE])
    threading.Thread(target=_end_with, args=(os.getppid(), settings), name="akia-parent", daemon=True).start()
    from akia.assembly import application  # here, so that the server process itself stays small
    from akia.installation import InstallationError
    from akia.store.errors import CannotOpen

    try:
        return application(settings, lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING))
    except (InstallationError, CannotOpen) as error:
        log.error("cannot start: %s", error)
        sys.exit(1)


def _serve(settings: Settings, announcement: str) -> None:
    server = _server(settings)
    server.on_reload(lambda: _renew_certificate(settings))
    threading.Thread(target=_announce, args=(server, settings, announcement), daemon=True).start()
    try:
        server.serve(target_loader=load, wrap_loader=False)
    except SystemExit:
        if not server.interrupt_signal:
            raise


def _server(settings: Settings) -> MPServer:
    return MPServer(
        "akia",
        address=numeric(settings.host),
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        websockets=False,
        log_level=LogLevels.warning,
        log_dictconfig=GRANIAN,
        http1_settings=HTTP1Settings(header_read_timeout=MILLISECONDS_FOR_HEADERS),
        ssl_cert=settings.tls_cert,
        ssl_key=settings.tls_key,
        ssl_protocol_min=SSLProtocols.tls12,
        workers_kill_timeout=SECONDS_TO_END,
    )


def _renew_certificate(settings: Settings) -> None:
    try:
        provide(settings)
    except SettingsError as error:
        log.error("the certificate is not renewed: %s", error)


def _announce(server: MPServer, settings: Settings, announcement: str) -> None:
    """Print the announcement when the server answers. From then on a worker that dies is replaced; before, it ends the start."""
    while len(server.wrks) < settings.workers:
        time.sleep(_PAUSE)  # asleep while workers are forked, so that they inherit no lock
    while not server.main_loop_interrupt.is_set():
        if answers(server.bind_addr, server.bind_port, tls=settings.serves_tls):
            server.respawn_failed_workers = True
            print(announcement, end="", flush=True)
            return
        time.sleep(_PAUSE)


def _end_with(parent: int, settings: Settings) -> None:
    """End this worker when its parent is gone, however that ended. Then nobody else is left to remove what is throw-away."""
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY)
    _remove_if_ephemeral(settings)
    os.kill(os.getpid(), signal.SIGTERM)


def _remove_if_ephemeral(settings: Settings) -> None:
    if settings.ephemeral:
        shutil.rmtree(settings.data, ignore_errors=True)


if __name__ == "__main__":
    main()
