"""The commands that mend findings: real ones, for the account that was looked at. Every name in them is quoted for the shell."""

from __future__ import annotations

import ipaddress
import json
import shlex
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from akia.cli.account_keys.inventory import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.cli.account_keys.connection import Connection, Where
    from akia.cli.account_keys.inventory import HeldPolicy, Key

_NETWORK = "\0"
"""Where the reader's network belongs."""


class Remedies:
    """`where` are the options with which the account was reached."""

    def __init__(self, where: Where, *, is_akia: bool) -> None:
        self._akia, self._is_akia = where.words, is_akia
        self._aws = replace(where, data=None).words
        self._as_root = replace(where, data=None, profile="ROOT").words

    @classmethod
    def of(cls, connection: Connection) -> Remedies:
        """Those for an account that answers."""
        return cls(connection.where, is_akia=connection.is_akia)

    def delete(self, key: Key) -> str:
        """Remove a key. The root user's is removed by the root user alone."""
        if key.user == ROOT:
            return self._aws_command("iam", "delete-access-key", "--access-key-id", key.access_key_id or "ID", as_root=True)
        return self._aws_command("iam", "delete-access-key", *_of(key))

    def deactivate(self, key: Key) -> str:
        """Switch a key off; it can be switched on again."""
        if key.user == ROOT:
            words = ("update-access-key", "--access-key-id", key.access_key_id or "ID", "--status", "Inactive")
            return self._aws_command("iam", *words, as_root=True)
        return self._aws_command("iam", "update-access-key", *_of(key), "--status", "Inactive")

    def activate(self, key: Key) -> str:
        """Switch a key on again."""
        return self._aws_command("iam", "update-access-key", *_of(key), "--status", "Active")

    def rotate(self, key: Key) -> str:
        """Replace a key."""
        return f"akia keys rotate{self._akia} {shlex.quote(key.access_key_id)} --to profile:NAME"

    def second_factor(self, user: str) -> str:
        """Give a user a virtual MFA device; `enable-mfa-device` with two codes comes after it."""
        words = ("create-virtual-mfa-device", "--virtual-mfa-device-name", user, "--bootstrap-method", "QRCodePNG", "--outfile", "mfa.png")
        return self._aws_command("iam", *words)

    def take_away(self, user: str, grant: HeldPolicy) -> str:
        """Take away what makes an administrator; of a group, leave it."""
        if grant.group:
            return self._aws_command("iam", "remove-user-from-group", "--user-name", user, "--group-name", grant.group)
        if grant.is_inline:
            return self._aws_command("iam", "delete-user-policy", "--user-name", user, "--policy-name", grant.policy)
        return self._aws_command("iam", "detach-user-policy", "--user-name", user, "--policy-arn", grant.policy)

    def bind(self, key: Key) -> str:
        """Let a key be used from a network only: on an akia by its restrictions, elsewhere by a policy of its user."""
        if self._is_akia:
            restrictions = _plain(key.restrictions or {}) | {"Networks": [_network_of(key)]}
            return self._aws_command(
                "akia", "put-access-key-restrictions", "--access-key-id", key.access_key_id, "--restrictions", _document(restrictions)
            )
        words = ("put-user-policy", "--user-name", key.user, "--policy-name", "only-from-here", "--policy-document", _document(_FENCE))
        return self._aws_command("iam", *words)

    def describe(self, key: Key) -> str:
        """Say what a key is for: on an akia on the key, elsewhere in a tag of its user as AWS's console does."""
        if self._is_akia:
            words = ("update-access-key-attributes", "--access-key-id", key.access_key_id, "--attributes", "Description=WHAT_FOR")
            return self._aws_command("akia", *words)
        return self._aws_command("iam", "tag-user", "--user-name", key.user, "--tags", f"Key={key.access_key_id},Value=WHAT_FOR")

    def _aws_command(self, *words: str, as_root: bool = False) -> str:
        return f"aws {shlex.join(words)}{self._as_root if as_root else self._aws}"


_FENCE: Mapping[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "OnlyFromHere",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"NotIpAddress": {"aws:SourceIp": _NETWORK}, "Bool": {"aws:ViaAWSService": "false"}},
        }
    ],
}


def _document(value: Any) -> str:
    """JSON. A network for the reader to replace makes it none, so that whoever does not gets an error and locks nobody out: whether IAM
    would refuse what is no network is not known."""
    return json.dumps(value).replace(json.dumps(_NETWORK), "NETWORK_IN_QUOTES")


def _of(key: Key) -> tuple[str, ...]:
    return "--user-name", key.user, "--access-key-id", key.access_key_id


def _network_of(key: Key) -> str:
    """Where the key was last used from, if that is an address."""
    try:
        return str(ipaddress.ip_network(key.used.address)) if key.used is not None else _NETWORK
    except ValueError:
        return _NETWORK


def _plain(restrictions: Mapping[str, Any]) -> dict[str, Any]:
    """Restrictions as JSON takes them: what is put replaces all that there is."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in restrictions.items()}
