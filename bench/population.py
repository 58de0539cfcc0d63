"""The population of a server: users with a policy and a key each, made over the wire by the same requests at every server."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from bench.load import hold
from bench.signing import Credential
from bench.traffic import Traffic, form

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from bench.servers import Server

_KEY = re.compile(rb"<AccessKeyId>([^<]+)</AccessKeyId>")
_SECRET = re.compile(rb"<SecretAccessKey>([^<]+)</SecretAccessKey>")

# moto compares every request with the resource "*", so what is to be allowed there must say so.
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::reports-*/*"},
            {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::reports-*"},
            {"Effect": "Allow", "Action": ["ssm:GetParameter*"], "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
            {"Effect": "Allow", "Action": ["iam:Get*", "iam:List*"], "Resource": "*"},
            {
                "Effect": "Allow",
                "Action": ["iam:CreateUser", "iam:CreateAccessKey", "iam:DeleteAccessKey"],
                "Resource": "*",
            },
        ],
    },
    separators=(",", ":"),
)


def settle(server: Server, first: Credential, names: Sequence[str], *, keys: bool = True) -> list[Credential]:
    """Create these users over eight connections, and with `keys` each one's policy and key, which are returned. Raises LoadError."""
    made: list[Credential] = []
    supply = iter(names)
    traffic = Traffic(server.scope("iam"), [first], lambda _: b"")
    hold(server.address, (create(traffic, first, supply, made, keys) for _ in range(8)))
    return made


def create(traffic: Traffic, first: Credential, names: Iterator[str], made: list[Credential], keys: bool) -> Generator[bytes, bytes, None]:
    """A conversation: three calls for each user."""
    for name in names:
        yield traffic.asking(first, form("iam", "CreateUser", UserName=name))
        if keys:
            yield traffic.asking(first, form("iam", "PutUserPolicy", UserName=name, PolicyName="work", PolicyDocument=POLICY))
            made.append(key_in((yield traffic.asking(first, form("iam", "CreateAccessKey", UserName=name))), name))


def key_in(answer: bytes, user: str) -> Credential:
    """The key of a CreateAccessKey response. Raises ValueError if there is none."""
    key, secret = _KEY.search(answer), _SECRET.search(answer)
    if key is None or secret is None:
        raise ValueError(f"no key in {answer[:300]!r}")
    return Credential(key[1].decode(), secret[1].decode(), user)
