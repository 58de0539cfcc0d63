"""What an account settles for itself: GetAccountProperties, PutAccountProperties, SetSecurityTokenServicePreferences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from akia.aws.errors import InvalidInput
from akia.operation import Access, Conditions, Context, everything
from akia.services.iam._iam import iam

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from akia.wire.shapes import iam as shapes


def _is_boolean(value: str) -> bool:
    return value in ("true", "false")


KNOWN: Mapping[str, Callable[[str], bool]] = {"RoleManager/Enabled": _is_boolean}
"""The properties that AWS documents, and what their values may be. Others are refused: nothing would ever heed them."""
NAMESPACES = "iam:accountpropertynamespaces"


def _known_namespaces(ctx: Context, request: object) -> Conditions:
    """GetAccountProperties tells of all of them."""
    return {NAMESPACES: sorted({name.partition("/")[0] for name in KNOWN})}


def _named_namespaces(ctx: Context, request: Mapping[str, Any]) -> Conditions:
    return {NAMESPACES: sorted({name.partition("/")[0] for name in request["Properties"]})}


@iam.operation("GetAccountProperties", access=Access.READ, resource=everything, conditions=_known_namespaces)
def get_account_properties(ctx: Context, request: object) -> shapes.GetAccountPropertiesResponse:
    """Those that have been set."""
    return {"Properties": ctx.store.account_settings.properties(ctx.account)}


@iam.operation("PutAccountProperties", access=Access.WRITE, resource=everything, conditions=_named_namespaces)
def put_account_properties(ctx: Context, request: shapes.PutAccountPropertiesRequest) -> None:
    """All of one namespace; those that are not named stay. Raises InvalidInput."""
    properties = request["Properties"]
    if not properties:
        raise InvalidInput("At least one property must be given.")
    for name, value in properties.items():
        _check(name, value)
    if len({name.partition("/")[0] for name in properties}) > 1:
        raise InvalidInput("All properties must belong to the same namespace.")
    ctx.store.account_settings.put(ctx.account, properties)


def _check(name: str, value: str) -> None:
    namespace, _, rest = name.partition("/")
    if not namespace or not rest or "/" in rest:
        raise InvalidInput(f"The property key {name} must have the form Namespace/PropertyName.")
    if name not in KNOWN:
        raise InvalidInput(f"There is no account property {name}.")
    if not KNOWN[name](value):
        raise InvalidInput(f"The value of the account property {name} is not valid.")


@iam.operation("SetSecurityTokenServicePreferences", access=Access.PERMISSIONS, resource=everything)
def set_security_token_service_preferences(ctx: Context, request: shapes.SetSecurityTokenServicePreferencesRequest) -> None:
    """akia's tokens are good in every region, whichever version is asked for: what is set is what GetAccountSummary shows."""
    ctx.store.account_settings.set_token_version(ctx.account, 2 if request["GlobalEndpointTokenVersion"] == "v2Token" else 1)
