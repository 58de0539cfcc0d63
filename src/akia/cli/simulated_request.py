"""Might somebody do this? Asked of IAM's simulator, for which nothing has to happen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from akia.cli.explanation import ALLOW, BOUNDARY, EXPLICIT_DENY, IMPLICIT_DENY, PRINCIPAL, RESOURCE, SCP, Explanation, Layer, Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_EFFECTS = {"allowed": ALLOW, "explicitDeny": EXPLICIT_DENY, "implicitDeny": IMPLICIT_DENY}
_EVERYTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def explain_simulation(iam: Any, principal: str, action: str, resource: str, entries: Sequence[Mapping[str, Any]]) -> Explanation:
    """The decision on an imagined request. `entries` are `ContextEntries`; `iam` is a boto3 client, raises what it raises."""
    return _Simulation(iam, principal, action, resource, entries).explained()


class _Simulation:
    def __init__(self, iam: Any, principal: str, action: str, resource: str, entries: Sequence[Mapping[str, Any]]) -> None:
        self._iam, self._principal, self._action, self._resource = iam, principal, action, resource
        self._asked: dict[str, Any] = {"ActionNames": [action], "ResourceArns": [resource], "ContextEntries": entries}
        self._policies = _Policies(iam)

    def explained(self) -> Explanation:
        result = self._simulate()
        bounded, organized = _detail(result, "PermissionsBoundary"), _detail(result, "Organizations")
        layers: list[Layer] = []
        if organized is not None:
            layers.append(Layer(SCP, ALLOW if organized else _of_organization(result)))
        layers += self._granting(result if bounded is not False else self._simulate(PermissionsBoundaryPolicyInputList=[_EVERYTHING]))
        if bounded is not None:
            layers.append(self._boundary())
        return Explanation(
            self._principal,
            self._action,
            self._resource,
            _EFFECTS[result["EvalDecision"]],
            layers,
            {entry["ContextKeyName"]: entry["ContextKeyValues"] for entry in self._asked["ContextEntries"]},
            result["MissingContextValues"],
        )

    def _simulate(self, **parameters: Any) -> dict[str, Any]:
        request = {**self._asked, **parameters, "PolicySourceArn": self._principal}
        result: dict[str, Any] = self._iam.simulate_principal_policy(**request)["EvaluationResults"][0]
        return result

    def _granting(self, result: Mapping[str, Any]) -> list[Layer]:
        """What identity policies and the resource's own say. Where an organization is in the way the result does not tell."""
        statements = self._statements(result)
        of_resource = [statement for statement, type_ in statements if type_ == "resource"]
        of_identity = [statement for statement, type_ in statements if type_ != "resource"]
        if _detail(result, "Organizations") is False:
            return [Layer(PRINCIPAL, EXPLICIT_DENY, of_identity)] if of_identity else []
        words = result.get("EvalDecisionDetails") or {"IAM Policy": result["EvalDecision"]}
        layers = [Layer(RESOURCE, _EFFECTS[words["Resource Policy"]], of_resource)] if "Resource Policy" in words else []
        return [*layers, Layer(PRINCIPAL, _EFFECTS[words.get("IAM Policy", "allowed")], of_identity)]

    def _boundary(self) -> Layer:
        """The boundary's own word: its policy, simulated as if it were the only one."""
        arn = self._policies.boundary_of(self._principal)
        text = self._policies.managed(arn)
        result = self._iam.simulate_custom_policy(PolicyInputList=[text], **self._asked)["EvaluationResults"][0]
        statements = [_statement(matched, arn, text) for matched in result["MatchedStatements"]]
        effect = _EFFECTS[result["EvalDecision"]]
        return Layer(BOUNDARY, effect, [Statement(arn, sid, effect == EXPLICIT_DENY, text) for sid, text in statements], arn)

    def _statements(self, result: Mapping[str, Any]) -> list[tuple[Statement, str]]:
        denies = result["EvalDecision"] == "explicitDeny"
        told = []
        for matched in result["MatchedStatements"]:
            name, text = self._policies.source(matched)
            sid, found = _statement(matched, name, text)
            told.append((Statement(name, sid, denies, found), matched["SourcePolicyType"]))
        return told


class _Policies:
    """Policies by what simulations call them, as they were written."""

    def __init__(self, iam: Any) -> None:
        from botocore.handlers import json_decode_policies

        self._iam = iam
        iam.meta.events.unregister("after-call.iam", json_decode_policies)  # positions count in the text itself

    def source(self, matched: Mapping[str, Any]) -> tuple[str, str]:
        """What to call the policy of a matched statement, and its text."""
        source, type_ = matched["SourcePolicyId"], matched["SourcePolicyType"]
        owner, _, name = source.partition("/")
        match type_:
            case "user":
                document = self._iam.get_user_policy(UserName=owner, PolicyName=name)["PolicyDocument"]
            case "group":
                document = self._iam.get_group_policy(GroupName=owner, PolicyName=name)["PolicyDocument"]
            case "role":
                document = self._iam.get_role_policy(RoleName=owner, PolicyName=name)["PolicyDocument"]
            case "resource":
                role = self._iam.get_role(RoleName=source.rpartition("/")[2])["Role"]
                return f"the trust policy of {source}", unquote(role["AssumeRolePolicyDocument"])
            case _:
                return source, self.managed(source)
        return f"the inline policy {name} of the {type_} {owner}", unquote(document)

    def managed(self, arn: str) -> str:
        """The version in force of a managed policy."""
        version = self._iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        return unquote(self._iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])

    def boundary_of(self, principal: str) -> str:
        """The ARN of the boundary of a user or role that has one."""
        name = principal.rpartition("/")[2]
        if principal.rpartition(":")[2].startswith("user/"):
            entity = self._iam.get_user(UserName=name)["User"]
        else:
            entity = self._iam.get_role(RoleName=name)["Role"]
        return str(entity["PermissionsBoundary"]["PermissionsBoundaryArn"])


def _of_organization(result: Mapping[str, Any]) -> str:
    """How an organization that does not allow refuses: its statements are not told, so what nothing else explains is its Deny."""
    hidden = (
        result["EvalDecision"] == "explicitDeny" and not result["MatchedStatements"] and _detail(result, "PermissionsBoundary") is not False
    )
    return EXPLICIT_DENY if hidden else IMPLICIT_DENY


def _detail(result: Mapping[str, Any], about: str) -> bool | None:
    detail = result.get(f"{about}DecisionDetail")
    return detail[f"AllowedBy{about}"] if detail is not None else None


def _statement(matched: Mapping[str, Any], name: str, text: str) -> tuple[str, str | None]:
    """Sid (or where it begins) and text of a matched statement."""
    if "StartPosition" not in matched:
        return name, None
    start, end = matched["StartPosition"], matched["EndPosition"]
    found = json.loads(text[_offset(text, start) : _offset(text, end)])
    return found.get("Sid") or f"in line {start['Line']}", json.dumps(found, indent=2)


def _offset(text: str, position: Mapping[str, int]) -> int:
    lines = text.split("\n")
    return sum(len(line) + 1 for line in lines[: position["Line"] - 1]) + position["Column"] - 1
