"""Condition keys: what type of value they hold, whether they hold one value or many, and the keys that every service shares (P4.3)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_MANY = "ArrayOf"


class ValueType(StrEnum):
    """What the values of a key are; it decides which operators suit it."""

    STRING = "String"
    ARN = "ARN"
    BOOL = "Bool"
    DATE = "Date"
    IP_ADDRESS = "IPAddress"
    NUMERIC = "Numeric"


@dataclass(frozen=True, slots=True)
class ConditionKey:
    """A key as AWS spells it; `name` may end in a variable part (`aws:RequestTag/${TagKey}`)."""

    name: str
    type: ValueType
    multivalued: bool

    @classmethod
    def documented(cls, name: str, type_name: str) -> ConditionKey:
        """The key `name` whose documented type is `type_name`: `String`, or `ArrayOfString` if it holds many values (P4.3-24)."""
        return cls(name, ValueType(type_name.removeprefix(_MANY)), type_name.startswith(_MANY))


class ConditionKeys:
    """Keys to look up by the name that stands in a policy."""

    def __init__(self, types: Mapping[str, str]) -> None:
        """`types`: documented name -> documented type."""
        keys = [ConditionKey.documented(name, type_name) for name, type_name in types.items()]
        self._plain = {key.name.lower(): key for key in keys}
        self._families = [(key.name.partition("${")[0].lower(), key) for key in keys if "${" in key.name]

    def find(self, name: str) -> ConditionKey | None:
        """The key that `name` spells, in any case (C3.1-1), or None. A key with a variable part matches every non-empty text there."""
        folded = name.lower()
        if folded in self._plain:
            return self._plain[folded]
        return next((key for prefix, key in self._families if len(folded) > len(prefix) and folded.startswith(prefix)), None)


GLOBAL = ConditionKeys(
    {
        # the principal (P4.2, P4.3-7 to 12)
        "aws:PrincipalAccount": "String",
        "aws:PrincipalArn": "ARN",
        "aws:PrincipalIsAWSService": "Bool",
        "aws:PrincipalOrgID": "String",
        "aws:PrincipalOrgPaths": "ArrayOfString",
        "aws:PrincipalServiceName": "String",
        "aws:PrincipalServiceNamesList": "ArrayOfString",
        "aws:PrincipalTag/${TagKey}": "String",
        "aws:PrincipalType": "String",
        "aws:userid": "String",
        "aws:username": "String",
        # the session (P4.3-13 to 17, 23); services put some keys of theirs into the sessions that they make
        "aws:AssumedRoot": "Bool",
        "aws:ChatbotSourceArn": "ARN",
        "aws:Ec2InstanceSourcePrivateIPv4": "IPAddress",
        "aws:Ec2InstanceSourceVpc": "String",
        "aws:FederatedProvider": "String",
        "aws:MultiFactorAuthAge": "Numeric",
        "aws:MultiFactorAuthPresent": "Bool",
        "aws:SourceIdentity": "String",
        "aws:TokenIssueTime": "Date",
        "ec2:RoleDelivery": "Numeric",
        "ec2:SourceInstanceArn": "ARN",
        "glue:CredentialIssuingService": "String",
        "glue:RoleAssumedBy": "String",
        "identitystore:UserId": "String",
        "lambda:SourceFunctionArn": "ARN",
        "ssm:SourceInstanceArn": "ARN",
        # the network (P4.3-5, 6)
        "aws:SourceIp": "IPAddress",
        "aws:SourceVpc": "String",
        "aws:SourceVpcArn": "ARN",
        "aws:SourceVpce": "String",
        "aws:VpcSourceIp": "IPAddress",
        "aws:VpceAccount": "String",
        "aws:VpceOrgID": "String",
        "aws:VpceOrgPaths": "ArrayOfString",
        # the resource (P4.3-19)
        "aws:ResourceAccount": "String",
        "aws:ResourceOrgID": "String",
        "aws:ResourceOrgPaths": "ArrayOfString",
        "aws:ResourceTag/${TagKey}": "String",
        # the request (P4.3-1 to 4, 18, 20 to 22)
        "aws:CalledVia": "ArrayOfString",
        "aws:CalledViaFirst": "String",
        "aws:CalledViaLast": "String",
        "aws:CurrentTime": "Date",
        "aws:EpochTime": "Date",
        "aws:RequestTag/${TagKey}": "String",
        "aws:RequestedRegion": "String",
        "aws:SecureTransport": "Bool",
        "aws:SourceAccount": "String",
        "aws:SourceArn": "ARN",
        "aws:SourceOrgID": "String",
        "aws:SourceOrgPaths": "ArrayOfString",
        "aws:SourceOwner": "String",
        "aws:TagKeys": "ArrayOfString",
        "aws:UserAgent": "String",
        "aws:ViaAWSService": "Bool",
        "aws:referer": "String",
        # requests through AWS's managed MCP servers
        "aws:CalledViaAWSMCP": "String",
        "aws:IsMcpServiceAction": "Bool",
        "aws:ViaAWSMCPService": "Bool",
    }
)
