"""GetHumanReadableSummary: what a delegation request asks for, in sentences.

Nothing is guessed: every sentence restates one fact of the request, or one statement of its policy, in a fixed order. AWS has a language
model write the summary; here the same request always has the same one, in English.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia import policy
from akia.aws import catalogue
from akia.aws.arn import Arn
from akia.aws.errors import InvalidInput, NoSuchEntity
from akia.identity.delegation_request import DelegationState
from akia.operation import Access, Conditions, Context, ResourcePolicy
from akia.policy import Kind
from akia.services.iam._iam import iam, utc
from akia.services.iam.delegated_roles import all_are_bounded, boundaries_of_new_roles, creating_statements
from akia.services.iam.delegation_references import (
    DELEGATION_REQUEST,
    approver_arn,
    found_request,
    owner_conditions,
    permission_of_owner,
    requestor_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from akia.identity.delegation_request import DelegationRequest
    from akia.policy import StatementText
    from akia.wire.shapes import iam as shapes

LANGUAGE = "en"
LONGEST = 10_000
INCOMPLETE = "This summary leaves something out, since all of it would be too long: read the policy itself."
_KIND = "delegation-request/"


def _entity(ctx: Context, request: Mapping[str, Any]) -> str:
    return str(request["EntityArn"])


def _found(ctx: Context, request: Mapping[str, Any]) -> DelegationRequest | None:
    """The request that the ARN names. It lies in the account of whoever asks: any other ARN of it names nothing."""
    prefix = f"arn:aws:iam::{ctx.account}:{_KIND}"
    arn = request["EntityArn"]
    return found_request(ctx, arn.removeprefix(prefix)) if arn.startswith(prefix) else None


def _conditions(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return owner_conditions(_found(ctx, request))


def _default(ctx: Context, request: Mapping[str, Any]) -> ResourcePolicy | None:
    return permission_of_owner(ctx, _found(ctx, request))


def _event_resources(request: Mapping[str, Any], result: object) -> Iterator[tuple[str, str]]:
    _, found, request_id = request["EntityArn"].rpartition(f":{_KIND}")
    if found:
        yield DELEGATION_REQUEST, request_id


@iam.operation(
    "GetHumanReadableSummary",
    access=Access.READ,
    resource=_entity,
    conditions=_conditions,
    resource_policy=_default,
    event_resources=_event_resources,
)
def get_human_readable_summary(ctx: Context, request: shapes.GetHumanReadableSummaryRequest) -> shapes.GetHumanReadableSummaryResponse:
    """Of a delegation request, to whom GetDelegationRequest would show it; in English, whatever the locale.

    Raises InvalidInput (an ARN of anything else), NoSuchEntity.
    """
    try:
        parsed = Arn.parse(request["EntityArn"])
    except ValueError:
        raise InvalidInput(f"Invalid ARN: {request['EntityArn']}") from None
    if parsed.service != "iam" or not parsed.resource.startswith(_KIND):
        raise InvalidInput(f"Summaries are made of delegation requests only, not of {request['EntityArn']}")
    found = _found(ctx, request)
    if found is None:
        raise NoSuchEntity(f"The entity {request['EntityArn']} cannot be found.")
    return {"SummaryContent": _content(_sentences(ctx, found)), "Locale": LANGUAGE, "SummaryState": "AVAILABLE"}


def _content(sentences: Iterable[str]) -> str:
    """A line each. What is too long begins by saying so."""
    content = "\n".join(map(_line, sentences))
    return content if len(content) <= LONGEST else f"{INCOMPLETE}\n{content}"[:LONGEST]


def _line(sentence: str) -> str:
    """The requestor's words and the policy's texts may hold any character: none of them begins a line or changes how it reads."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in sentence).split())


def _sentences(ctx: Context, request: DelegationRequest) -> Iterator[str]:
    yield from _who(ctx, request)
    yield "If it is accepted, the requestor acts as whoever accepts, and only as far as both that identity and this policy allow:"
    document = policy.parse(request.policy, Kind.SESSION)
    for number, statement in enumerate(document.statements, 1):
        yield f"{number}. {_statement(statement)}"
    yield from _roles(request.policy)
    yield f"The access lasts at most {_duration(request.seconds)} from the moment when the token is sent."
    if request.only_by_owner:
        yield "Only the owner of the request can send the token."
    yield from _standing(ctx, request)


def _who(ctx: Context, request: DelegationRequest) -> Iterator[str]:
    name = requestor_name(ctx, request)
    whom = f"account {request.owner_account}" if request.owner_account else "an account, which is not named"
    yield f"Account {request.requestor}{f' ({name})' if name else ''} asks for temporary access to {whom}."
    if request.description:
        yield f"The requestor describes it in its own words: “{request.description}”"
    if request.message:
        yield f"The requestor adds: “{request.message}”"


def _statement(statement: StatementText) -> str:
    verb = "Denies" if statement.is_deny else "Allows"
    sentence = f"{verb} {_actions(statement)} on {_resources(statement)}"
    conditions = [f"{operator} {key} {_listed(values)}" for operator, keys in statement.condition.items() for key, values in keys.items()]
    return f"{sentence}{', only if ' + ' and '.join(conditions) if conditions else ''}."


def _actions(statement: StatementText) -> str:
    if statement.action is None:
        return f"every action of every service except {_listed(statement.not_action or ())}"
    if "*" in statement.action or "*:*" in statement.action:
        return "every action of every service"
    by_service: dict[str, list[str]] = {}
    for action in statement.action:
        prefix, _, name = action.partition(":")
        by_service.setdefault(prefix, []).append(name)
    return "; ".join(f"in {_title(prefix)}: {_names(prefix, names)}" for prefix, names in by_service.items())


def _names(prefix: str, names: Sequence[str]) -> str:
    return "every action" if "*" in names else _listed([f"{prefix}:{name}" for name in names])


def _title(prefix: str) -> str:
    facts = catalogue.service(prefix)
    return facts.title if facts is not None else f"the service {prefix}"


def _resources(statement: StatementText) -> str:
    if statement.resource is None:
        return f"every resource except {_listed(statement.not_resource or ())}"
    return "every resource" if "*" in statement.resource else _listed(statement.resource)


def _listed(texts: Iterable[str]) -> str:
    *most, last = list(texts) or ["nothing"]
    return f"{', '.join(most)} and {last}" if most else last


def _roles(text: str) -> Iterator[str]:
    """What outlives the session."""
    if not creating_statements(text):
        return
    demanded = f"bounded by {_listed(boundaries_of_new_roles(text))}"
    bounds = demanded if all_are_bounded(text) else "without any permissions boundary that the policy would demand"
    yield f"It may create roles, which remain when the access has ended, {bounds}."


def _duration(seconds: int) -> str:
    hours, rest = divmod(seconds, 3_600)
    minutes, left = divmod(rest, 60)
    units = (hours, "hour"), (minutes, "minute"), (left, "second")
    return _listed([f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in units if number])


def _standing(ctx: Context, request: DelegationRequest) -> Iterator[str]:
    state = request.state_at(ctx.now)
    yield f"The state of the request is {state}."
    if request.owner_arn:
        yield f"It belongs to {request.owner_arn}."
    if request.approver and state in (DelegationState.ACCEPTED, DelegationState.FINALIZED):
        yield f"It was accepted by {approver_arn(request)}."
    if state is not DelegationState.EXPIRED:
        yield f"It expires at {utc(request.expires):%Y-%m-%d %H:%M:%S} UTC."
