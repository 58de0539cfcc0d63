"""Webhooks: HTTPS POST of JSON, as akia tells it or in the form that Slack or Teams shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from akia.alerts_out.channel import NotSent
from akia.alerts_out.message import facts, title
from akia.outbound import OutboundClient, OutboundError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from akia.alerts_out.message import Message
    from akia.alerts_out.settings_file import ChannelSettings

_HEADERS = {"Content-Type": "application/json"}
_TEAMS_COLORS = {"LOW": "Default", "MEDIUM": "Warning", "HIGH": "Attention", "CRITICAL": "Attention"}


class Webhook:
    """The URL is a secret: whoever has it can post there. It stands in no message of an error."""

    def __init__(self, settings: ChannelSettings, allowed_networks: Iterable[str]) -> None:
        self._client = OutboundClient(allowed_networks)
        self._settings = settings

    def send(self, message: Message) -> None:
        """Any answer 2xx is success. Raises NotSent."""
        body = orjson.dumps(_BODIES[self._settings.kind](message))
        try:
            reply = self._client.post(self._settings.url, body, _HEADERS, thumbprints=self._settings.thumbprints)
        except OutboundError as error:
            raise NotSent(str(error)) from None
        if not 200 <= reply.status < 300:
            raise NotSent(f"the webhook answered {reply.status}")


def _slack(message: Message) -> dict[str, Any]:
    """A message of blocks; `text` is what notifications show."""
    fields = [_markdown(f"*{name}*\n{_escaped(value)}"[:2_000]) for name, value in facts(message)]
    return {
        "text": _escaped(f"{title(message)}: {message['summary']}"),
        "blocks": [
            {"type": "header", "text": {"type": "plain_text", "text": title(message)[:150]}},
            {"type": "section", "text": _markdown(_escaped(message["summary"])[:3_000])},
            {"type": "section", "fields": fields[:10]},
        ],
    }


def _markdown(text: str) -> dict[str, Any]:
    """`verbatim`: else Slack makes links and mentions of what looks like an address or a name."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _escaped(text: str) -> str:
    """What callers wrote makes no links and no mentions in Slack."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _teams(message: Message) -> dict[str, Any]:
    """An adaptive card, as the webhooks of Teams' workflows take it."""
    color = _TEAMS_COLORS[message["severity"]]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {"type": "TextBlock", "text": title(message), "weight": "Bolder", "size": "Medium", "color": color, "wrap": True},
            {"type": "TextBlock", "text": _plain(message["summary"]), "wrap": True},
            {"type": "FactSet", "facts": [{"title": name, "value": _plain(value)} for name, value in facts(message)]},
        ],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _plain(text: str) -> str:
    """What callers wrote makes no links: cards know Markdown."""
    return "".join(f"\\{character}" if character in "[]*_`\\" else character for character in text)


_BODIES: dict[str, Any] = {"webhook": dict, "slack": _slack, "teams": _teams}
