"""An operation: one thing a client can ask for, and every fact the pipeline must know about it.

This is the contract between the pipeline, which does not know the services, and the services, which do not know the pipeline.
A service makes one `Operations` and decorates functions with `@service.operation(...)`; the name must be an operation of the service's
model, and everything else that the pipeline needs is declared beside it: the action, the resource, condition keys, what the event names.
An operation
without its facts does not import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from akia.authority.authority import Authority
    from akia.authority.caller import Caller
    from akia.authority.facts import RequestFacts
    from akia.authority.judgement import Judgement
    from akia.identity.principal import Principal
    from akia.store.store import Store

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

Parameters = Mapping[str, Any]
"""Parsed and validated input: the members of the operation's input shape. Never used as authorization context as it is (NT-43)."""

Conditions = Mapping[str, str | Sequence[str]]
"""Condition keys of one request, lower-cased. A string is a single-valued key, a sequence a multivalued one."""


class Access(StrEnum):
    """AWS's access levels. `LIST` and `READ` change nothing; their events say `readOnly`."""

    LIST = "List"
    READ = "Read"
    WRITE = "Write"
    PERMISSIONS = "Permissions management"
    TAGGING = "Tagging"


@dataclass(frozen=True, slots=True)
class Action:
    """What policies speak of: `iam:CreateUser`. Not always named like the operation (P2.1-5)."""

    prefix: str
    name: str
    access: Access
    text: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", f"{self.prefix}:{self.name}")

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Required:
    """One thing that must be allowed: an action on a resource (an ARN, or `*` for actions without resource-level support, P2.2-5)."""

    action: str
    resource: str
    conditions: Conditions = field(default_factory=dict)

    @property
    def service(self) -> str:
        """The prefix of the action."""
        return self.action.partition(":")[0]


@dataclass(frozen=True, slots=True)
class ResourcePolicy:
    """The policy of the resource itself, with principals by unique id. `mandatory` is P1.3-6: without its word nobody is allowed (role
    trust, KMS keys)."""

    text: str
    kind: str
    account: str
    mandatory: bool = False


@dataclass(slots=True)
class Context:
    """What an operation may use: who is asking, the store, the clock, the decisions. Nothing else.

    `now` is in epoch seconds. `store` is a transaction's view: what the operation changes and its event commit together or not at all.
    """

    caller: Caller
    store: Store
    now: int
    facts: RequestFacts
    authority: Authority
    judged: list[Judgement] = field(default_factory=list)
    """The decisions made so far, for the record."""
    found: dict[tuple[str, str], Any] = field(default_factory=dict)
    """What `look_up` has found."""
    remembered: list[Callable[[Store], None]] = field(default_factory=list)
    """What is written even if the call is refused."""
    mfa_at: int | None = None
    """When this very request has proven a second factor: now, or not at all."""

    def look_up(self, kind: str, name: str, find: Callable[[str, str], T | None]) -> T | None:
        """`find(account, name)`, once a call: the resource, the conditions and the operation itself ask for the same thing in the same
        state of the store."""
        key = (kind, name)
        if key not in self.found:
            self.found[key] = find(self.account, name)
        found: T | None = self.found[key]
        return found

    @property
    def account(self) -> str:
        """The account that the call acts in: the caller's own."""
        return self.caller.account

    def remember_refusal(self, write: Callable[[Store], None]) -> None:
        """Have `write` run if this call is refused, in the transaction that keeps its event: a wrong guess counts (NT-38)."""
        self.remembered.append(write)

    def authorize(self, action: str, resource: str, conditions: Conditions | None = None) -> None:
        """Ask for one more permission of this caller, for what only shows during the work. Raises AccessDenied, in AWS's words."""
        self.authority.require(self, Required(action, resource, conditions or {}))


@dataclass(frozen=True, slots=True)
class Threshold:
    """What may be used to find out who sends an unsigned request: there is no caller yet. `store` is only read; `now` in epoch seconds."""

    store: Store
    now: int
    facts: RequestFacts
    authority: Authority


class Waits(Exception):
    """Raised by a proof that needs something from outside first: `fetch` gets it, in a thread, and never raises; then the request is served
    anew. Requests that wait for the same thing (`subject`) share one `fetch`."""

    def __init__(self, subject: str, fetch: Callable[[], None]) -> None:
        super().__init__(subject)
        self.subject = subject
        self.fetch = fetch


ResourceOf = Callable[[Context, Any], str | Sequence[str]]
"""Which resource is meant: an ARN, several (P2.2-7: all must be allowed), or `*`. Never raises: a missing user is `user/<name>` (nothing
can be
enumerated before authorization)."""

