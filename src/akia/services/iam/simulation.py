"""What would be decided? SimulatePrincipalPolicy, SimulateCustomPolicy (AC12)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from akia import policy
from akia.authority.organization_in_force import NO_ORGANIZATION
from akia.authority.request_context import keys_of_principal
from akia.aws.arn import Arn
from akia.aws.errors import InvalidInput
from akia.identity.group import Group
from akia.identity.principal import Root
from akia.operation import Access, everything
from akia.policy import Kind, Policies, PolicySet
from akia.services.iam import pages
from akia.services.iam._iam import iam
from akia.services.iam.context_keys import checked, policy_source_arn
from akia.services.iam.ec2_scenarios import require_resources
from akia.services.iam.policy_exclusions import BOUNDARY, SCP, exclusions_of
from akia.services.iam.policy_sources import Entity, Find, Source, entity_named, given, principal_of, sources_of
from akia.services.iam.simulated_context import context_of
from akia.services.iam.simulation_results import result_of
from akia.services.iam.simulator import TRUST_ACTIONS, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from akia.authority.standing import Standing
    from akia.operation import Context
    from akia.services.iam.policy_exclusions import Exclusions
    from akia.wire.shapes import iam as shapes

    Request = shapes.SimulatePrincipalPolicyRequest | shapes.SimulateCustomPolicyRequest

MOST_DECISIONS = 1_000
"""On one page, so that no simulation keeps others waiting."""
_RESOURCE_POLICY = "ResourcePolicy"


@iam.operation("SimulatePrincipalPolicy", access=Access.READ, resource=policy_source_arn)
def simulate_principal_policy(ctx: Context, request: shapes.SimulatePrincipalPolicyRequest) -> shapes.SimulatePolicyResponse:
    """What a user, group or role may do: its own policies, boundary and organization, and what the request adds to them.

    Keys that follow from the principal need not be given; the trust policy of a role that is to be assumed counts (NT-96).
    Raises InvalidInput, NoSuchEntity.
    """
    entity = entity_named(ctx, request["PolicySourceArn"])
    additions = given("PolicyInputList", checked(request.get("PolicyInputList", [])))
    sources, exclusions = sources_of(ctx, entity), exclusions_of(request.get("PolicyExclusionList", []))
    standing = _without(exclusions, _standing_of(ctx, entity), sources)
    known = {} if isinstance(entity, Group) else keys_of_principal(principal_of(entity, ctx.now), standing.organization.place)
    standing = replace(standing, policies=_with_inputs(standing.policies, additions, _boundary(request)))
    left = {name: source for name, source in sources.items() if not exclusions.leaves_out(source)}
    return _simulate(ctx, request, standing, known, {**left, **additions}, knows_roles=True)


@iam.operation("SimulateCustomPolicy", access=Access.READ, resource=everything)
def simulate_custom_policy(ctx: Context, request: shapes.SimulateCustomPolicyRequest) -> shapes.SimulatePolicyResponse:
    """What the given policies would allow to somebody who has no others, within the service control policies given. Raises InvalidInput."""
    inputs = given("PolicyInputList", checked(request["PolicyInputList"]))
    somebody = policy.principal.user(f"arn:aws:iam::{ctx.account}:user/simulated", "AIDASIMULATED0000000", ctx.account)
    nobody = ctx.authority.standing(Root(ctx.account), ctx.store)
    policies = _with_inputs(Policies(scps=_organization(request)), inputs, _boundary(request))
    standing = replace(nobody, principal=somebody, policies=policies, organization=NO_ORGANIZATION)
    return _simulate(ctx, request, standing, {}, inputs)


def _simulate(
    ctx: Context,
    request: Request,
    standing: Standing,
    known: Mapping[str, policy.Value],
    sources: Mapping[str, Source],
    *,
    knows_roles: bool = False,
) -> shapes.SimulatePolicyResponse:
    resources = request.get("ResourceArns") or ["*"]
    require_resources(request.get("ResourceHandlingOption"), resources)
    standing = _as_caller(ctx, standing, request.get("CallerArn"))
    text = _resource_policy(ctx, request, standing)
    simulator = Simulator(
        ctx,
        standing,
        {**known, **context_of(request.get("ContextEntries", []))},
        {
            **sources,
            **({resource: Source(_RESOURCE_POLICY, "resource", request["ResourcePolicy"]) for resource in resources} if text else {}),
        },
        _account(request.get("ResourceOwner")) or standing.principal.account or ctx.account,
        text,
        knows_roles,
    )
    actions, end = _page(request, len(resources)).slice(_actions(request["ActionNames"]))
    return {"EvaluationResults": [result_of(simulator, action, resources) for action in actions], **end}


def _page(request: Request, resources: int) -> pages.Window:
    if resources > MOST_DECISIONS:
        raise InvalidInput(f"At most {MOST_DECISIONS} resources can be simulated at once.")
    window = pages.window(request, "EvaluationResults")
    return replace(window, limit=max(1, min(window.limit, MOST_DECISIONS // resources)))


def _actions(names: Iterable[str]) -> Sequence[str]:
    """`names`, each of one action. Raises InvalidInput."""
    found = list(names)
    for name in found:
        prefix, colon, action = name.partition(":")
        if not (prefix and colon and action) or not set(name).isdisjoint("*? ,") or ":" in action:
            raise InvalidInput(f"Invalid action name: {name}")
    return found


def _standing_of(ctx: Context, entity: Entity) -> Standing:
    """What is in force for whoever acts as `entity`. A group is no principal: somebody who has only its policies stands for it."""
    if not isinstance(entity, Group):
        return ctx.authority.standing(principal_of(entity, ctx.now), ctx.store)
    member = policy.principal.user(str(entity.arn), entity.id, entity.account)
    nobody = ctx.authority.standing(Root(entity.account), ctx.store)
    identity = PolicySet(policy.compile(source.text, Kind.IDENTITY_INLINE, policy=name) for name, source in sources_of(ctx, entity).items())
    return replace(nobody, principal=member, policies=nobody.policies._replace(identity=identity))


def _without(exclusions: Exclusions, standing: Standing, sources: Mapping[str, Source]) -> Standing:
    """`standing` as if what is left out were not there; `sources` are the identity-based policies by their names in decisions."""
    policies = standing.policies
    gone = {name for name, source in sources.items() if exclusions.leaves_out(source)}
    if gone:
        policies = policies._replace(identity=PolicySet(each for each in policies.identity.documents if each.policy not in gone))
    if BOUNDARY in exclusions.types:
        policies = policies._replace(boundary=None)
    if SCP in exclusions.types:
        policies = policies._replace(scps=())
    return replace(standing, policies=policies)


def _with_inputs(policies: Policies, additions: Mapping[str, Source], boundary: Mapping[str, Source]) -> Policies:
    """`policies` with more identity-based ones, and with `boundary`, if there is one, in place of their own."""
    more = [policy.compile(source.text, Kind.IDENTITY_INLINE, policy=name) for name, source in additions.items()]
    policies = policies._replace(identity=PolicySet((*policies.identity.documents, *more)))
    if not boundary:
        return policies
    return policies._replace(
        boundary=PolicySet(policy.compile(source.text, Kind.BOUNDARY, policy=name) for name, source in boundary.items())
    )


def _boundary(request: Request) -> Mapping[str, Source]:
    texts = checked(request.get("PermissionsBoundaryPolicyInputList", []))
    if len(texts) > 1:
        raise InvalidInput("Only one permissions boundary can be simulated.")
    return given("PermissionsBoundaryPolicyInputList", texts)


def _organization(request: shapes.SimulateCustomPolicyRequest) -> tuple[PolicySet, ...]:
    """A set of service control policies a level, from the root down to the account. A level without any allows nothing (NT-76)."""
    given_levels = request.get("OrderedOrganizationPolicyInputList", [])
    levels = [level.get("ServiceControlPolicyInputList", []) for level in given_levels]
    return tuple(
        PolicySet(policy.compile(text, Kind.SCP, policy=f"level {place}") for text in checked(texts, Kind.SCP))
        for place, texts in enumerate(levels, 1)
    )


# Who calls, and the resource's own policy, whose principals are stored as unique ids (P1.7-5).


def _as_caller(ctx: Context, standing: Standing, arn: str | None) -> Standing:
    """`standing` as if `arn` had it. It need not exist: a stranger is a user whom only its ARN tells apart. Raises InvalidInput."""
    if arn is None:
        return standing
    account, found = _account(arn), _entity(ctx, arn)
    if found is not None and not isinstance(found, Group):
        return replace(standing, principal=ctx.authority.standing(principal_of(found, ctx.now), ctx.store).principal)
    if account is None or not arn.startswith("arn:aws:iam::") or not arn.split(":", 5)[5].startswith(("user/", "group/", "role/")):
        raise InvalidInput(f"Invalid Caller Arn: {arn}")
    return replace(standing, principal=policy.principal.user(arn, arn, account))


def _resource_policy(ctx: Context, request: Request, standing: Standing) -> str | None:
    """The text given, with the ids of whom it names. Whoever does not exist is left as an ARN, which only the stranger answers to."""
    text = request.get("ResourcePolicy")
    if text is None:
        return None
    if "CallerArn" not in request and "PolicySourceArn" not in request:
        raise InvalidInput("CallerArn is required with ResourcePolicy.")
    kind = Kind.TRUST if TRUST_ACTIONS.issuperset(map(str.lower, request["ActionNames"])) else Kind.RESOURCE
    checked([text], kind)
    return policy.principals_to_ids(text, lambda arn: _id_of(ctx, arn) or arn)


def _id_of(ctx: Context, arn: str) -> str | None:
    found = _entity(ctx, arn)
    return found.id if found is not None else None


def _entity(ctx: Context, arn: str) -> Entity | None:
    """The user or role, of whichever account of this akia."""
    account = _account(arn)
    kind, _, path = arn.rpartition(":")[2].partition("/")
    finders: Mapping[str, Find] = {"user": ctx.store.users.named, "role": ctx.store.roles.named}
    found = finders[kind](account, path.rpartition("/")[2]) if kind in finders and account else None
    return found if found is not None and str(found.arn) == arn else None


def _account(text: str | None) -> str | None:
    """The account in an ARN, or the account id that `text` is. Raises InvalidInput."""
    if text is None:
        return None
    try:
        account = Arn.parse(text).account if text.startswith("arn:") else text
    except ValueError:
        raise InvalidInput(f"Invalid ARN: {text}") from None
    if not (len(account) == 12 and account.isascii() and account.isdigit()):
        raise InvalidInput(f"Invalid account: {text}")
    return account
