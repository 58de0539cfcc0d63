"""Traffic: pre-signed requests of one kind, each different, with keys drawn uniformly from a whole population.

Dates are spread over four minutes around the moment of signing, well within the fifteen that AWS allows.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from bench.signing import Credential, Scope, fresh_invocation, signed_post

VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15"}
SPREAD = 120
"""Seconds before and after now that dates are drawn from."""

BodyOf = Callable[[Credential], bytes]


def form(service: str, action: str, **parameters: str | int) -> bytes:
    """The body of a query-protocol request."""
    return urlencode({"Action": action, "Version": VERSIONS[service], **parameters}).encode()


@dataclass(slots=True)
class Traffic:
    """A supply of requests to one server: `body` says what a holder of a key asks for, `target` names the operation if that is JSON.

    `chance` makes the draw repeatable.
    """

    scope: Scope
    population: Sequence[Credential]
    body: BodyOf
    chance: random.Random = field(default_factory=lambda: random.Random(2542))
    target: str = ""

    def drawn(self, count: int) -> list[bytes]:
        """`count` requests, the key of each drawn uniformly and independently from the whole population."""
        return list(map(self.one, self.chance.choices(self.population, k=count)))

    def once_each(self) -> list[bytes]:
        """One request by every key, in random order: what a server sees that knows none of them yet."""
        return list(map(self.one, self.chance.sample(self.population, k=len(self.population))))

    def one(self, credential: Credential) -> bytes:
        """One more request by this key."""
        return self.asking(credential, self.body(credential))

    def asking(self, credential: Credential, body: bytes) -> bytes:
        """A request of this key with a body of its own."""
        at = int(time.time()) + self.chance.randint(-SPREAD, SPREAD)
        return signed_post(credential, self.scope, body, at=at, invocation=fresh_invocation(), target=self.target)
