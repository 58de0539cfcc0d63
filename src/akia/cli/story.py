"""The story that `akia tour` tells: the life of an access key in five chapters."""

from __future__ import annotations

import json
from typing import Any

from akia.cli.narrator import Narrator, Person
from akia.ephemeral_server import EphemeralServer, Key


def _document(effect: str, action: str, **members: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action} | members]})


class Story:
    """The chapters, in their order."""

    def __init__(self, narrator: Narrator, akia: EphemeralServer) -> None:
        self._narrator = narrator
        self._call = narrator.call
        self._akia = akia
        self._admin = Person("administrator", lambda service: akia.client(service, akia.admin))
        self._alice_arn = f"arn:aws:iam::{akia.account_id}:user/alice"

    def tell(self) -> None:
        """All of it. Raises NotAsTold."""
        first, first_id = self._a_user_and_a_key()
        self._allowed_by_policy(first, first_id)
        second, second_id = self._rotation(first, first_id)
        self._a_role(second)
        self._the_end(second, second_id)

    def _a_user_and_a_key(self) -> tuple[Person, str]:
        self._narrator.chapter("A user and a key. The secret is shown once, to who made it.")
        self._call(self._admin, "iam", "create_user", shows="User.Arn", UserName="alice")
        made = self._call(self._admin, "iam", "create_access_key", shows="AccessKey.AccessKeyId", UserName="alice")["AccessKey"]
        alice = self._person("alice", made["AccessKeyId"], made["SecretAccessKey"])
        self._call(alice, "sts", "get_caller_identity", shows="Arn")
        thief = self._person("a thief", made["AccessKeyId"], "x" * 40)
        self._call(thief, "sts", "get_caller_identity", refused="SignatureDoesNotMatch")
        return alice, made["AccessKeyId"]

    def _allowed_by_policy(self, alice: Person, key_id: str) -> None:
        self._narrator.chapter("What a key may do, policies say. They count from the very next call.")
        self._call(alice, "iam", "list_users", refused="AccessDenied")
        allow = _document("Allow", "iam:ListUsers", Resource="*")
        self._call(self._admin, "iam", "put_user_policy", UserName="alice", PolicyName="look", PolicyDocument=allow)
        self._call(alice, "iam", "list_users", shows="Users.UserName")
        self._call(alice, "iam", "create_user", refused="AccessDenied", UserName="mallory")
        self._call(self._admin, "iam", "get_access_key_last_used", shows="AccessKeyLastUsed.ServiceName", AccessKeyId=key_id)

    def _rotation(self, alice: Person, old: str) -> tuple[Person, str]:
        self._narrator.chapter("Rotation: two keys at most, and no call fails in between.")
        made = self._call(self._admin, "iam", "create_access_key", shows="AccessKey.AccessKeyId", UserName="alice")["AccessKey"]
        self._call(self._admin, "iam", "create_access_key", refused="LimitExceeded", UserName="alice")
        again = self._person("alice", made["AccessKeyId"], made["SecretAccessKey"])
        self._call(again, "iam", "list_users", shows="Users.UserName")
        self._call(self._admin, "iam", "update_access_key", UserName="alice", AccessKeyId=old, Status="Inactive")
        self._call(alice, "iam", "list_users", refused="InvalidClientTokenId")
        self._call(self._admin, "iam", "delete_access_key", UserName="alice", AccessKeyId=old)
        self._call(self._admin, "iam", "list_access_keys", shows="AccessKeyMetadata.AccessKeyId", UserName="alice")
        return again, made["AccessKeyId"]

    def _a_role(self, alice: Person) -> None:
        self._narrator.chapter("A role: permissions for a while, for whom its trust policy names. Everything above is on record.")
        trust = _document("Allow", "sts:AssumeRole", Principal={"AWS": self._alice_arn})
        role = self._call(self._admin, "iam", "create_role", shows="Role.Arn", RoleName="auditor", AssumeRolePolicyDocument=trust)["Role"][
            "Arn"
        ]
        audit = _document("Allow", "cloudtrail:LookupEvents", Resource="*")
        self._call(self._admin, "iam", "put_role_policy", RoleName="auditor", PolicyName="audit", PolicyDocument=audit)
        self._call(self._admin, "sts", "assume_role", refused="AccessDenied", RoleArn=role, RoleSessionName="me")
        made = self._call(alice, "sts", "assume_role", shows="AssumedRoleUser.Arn", RoleArn=role, RoleSessionName="alice")["Credentials"]
        auditor = self._person("auditor", made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
        by_name = [{"AttributeKey": "Username", "AttributeValue": "alice"}]
        self._call(auditor, "cloudtrail", "lookup_events", shows="Events.EventName", LookupAttributes=by_name)
        self._call(auditor, "iam", "list_users", refused="AccessDenied")

    def _the_end(self, alice: Person, key_id: str) -> None:
        self._narrator.chapter("The end: a Deny beats every Allow, and a deleted key is nobody's.")
        deny = _document("Deny", "iam:*", Resource="*")
        self._call(self._admin, "iam", "put_user_policy", UserName="alice", PolicyName="stop", PolicyDocument=deny)
        self._call(alice, "iam", "list_users", refused="AccessDenied")
        self._call(self._admin, "iam", "delete_user", refused="DeleteConflict", UserName="alice")
        self._call(self._admin, "iam", "delete_access_key", UserName="alice", AccessKeyId=key_id)
        self._call(alice, "sts", "get_caller_identity", refused="InvalidClientTokenId")

    def _person(self, name: str, key_id: str, secret: str, token: str | None = None) -> Person:
        return Person(name, lambda service: self._akia.client(service, Key(key_id, secret), token=token))
