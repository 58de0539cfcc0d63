"""AWS's wire protocols, server side: which operation is asked for, what it is given, and how its answer is written.

    models = Models(cache_dir)
    match route(models, request, scope_service):
        case Routed() as routed:
            members = routed.parse()                          # raises MalformedInput, ValidationError
            answer = routed.operation.success(result, request_id)
        case Unrouted(error, refuser):
            answer = refuser.error(error, request_id)

An engine: bytes and values in, bytes and values out; only models are read from disk, each once.
"""

from __future__ import annotations

from akia.wire.models import Models
from akia.wire.operation import Operation
from akia.wire.protocols.protocol import Refuser
from akia.wire.request import Answer, HttpRequest
from akia.wire.routing import Routed, Unrouted, refuser_of, route
from akia.wire.service import Service
from akia.wire.stranger import STRANGER

__all__ = ["STRANGER", "Answer", "HttpRequest", "Models", "Operation", "Refuser", "Routed", "Service", "Unrouted", "refuser_of", "route"]
