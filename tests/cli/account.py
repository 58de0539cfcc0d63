"""An account with each weakness of keys planted in it, and the commands run against it: as an akia, and as an IAM without it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from click.testing import CliRunner, Result
from tests.conftest import policy

from akia.cli.account_keys import connection
from akia.cli.program import program
from akia.store.founding import KeyPair

if TYPE_CHECKING:
    import pytest

DAY = 86_400


@dataclass
class Commands:
    """The program, signing with `key`."""

    akia: Any
    key: KeyPair
    monkeypatch: pytest.MonkeyPatch
    throttled: int = 0
    """Of so many calls of IAM one is refused as too many; 0 for none."""
    _calls: int = 0

    def __call__(self, *words: str, code: int = 0, sent: str | None = None) -> Result:
        """Run it to its end."""
        result = self._run(words, sent)
        assert result.exit_code == code, result.output + repr(result.exception)
        return result

    def freely(self, *words: str) -> str:
        """What it says, however it ends."""
        return self._run(words, None).output

    def _run(self, words: tuple[str, ...], sent: str | None) -> Result:
        def make(service: str, config: Any, pair: Any = None) -> Any:
            made = self.akia.client(service, KeyPair(*pair) if pair else self.key, config=config)
            if service == "iam" and self.throttled:
                made.meta.events.register_first("before-send.iam", self._throttle)
            return made

        self.monkeypatch.setattr(connection, "clients", lambda where: (make, self.key.access_key_id, ""))
        return CliRunner().invoke(program, words, input=sent)

    def _throttle(self, request: Any, **_: Any) -> AWSResponse | None:
        self._calls += 1
        if self._calls % self.throttled:
            return None
        text = b"<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>"
        return AWSResponse(request.url, 400, HTTPHeaders(), Body(text))


class Body(io.BytesIO):
    """What botocore reads an answer from."""

    def stream(self, **_: Any) -> list[bytes]:
        return [self.read()]


def as_plain_iam(akia: Any, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Somebody who may do everything but call the service akia: to the commands this is an IAM like AWS's."""
    steward = akia.person("steward", {"Action": "*"}, {"Effect": "Deny", "Action": "akia:*"})
    return Commands(akia, steward.key, monkeypatch)


def older(akia: Any, key: str, days: int) -> None:
    """Make a key `days` older, and its last use too."""
    store = akia.akia.store
    akia.akia.authority.drain()
    store.connection.execute(f"UPDATE access_keys SET created = created - {days * DAY} WHERE id = '{key}'")


def used(akia: Any, key: KeyPair, days_ago: int) -> None:
    """Use a key, and make that so long ago."""
    akia.client("sts", key).get_caller_identity()
    akia.akia.authority.drain()
    akia.akia.store.connection.execute(f"UPDATE key_uses SET at = at - {days_ago * DAY * 1000} WHERE access_key_id = '{key.access_key_id}'")


ANYWHERE = policy({"Action": "s3:*"})
ONLY_HERE = policy({"Action": "s3:*", "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}})
EVERYTHING = policy({"Action": "*"})


def plant(akia: Any) -> dict[str, KeyPair]:
    """Users by name, each with one weakness; their first keys."""
    iam = akia.client("iam")
    people = {}
    for name in ("old", "ageing", "idle", "dozing", "never", "twice", "retired", "login", "boss", "chief", "fenced"):
        person = akia.person(name)
        people[name] = person.key
        used(akia, person.key, 0)
    older(akia, people["old"].access_key_id, 100)
    older(akia, people["ageing"].access_key_id, 80)
    for name, days in (("idle", 95), ("dozing", 50)):
        used(akia, people[name], days)
    akia.akia.store.connection.execute(f"DELETE FROM key_uses WHERE access_key_id = '{people['never'].access_key_id}'")
    older(akia, people["never"].access_key_id, 20)
    used(akia, people["twice"], 3)
    second = iam.create_access_key(UserName="twice")["AccessKey"]
    used(akia, KeyPair(second["AccessKeyId"], second["SecretAccessKey"]), 0)
    iam.update_access_key(UserName="retired", AccessKeyId=people["retired"].access_key_id, Status="Inactive")
    iam.create_login_profile(UserName="login", Password="Correct-horse-7")
    iam.put_user_policy(UserName="boss", PolicyName="own", PolicyDocument=EVERYTHING)
    iam.create_group(GroupName="chiefs")
    iam.attach_group_policy(GroupName="chiefs", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.add_user_to_group(GroupName="chiefs", UserName="chief")
    iam.put_user_policy(UserName="fenced", PolicyName="own", PolicyDocument=ONLY_HERE)
    iam.tag_user(UserName="fenced", Tags=[{"Key": people["fenced"].access_key_id, "Value": "nightly export"}])
    return people
