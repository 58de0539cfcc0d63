"""The policy engine: documents in, decisions out. It opens nothing and has no clock; `docs/policy-evaluation.md` is its specification.

document = policy.parse(text, Kind.IDENTITY_INLINE)                         to save: raises MalformedPolicyDocument
compiled = policy.compile(text, Kind.IDENTITY_INLINE, policy=name)          to evaluate: never raises, fails closed
decision = policy.decide(Request(...), Policies(identity=PolicySet([compiled])))
"""

from akia.policy import principal
from akia.policy.compiled import Compiled, PolicySet, compile  # noqa: A004 - read as `policy.compile`
from akia.policy.context_keys import context_keys
from akia.policy.decide import decide
from akia.policy.decision import Decision, Finding, Outcome, StatementRef, all_of
from akia.policy.denial import denial_message
from akia.policy.grammar import Document, StatementText
from akia.policy.kind import Kind, PolicyType
from akia.policy.policies import Policies
from akia.policy.principal import Grant, Principal, PrincipalKind
from akia.policy.principal_syntax import principals_to_arns, principals_to_ids
from akia.policy.request import Request
from akia.policy.validate import counted_size, parse
from akia.policy.values import Conflicting, Context, Value

__all__ = [
    "Compiled",
    "Conflicting",
    "Context",
    "Decision",
    "Document",
    "Finding",
    "Grant",
    "Kind",
    "Outcome",
    "Policies",
    "PolicySet",
    "PolicyType",
    "Principal",
    "PrincipalKind",
    "Request",
    "StatementRef",
    "StatementText",
    "Value",
    "all_of",
    "compile",
    "context_keys",
    "counted_size",
    "decide",
    "denial_message",
    "parse",
    "principal",
    "principals_to_arns",
    "principals_to_ids",
]
