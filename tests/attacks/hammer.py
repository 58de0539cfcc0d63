"""A client process that goes on calling with a key, or with sessions of it, until it has been refused for a while.

Run as a program of its own: standard input says how (JSON: endpoint, pair, token, kind), each line of standard output tells of one call:
[when it was sent, by the machine's monotonic clock; its error's code, or null for success].
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

REFUSED_IN_A_ROW = 15
"""So often somebody has to be refused before they give up."""


class Hammer:
    def __init__(self, how: dict[str, Any]) -> None:
        self._endpoint, self._number = how["endpoint"], 0
        self._held = {"aws_access_key_id": how["pair"][0], "aws_secret_access_key": how["pair"][1], "aws_session_token": how["token"]}
        self._sts, self._iam = self._client("sts", self._held), self._client("iam", self._held)
        self.call = getattr(self, how["kind"])

    def _client(self, service: str, held: dict[str, Any]) -> Any:
        once = Config(retries={"total_max_attempts": 1})
        session: Any = boto3.Session(region_name="us-east-1", **held)
        return session.client(service, endpoint_url=self._endpoint, config=once)

    def reads(self) -> None:
        self._sts.get_caller_identity()

    def writes(self) -> None:
        self._number += 1
        self._iam.tag_user(UserName="bob", Tags=[{"Key": "n", "Value": str(self._number)}])

    def takes_sessions(self) -> None:
        """A new one each time, which is used at once."""
        made = self._sts.get_session_token()["Credentials"]
        names = {"AccessKeyId": "aws_access_key_id", "SecretAccessKey": "aws_secret_access_key", "SessionToken": "aws_session_token"}
        fresh = self._client("sts", {name: made[member] for member, name in names.items()})
        told(fresh.get_caller_identity)


def told(call: Any) -> bool:
    """Whether the call was answered well; a line tells of it."""
    sent, code = time.monotonic(), None
    try:
        call()
    except ClientError as error:
        code = error.response["Error"]["Code"]
    print(json.dumps([sent, code]), flush=True)
    return code is None


def main() -> None:
    hammer, refused = Hammer(json.load(sys.stdin)), 0
    while refused < REFUSED_IN_A_ROW:
        refused = 0 if told(hammer.call) else refused + 1


if __name__ == "__main__":
    main()
