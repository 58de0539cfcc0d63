"""The evaluation once more, straight from the documented steps: slow, plain, and sharing nothing with `akia.policy`, not even a parser.

A world is a dictionary of what JSON can hold (see `worlds.py`); the answer is the outcome and the type of policy to blame.
"""

from __future__ import annotations

import re
from typing import Any

from tests.policy.reference_conditions import arn_expression, as_list, conditions_match, expression, substituted, unescaped

World = dict[str, Any]
Statement = dict[str, Any]

NAMES = {
    "scp": "service control policy",
    "rcp": "resource control policy",
    "endpoint": "VPC endpoint policy",
    "identity": "identity-based policy",
    "boundary": "permissions boundary",
    "session": "session policy",
    "ceiling": "access key policy",
    "resource": "resource-based policy",
    "trust": "role trust policy",
}
NO_ACCOUNT = {"service", "web identity", "saml", "anonymous"}


# 1. The decision (P1.3, P1.5)


def evaluate(world: World) -> tuple[str, str | None]:
    """("allowed" | "explicitDeny" | "implicitDeny", the blamed type of policy or None)."""
    caller = world["caller"]
    kind, account = caller["kind"], caller.get("account")
    resource_type = "trust" if world["resource_type"] == "trust" else "resource"
    says = {layer: [voice(world, layer, docs) for docs in levels] for layer, levels in layers_that_apply(world, resource_type).items()}
    for layer in ("scp", "rcp", "endpoint", "identity", "boundary", "session", "ceiling", resource_type):  # P1.3-1
        if any(level["deny"] for level in says.get(layer, [])):
            return "explicitDeny", NAMES[layer]
    silent = {layer for layer, levels in says.items() if not all(level["grant"] for level in levels)}
    grant = max((level["grant"] for level in says.get(resource_type, [])), default=0)
    identity_allows = kind == "root" or "identity" not in silent
    foreign = world["resource_account"] not in (None, account)
    if account and foreign and another_partition(caller["arn"], world["resource"]):  # P1.5-3
        return "implicitDeny", NAMES[resource_type]
    for layer in ("rcp", "scp", "endpoint", "ceiling"):  # P1.3-2, P1.3-3, P1.3-14, O4
        if layer in silent:
            return "implicitDeny", NAMES[layer]
    if not account:  # P1.4-8
        return ("allowed", None) if grant else ("implicitDeny", NAMES[resource_type])
    if foreign:
        if grant == 0 or (grant == 1 and not identity_allows):  # P1.5-7
            return "implicitDeny", NAMES[resource_type]
        if not identity_allows:
            return "implicitDeny", NAMES["identity"]
    else:
        if kind == "root" and "session" in silent:  # P1.3-12
            return "implicitDeny", NAMES["session"]
        if grant == 3:  # P1.3-4
            return "allowed", None
        if world["resource_type"] in ("trust", "key") and grant == 0:  # P1.3-6
            return "implicitDeny", NAMES[resource_type]
        if grant < 2 and not identity_allows:  # P1.3-5, P1.3-7
            return "implicitDeny", NAMES["identity"]
    for layer in ("boundary", "session"):  # P1.3-8, P1.3-9
        if layer in silent:
            return "implicitDeny", NAMES[layer]
    if kind == "federated user" and world["session"] is None:  # P1.3-10
        return "implicitDeny", NAMES["session"]
    return "allowed", None


def layers_that_apply(world: World, resource_type: str) -> dict[str, list[list[Any]]]:
    """Layer -> levels -> documents."""
    caller = world["caller"]
    kind, account, management = caller["kind"], caller.get("account"), world["management_account"]
    service_linked = ":role/aws-service-role/" in caller.get("role_arn", "")
    layers: dict[str, list[list[Any]]] = {}
    if account and account != management and not service_linked:  # P1.5-6
        layers["scp"] = world["scp"]
    owner = world["resource_account"] or account
    if not service_linked and (owner is None or owner != management):
        layers["rcp"] = world["rcp"]
    if world["endpoint"] is not None:
        layers["endpoint"] = [world["endpoint"]]
    if account and kind != "root":  # P1.3-12
        layers["identity"] = [world["identity"]]
        if world["boundary"] is not None:
            layers["boundary"] = [world["boundary"]]
    if account and world["session"] is not None:
        layers["session"] = [world["session"]]
    if world["ceiling"] is not None:
        layers["ceiling"] = [world["ceiling"]]
    if world["resource_policy"] is not None:
        layers[resource_type] = [world["resource_policy"]]
    return layers


def another_partition(caller_arn: str, resource: str) -> bool:
    return resource != "*" and caller_arn.split(":")[1] != resource.split(":")[1]


