"""Why a request to the outside world has no answer. The texts are for whoever runs akia."""

from __future__ import annotations


class OutboundError(Exception):
    """There is no answer that can be used."""


class OutboundRefused(OutboundError):
    """akia does not send requests there."""


class NotTrusted(OutboundError):
    """The other side has no certificate that is trusted."""
