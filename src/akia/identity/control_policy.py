"""Control policies: what an organization lets its accounts' principals do (SCPs) and lets be done to their resources (RCPs)."""

from __future__ import annotations

from dataclasses import dataclass

from akia.aws.arn import Arn

SCP = "SERVICE_CONTROL_POLICY"
RCP = "RESOURCE_CONTROL_POLICY"
TYPES = (SCP, RCP)


@dataclass(frozen=True, slots=True)
class ControlPolicy:
    """A policy of an organization, or of AWS (`organization` and `account` are then empty). Times are in epoch seconds."""

    id: str
    organization: str
    account: str
    type: str
    name: str
    description: str
    content: str

    @property
    def is_aws(self) -> bool:
        return not self.organization

    @property
    def arn(self) -> Arn:
        kind = self.type.lower()
        if self.is_aws:
            return Arn("organizations", "", "aws", f"policy/{kind}/{self.id}")
        return Arn("organizations", "", self.account, f"policy/{self.organization}/{kind}/{self.id}")


FULL_ACCESS = {
    SCP: ControlPolicy(
        "p-FullAWSAccess",
        "",
        "",
        SCP,
        "FullAWSAccess",
        "Allows access to every operation",
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
    ),
    RCP: ControlPolicy(
        "p-RCPFullAWSAccess",
        "",
        "",
        RCP,
        "RCPFullAWSAccess",
        "Allows access to every resource",
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}',
    ),
}
"""AWS's own, one a type: what stands everywhere from the moment that a type is enabled (P1.6-1, P1.3-2)."""

AWS_POLICIES = {policy.id: policy for policy in FULL_ACCESS.values()}
