"""The channel that a file's settings mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akia.alerts_out.channel import Channel
    from akia.alerts_out.settings_file import ChannelSettings


def channel(settings: ChannelSettings, allowed_networks: Iterable[str] = ()) -> Channel:
    """`allowed_networks` are those beside the public ones that may be reached (NT-23)."""
    match settings.kind:  # only who has such a channel needs its libraries
        case "smtp":
            from akia.alerts_out.mail import Mail

            return Mail(settings, allowed_networks)
        case "syslog":
            from akia.alerts_out.syslog import Syslog

            return Syslog(settings, allowed_networks)
    from akia.alerts_out.webhook import Webhook

    return Webhook(settings, allowed_networks)
