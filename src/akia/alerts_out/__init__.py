"""How alerts leave akia: channels, what is sent, and the file that says so.

    settings = read(Path("alerts.toml"))
    channel(settings.channel("ops"), allowed_networks).send(message_of(alert))     # raises NotSent

Everything blocks: never use it on the thread that serves requests. docs/alerts.md describes the file.
"""

from akia.alerts_out.channel import Channel, NotSent
from akia.alerts_out.channels import channel
from akia.alerts_out.message import Message, message_of, test_message
from akia.alerts_out.settings_file import AlertSettings, AlertsFileError, ChannelSettings, Response, read

__all__ = [
    "AlertSettings", "AlertsFileError", "Channel", "ChannelSettings", "Message", "NotSent", "Response", "channel", "message_of", "read",
    "test_message",
]  # fmt: skip
