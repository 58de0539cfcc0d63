"""The simulator: what enforcement would decide, asked of the same engine through the same authority (NT-96)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from akia.aws.arn import Arn
from akia.aws.errors import InvalidInput
from akia.operation import Required, ResourcePolicy
from akia.policy import Decision, Kind, Outcome
from akia.services.iam.context_keys import keys_of
from akia.services.iam.policy_sources import Source
from akia.services.iam.trust_policies import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from akia.authority.standing import Standing
    from akia.identity.role import Role
    from akia.operation import Context
    from akia.policy import Value

ALWAYS_ALLOWED = frozenset({"sts:getcalleridentity", "sts:getsessiontoken"})
"""What enforcement asks no policy about (P1.7-11); a test compares with the operations themselves."""
TRUST_ACTIONS = frozenset({"sts:assumerole", "sts:tagsession", "sts:setsourceidentity"})
"""What a role's trust policy must allow (P1.3-6)."""
_RESOURCE_ACCOUNT = "aws:resourceaccount"
_TRUSTS_NOBODY = '{"Version":"2012-10-17","Statement":[]}'


@dataclass(frozen=True)
class Simulator:
    """A caller with its policies and context. `sources` are the identity- and resource-based documents by their names in decisions.

    `owner` is the account of resources that do not tell theirs. `resource_policy` is the text given, principals by unique id;
    without one, `knows_roles` says that the trust policies of the roles themselves count.
    """

    ctx: Context
    standing: Standing
    known: Mapping[str, Value]
    sources: Mapping[str, Source]
    owner: str
    resource_policy: str | None = None
    knows_roles: bool = False

    @cached_property
    def missing(self) -> list[str]:
        """The context keys that the documents speak of and nobody has given a value for."""
        return [
            key for key in keys_of(source.text for source in self.sources.values()) if key.lower() not in {_RESOURCE_ACCOUNT, *self.known}
        ]

    def source(self, name: str) -> Source:
        """The document that decisions call `name`: one of `sources`, or the trust policy of the role of this ARN."""
        found = self.sources.get(name)
        if found is not None:
            return found
        role = self._role(name)
        return Source(name, "resource", shown(self.ctx, role.trust) if role is not None else _TRUSTS_NOBODY)

    def decide(self, action: str, resource: str) -> Decision:
        """What would be decided on `action` and `resource`. Raises InvalidInput for what is neither `*` nor an ARN."""
        if resource != "*" and not _is_arn(resource):
            raise InvalidInput(f"Invalid resource ARN: {resource}")
        if action.lower() in ALWAYS_ALLOWED:
            return Decision(Outcome.ALLOW, "P1.7-11", None, (), ())
        layer = self._resource_layer(action.lower(), resource)
        owner = layer.account if layer is not None else self.standing.principal.account or self.owner
        seen = {_RESOURCE_ACCOUNT: owner, **self.known}
        return self.ctx.authority.simulate(self.standing, Required(action, resource), seen, owner, layer)

    def _resource_layer(self, action: str, resource: str) -> ResourcePolicy | None:
        """The resource's own policy: the one given, or that of the role which is to be assumed."""
        if self.resource_policy is not None:
            kind = Kind.TRUST if action in TRUST_ACTIONS else Kind.RESOURCE
            return ResourcePolicy(self.resource_policy, kind, _owner(resource) or self.owner, mandatory=kind is Kind.TRUST)
        if not self.knows_roles or action not in TRUST_ACTIONS or resource == "*":
            return None
        role = self._role(resource)
        if role is None:
            return ResourcePolicy(_TRUSTS_NOBODY, Kind.TRUST, self.owner, mandatory=True)
        return ResourcePolicy(role.trust, Kind.TRUST, role.account, mandatory=True)

    def _role(self, arn: str) -> Role | None:
        role = self.ctx.store.roles.named(_owner(arn), arn.rpartition("/")[2])
        return role if role is not None and str(role.arn) == arn else None


def _is_arn(text: str) -> bool:
    return text.startswith("arn:") and text.count(":") >= 5


def _owner(resource: str) -> str:
    """The account in an ARN, or "" if it has none."""
    return Arn.parse(resource).account if resource != "*" else ""