def voice(world: World, layer: str, documents: list[Any]) -> dict[str, Any]:
    """What the documents of one level say together (P1.2-2): is there a Deny, and how strong is the strongest Allow (P1.4)?"""
    deny, grant = False, 0
    for document in documents:
        if not isinstance(document, dict):  # NT-51: it could not be read
            deny = True
            continue
        statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
        for statement in statements:
            if applies(world, layer, document, statement):
                if statement["Effect"] == "Deny":
                    deny = deny or is_denied_by_name(world, statement)
                else:
                    means_all = layer == "rcp" and "AWS:*" in listed(statement.get("Principal", {}))  # P1.6-3
                    grant = max(grant, 3 if means_all else grant_by_name(world, statement))
    return {"deny": deny, "grant": grant}


def applies(world: World, layer: str, document: dict[str, Any], statement: Statement) -> bool:
    """P1.2-1, but for the principal part."""
    variables = document.get("Version") == "2012-10-17"  # P4.1-1
    return (
        action_matches(world["action"], statement)
        and resource_matches(world, layer, statement, variables)
        and conditions_match(world["context"], statement, variables)
    )


# 2. Principals (P1.4, P1.9, P2.3)


def names(caller: dict[str, Any]) -> dict[str, int]:
    """Every name that the caller answers to, with what it is worth in an Allow."""
    account = {("AWS", caller.get("account")): 1, ("AWS", "*"): 3}
    own: dict[str, dict[tuple[str, Any], int]] = {
        "root": account,
        "user": {("AWS", caller.get("id")): 3, **account},
        "role session": {("AWS", caller.get("arn")): 3, ("AWS", caller.get("role_id")): 2, **account},
        "federated user": {("AWS", caller.get("arn")): 3, ("AWS", caller.get("user_id")): 2, **account},
        "service": {("Service", caller.get("name")): 3, ("AWS", "*"): 3},
        "web identity": {("Federated", caller.get("provider")): 3},
        "saml": {("Federated", caller.get("provider")): 3},
        "anonymous": {("AWS", "*"): 3},
    }
    return {f"{kind}:{name}": worth for (kind, name), worth in own[caller["kind"]].items() if name}


def listed(element: Any) -> set[str]:
    if element == "*":
        return {"AWS:*"}
    found = {f"{kind}:{value}" for kind, values in element.items() for value in as_list(values)}
    return {re.sub(r"^AWS:arn:[a-z-]+:iam::(\d{12}):root$", r"AWS:\1", name) for name in found}


def grant_by_name(world: World, statement: Statement) -> int:
    if "NotPrincipal" in statement:  # P1.9-1
        return 0
    if "Principal" not in statement:
        return 3
    named = listed(statement["Principal"])
    return max((worth for name, worth in names(world["caller"]).items() if name in named), default=0)


def is_denied_by_name(world: World, statement: Statement) -> bool:
    caller = world["caller"]
    own = set(names(caller))
    if "NotPrincipal" in statement:
        bounded = world["boundary"] is not None and caller["kind"] not in NO_ACCOUNT | {"root"}
        named = listed(statement["NotPrincipal"])
        escapes = ("AWS:*" in named and "AWS:*" in own) or (own - {"AWS:*"} <= named and own != {"AWS:*"})
        return bounded or not escapes  # P1.9-2, P1.9-3
    if "Principal" not in statement:
        return True
    heeded = own | {f"AWS:{caller[field]}" for field in ("arn", "role_arn", "user_arn") if field in caller and caller["kind"] != "root"}
    return bool(listed(statement["Principal"]) & (heeded | {"AWS:*"}))


# 3. Actions and resources (P2.1, P2.2)


def action_matches(action: str, statement: Statement) -> bool:
    patterns = as_list(statement["Action"] if "Action" in statement else statement["NotAction"])
    usable = [pattern for pattern in patterns if " " not in pattern and "," not in pattern]  # P2.1-3
    hit = any(re.fullmatch(expression(unescaped(pattern.lower())), action.lower(), re.DOTALL) for pattern in usable)
    return hit if "Action" in statement else not hit


def resource_matches(world: World, layer: str, statement: Statement, variables: bool) -> bool:
    if "Resource" not in statement and "NotResource" not in statement:
        return True
    negated, deny = "NotResource" in statement, statement["Effect"] == "Deny"
    hits = [
        one_resource(world, layer, pattern, negated is not deny, variables)
        for pattern in as_list(statement["NotResource"] if negated else statement["Resource"])
    ]
    if not negated:
        return True in hits
    if True in hits:
        return False
    return deny or None not in hits  # P2.2-8


def one_resource(world: World, layer: str, pattern: str, wide: bool, variables: bool) -> bool | None:
    """None: a variable has no value."""
    if set(pattern) == {"*"}:
        return True
    parts = pattern.split(":", 5)
    if len(parts) < 6:  # P2.2-4
        padded = {"scp": pattern.endswith("*"), "rcp": False, "trust": False}
        if not padded.get(layer, layer in ("identity", "boundary", "session", "ceiling") or "*" in pattern or "?" in pattern):
            return False
        parts += ["*"] * (6 - len(parts))
    tail = substituted(parts[5], world["context"]) if variables else unescaped(parts[5])
    if tail is None:
        return None
    return bool(re.fullmatch(arn_expression([unescaped(part) for part in parts[:5]], tail, wide), world["resource"], re.DOTALL))
