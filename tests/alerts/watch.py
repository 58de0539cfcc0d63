"""Rules that watch an akia in process, and what an ordinary day looks like."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from akia.alerts import Thresholds
from akia.alerts_out import AlertSettings
from akia.jobs.evaluate_rules import EvaluateRules
from akia.store.founding import KeyPair

if TYPE_CHECKING:
    from akia.identity.alert import Alert

NO_LEARNING = Thresholds(learning_seconds=0)
OFFICE, ATTACKER = "203.0.113.10", "198.51.100.66"


class Watch:
    """The rules over one akia. By default nothing is learnt but what comes first."""

    def __init__(self, akia: Any, settings: AlertSettings | None = None) -> None:
        self.akia = akia
        self.job = EvaluateRules(akia.akia.authority, settings or AlertSettings(thresholds=NO_LEARNING))

    def alerts(self) -> list[Alert]:
        """All alerts, the oldest first, when every event so far has been looked at."""
        self.job.catch_up(self.akia.akia.writer)
        found: list[Alert] = self.akia.akia.store.alerts.newest(self.akia.account, "", "~", 1000)
        return found[::-1]

    def rules(self) -> list[str]:
        """The names of the rules that have fired."""
        return [alert.rule for alert in self.alerts()]


def pair(key: dict[str, str]) -> KeyPair:
    return KeyPair(key["AccessKeyId"], key["SecretAccessKey"])


def person(akia: Any, name: str, *statements: dict[str, Any], tags: dict[str, str] | None = None) -> tuple[KeyPair, Any]:
    """A user whom the administrator has made, not the root user: its key, and what makes clients that sign with it."""
    iam = akia.client("iam", akia.admin)
    iam.create_user(UserName=name, Tags=[{"Key": key, "Value": value} for key, value in (tags or {}).items()])
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(*statements))
    key = pair(iam.create_access_key(UserName=name)["AccessKey"])
    return key, lambda service, **options: akia.client(service, key, **options)


def document(*statements: dict[str, Any]) -> str:
    filled = [{"Effect": "Allow", "Resource": "*"} | statement for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": filled})


def trust(principal: Any) -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def ordinary_day(akia: Any, refused: Any, day: str = "0") -> None:
    """What people do all day: a key is made, used, denied once, rotated, switched off and deleted; a role is assumed; a
    policy is made, tightened and attached. The life of tests/test_life_of_a_key.py without its attacks."""
    akia.source_ip = OFFICE
    iam = akia.client("iam", akia.admin)
    first, client = person(akia, f"alice{day}", {"Action": ["iam:ListUsers", "iam:GetUser", "sts:AssumeRole"]})
    client("iam").list_users()
    assert refused(client("iam").list_roles)[0] == "AccessDenied"
    second = pair(iam.create_access_key(UserName=f"alice{day}")["AccessKey"])
    akia.client("iam", second).list_users()
    iam.update_access_key(UserName=f"alice{day}", AccessKeyId=first.access_key_id, Status="Inactive")
    iam.delete_access_key(UserName=f"alice{day}", AccessKeyId=first.access_key_id)
    role = iam.create_role(RoleName=f"reader{day}", AssumeRolePolicyDocument=trust({"AWS": akia.account}))["Role"]
    iam.put_role_policy(RoleName=f"reader{day}", PolicyName="p", PolicyDocument=document({"Action": "iam:GetRole"}))
    for night in "ab":
        session = akia.client("sts", second).assume_role(RoleArn=role["Arn"], RoleSessionName=f"night{night}")["Credentials"]
        akia.client("iam", pair(session), token=session["SessionToken"]).get_role(RoleName=f"reader{day}")
    made = iam.create_policy(PolicyName=f"lists{day}", PolicyDocument=document({"Action": "iam:List*"}))["Policy"]
    iam.create_policy_version(PolicyArn=made["Arn"], PolicyDocument=document({"Action": "iam:ListUsers"}), SetAsDefault=True)
    iam.attach_user_policy(UserName=f"alice{day}", PolicyArn=made["Arn"])
    iam.attach_user_policy(UserName=f"alice{day}", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.detach_user_policy(UserName=f"alice{day}", PolicyArn=made["Arn"])
    akia.client("cloudtrail", akia.admin).lookup_events(MaxResults=1)