ConditionsOf = Callable[[Context, Any], Conditions]
AlsoRequired = Callable[[Context, Any], Iterable[Required]]
ResourcePolicyOf = Callable[[Context, Any], ResourcePolicy | None]
Body = Callable[[Context, Any], Mapping[str, Any] | None]
Gather = Callable[[Context, Any], Any]
Prepare = Callable[[Any], Any]
WritesIf = Callable[[Any], bool]
SecondFactor = Callable[[Context, Any], int | None]
"""When the request proves a second factor: now (epoch seconds), or None if it brings none. Raises the refusal of a wrong one."""

Proof = Callable[[Threshold, Any], "Principal"]
"""Who sends an unsigned request, by what its parameters prove: a token, an assertion. Raises the refusal, or Waits."""

EventResources = Callable[[Any, Mapping[str, Any] | None], Iterable[tuple[str, str]]]
"""What the event is about: `(type, name)` pairs such as `("AWS::IAM::User", "alice")`, from input and result (None if refused)."""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation that this server performs. Fields as in `Operations.operation`."""

    service: str
    name: str
    action: Action
    resource: ResourceOf
    body: Body
    writes: bool
    read_only_event: bool
    conditions: ConditionsOf | None = None
    also: AlsoRequired | None = None
    resource_policy: ResourcePolicyOf | None = None
    event_resources: EventResources | None = None
    always_allowed: bool = False
    proof: Proof | None = None
    gather: Gather | None = None
    prepare: Prepare | None = None
    writes_if: WritesIf | None = None
    second_factor: SecondFactor | None = None

    def writes_for(self, request: Any) -> bool:
        """Whether this call needs its turn in a write transaction."""
        return self.writes or (self.writes_if is not None and self.writes_if(request))


def everything(context: Context, request: Any) -> str:
    """The resource of actions that have no resource-level support (P2.2-5)."""
    return "*"


class Operations:
    """The operations of one service, filled by decorating functions. `service` is the name of its model, `prefix` that of its actions."""

    def __init__(self, service: str, *, prefix: str | None = None) -> None:
        self.service = service
        self.prefix = prefix or service
        self._by_name: dict[str, Operation] = {}

    def operation(
        self,
        name: str,
        *,
        access: Access,
        resource: ResourceOf,
        action: str | None = None,
        conditions: ConditionsOf | None = None,
        also: AlsoRequired | None = None,
        resource_policy: ResourcePolicyOf | None = None,
        event_resources: EventResources | None = None,
        writes: bool | None = None,
        read_only_event: bool | None = None,
        always_allowed: bool = False,
        proof: Proof | None = None,
        gather: Gather | None = None,
        prepare: Prepare | None = None,
        writes_if: WritesIf | None = None,
        second_factor: SecondFactor | None = None,
    ) -> Callable[[F], F]:
        """Register the decorated function as the operation `name`.

        `action` is the action's name where it differs from the operation's. `writes` says whether it runs in a write transaction (default:
        unless `access` is List or Read). `read_only_event` is the event's `readOnly` where it does not follow from `access`.
        `always_allowed` marks the few
        calls that need no permission and that not even an explicit Deny stops (P1.7-11). `proof` says who sends a call that the model
        leaves unsigned (W3.8). `prepare` maps the input to what the body is given instead; it is for slow work (argon2, RSA) and runs
        outside any transaction, perhaps in another thread. `gather` reads from the store what `prepare` needs, and hands it that instead
        of the input; what it has read may be stale when the body runs. `writes_if` says for which input an operation that mostly reads
        writes. `second_factor` is asked before policies are, which then see it (`aws:MultiFactorAuthPresent`). Raises ValueError if the
        operation is registered already.
        """

        def register(body: F) -> F:
            if name in self._by_name:
                raise ValueError(f"{self.service}:{name} is implemented twice")
            reads = access in (Access.LIST, Access.READ)
            self._by_name[name] = Operation(
                service=self.service,
                name=name,
                action=Action(self.prefix, action or name, access),
                resource=resource,
                body=body,
                writes=not reads if writes is None else writes,
                read_only_event=reads if read_only_event is None else read_only_event,
                conditions=conditions,
                also=also,
                resource_policy=resource_policy,
                event_resources=event_resources,
                always_allowed=always_allowed,
                proof=proof,
                gather=gather,
                prepare=prepare,
                writes_if=writes_if,
                second_factor=second_factor,
            )
            return body

        return register

    def get(self, name: str) -> Operation | None:
        return self._by_name.get(name)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._by_name.values())
