"""What a channel is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from akia.alerts_out.message import Message


class NotSent(Exception):
    """The message was not taken. The text is for whoever runs akia; it never holds a URL's path or a password."""


class Channel(Protocol):
    """Somewhere that people look."""

    def send(self, message: Message) -> None:
        """Returns when the other side has taken the message. Raises NotSent."""
