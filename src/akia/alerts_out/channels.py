"""The channel that a file's settings mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from akia.alerts_out.mail import Mail
from akia.alerts_out.syslog import Syslog
from akia.alerts_out.webhook import Webhook

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akia.alerts_out.channel import Channel
    from akia.alerts_out.settings_file import ChannelSettings


def channel(settings: ChannelSettings, allowed_networks: Iterable[str] = ()) -> Channel:
    """`allowed_networks` are those beside the public ones that may be reached (NT-23)."""
    match settings.kind:
        case "smtp":
            return Mail(settings, allowed_networks)
        case "syslog":
            return Syslog(settings, allowed_networks)
    return Webhook(settings, allowed_networks)
