"""A partner for tests: another account that asks for access to this one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from akia.store.founding import KeyPair, add_root_key, found_account

if TYPE_CHECKING:
    from tests.conftest import World

PARTNER = "444455556666"
TOPIC = f"arn:aws:sns:us-east-1:{PARTNER}:delegations"
TEMPLATE = {"Effect": "Allow", "Action": ["iam:ListUsers", "iam:GetUser"], "Resource": "*"}


@dataclass
class Partner:
    """The account, with a key of its root user, and what it does."""

    akia: World
    account: str = PARTNER
    root: KeyPair = field(init=False)
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        store = self.akia.akia.store
        store.connection.begin_immediate()
        found_account(store, self.account, 0)
        self.root = add_root_key(store, self.account, 0)
        store.connection.commit()

    @property
    def name(self) -> str:
        found = self.akia.akia.store.accounts.get(self.account)
        assert found is not None
        return found.name

    def client(self, service: str = "iam") -> Any:
        return self.akia.client(service, self.root)

    def template(self, *statements: dict[str, Any]) -> str:
        """The ARN of a new template."""
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        made = self.client().create_policy(PolicyName=f"template-{next(self._numbers)}", PolicyDocument=document)
        arn: str = made["Policy"]["Arn"]
        return arn

    def request(self, template: str | None = None, parameters: Any = (), **options: Any) -> str:
        """The id of a new request."""
        permissions = {"PolicyTemplateArn": template or self.template(TEMPLATE), "Parameters": list(parameters)}
        given = {"SessionDuration": 3_600, "RequestorWorkflowId": f"workflow-{next(self._numbers)}", "Description": "Sets things up."}
        made = self.client().create_delegation_request(Permissions=permissions, NotificationChannel=TOPIC, **given | options)
        request_id: str = made["DelegationRequestId"]
        return request_id

    def told(self, request_id: str) -> Any:
        """What the partner is told of its request."""
        return self.client("akia").get_delegation_token(DelegationRequestId=request_id)

    def trade(self, token: str) -> Any:
        return self.client("sts").get_delegated_access_token(TradeInToken=token)

    def access(self, approver: Any, request_id: str) -> Any:
        """The answer with the credentials, after `approver` (a client of IAM) has associated, accepted and sent."""
        for step in (approver.associate_delegation_request, approver.accept_delegation_request, approver.send_delegation_token):
            step(DelegationRequestId=request_id)
        return self.trade(self.told(request_id)["TradeInToken"])


def signed(akia: World, answer: Any, service: str) -> Any:
    """A client that signs with the delegated credentials in `answer`."""
    made = answer["Credentials"]
    return akia.client(service, KeyPair(made["AccessKeyId"], made["SecretAccessKey"]), token=made["SessionToken"])


def age(akia: World, request_id: str, seconds: int) -> None:
    """Everything about the request happened so much longer ago."""
    store = akia.akia.store
    store.connection.begin_immediate()
    store.connection.execute(
        "UPDATE delegation_requests SET created = created - :s, since = since - :s, updated = updated - :s, sent = max(sent - :s, 0)"
        " WHERE id = :id",
        s=seconds,
        id=request_id,
    )
    store.connection.commit()
