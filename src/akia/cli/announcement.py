"""What `akia up` and `akia init` tell: what was made, what is enforced, how to begin (NT-95). No secret is in it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import akia
from akia.cli.first_start import PROFILE
from akia.cli.profile import one_line
from akia.store.founding import ADMINISTRATOR

if TYPE_CHECKING:
    from akia.cli.first_start import Start
    from akia.settings import Settings


def serving(settings: Settings, start: Start) -> str:
    """For a server that answers."""
    title = f"akia {akia.__version__} answers at {settings.endpoint}\n"
    return "\n".join([title, _account(settings, start), enforced(settings, start), _first_step(start)])


def made(settings: Settings, start: Start) -> str:
    """For an installation that is not served yet."""
    return f"{_account(settings, start)}\n{_first_step(start)}"


def enforced(settings: Settings, start: Start) -> str:
    """What is enforced in this mode. There is no setting that turns any of it off."""
    lines = {
        "signatures": "verified on every request; nobody is anonymous",
        "policies": "evaluated on every request; the default is to refuse",
        "events": "recorded for every call, refused ones included, before its answer leaves",
        "transport": _transport(settings),
        "master key": _master_key(settings, start),
    }
    return "".join(f"  {name:<11} {text}\n" for name, text in lines.items())


def _account(settings: Settings, start: Start) -> str:
    origin = f"made just now, with the user {ADMINISTRATOR}" if start.is_new else "found in the data directory"
    kept = "a throw-away akia: gone when it ends" if settings.ephemeral else str(settings.data)
    return f"  {'account':<11} {start.installation.account}, {origin}\n  {'data':<11} {kept}\n"


def _transport(settings: Settings) -> str:
    if settings.tls:
        return f"TLS with a certificate of a private authority: clients trust {settings.data / 'tls' / 'ca.pem'}"
    if settings.serves_tls:
        return f"TLS with the certificate {settings.tls_cert}"
    if settings.trusted_proxies and settings.public_url is not None:
        return f"TLS ends at {settings.public_url}; forwarding headers are believed from {', '.join(settings.trusted_proxies)} only"
    return "loopback only, without TLS"


def _master_key(settings: Settings, start: Start) -> str:
    if settings.ephemeral:
        return "in memory only"
    return f"in {start.installation.master_key(settings, os.environ)}; keep a copy elsewhere: without it the data cannot be read"


def _first_step(start: Start) -> str:
    path = start.installation.profile
    if start.admin is None:
        return f"The profile {path} is gone. `akia root-key` makes a new key if no other is left.\n"
    return f"The profile of {ADMINISTRATOR} is in {path}. To use it:\n\n  {one_line(path, PROFILE)}\n  aws sts get-caller-identity\n"
