from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from akia.wire import HttpRequest, Models, Routed, route
from akia.wire.directory import SERVED
from akia.wire.library import Library, UnknownModelError
from akia.wire.service import Service, chosen_protocol

OPERATIONS = Path(__file__).parent / "operations.txt"

OWN_MODEL = {
    "version": "2.0",
    "metadata": {
        "apiVersion": "2026-07-01",
        "endpointPrefix": "akia",
        "jsonVersion": "1.1",
        "protocol": "json",
        "protocols": ["json"],
        "serviceId": "Akia",
        "signatureVersion": "v4",
        "signingName": "akia",
        "targetPrefix": "Akia_20260701",
    },
    "operations": {"Explain": {"name": "Explain", "http": {"method": "POST", "requestUri": "/"}, "input": {"shape": "ExplainRequest"}}},
    "shapes": {
        "ExplainRequest": {"type": "structure", "members": {"RequestId": {"shape": "Id", "documentation": "<p>Which.</p>"}}},
        "Id": {"type": "string", "max": 36},
    },
}


def write_model(root: Path, name: str, model: dict[str, Any], file: str = "service-2.json") -> None:
    directory = root / name / model["metadata"]["apiVersion"]
    directory.mkdir(parents=True, exist_ok=True)
    directory.joinpath(file).write_text(json.dumps(model))


@pytest.mark.parametrize("entry", SERVED, ids=lambda entry: entry.name)
def test_w2_1_the_directory_says_what_the_model_says(entry: Any, models: Models) -> None:
    service = models.service(entry.name)
    said = (service.name, service.protocol, service.api_version, service.signing_name, service.target_prefix)
    assert said == entry[:5]
    assert (
        entry.open_paths == any(service.operation(name).authentication != "sigv4" for name in service.operation_names)
        or entry.name == "sts"
    )


@pytest.mark.covers("I2.wire.models")
def test_operations_of_the_installed_botocore_are_known() -> None:
    """Fails when a newer botocore adds (or drops) operations: bring `operations.txt` and the parity table up to date."""
    known = set(OPERATIONS.read_text().split("\n")) - {""}
    models = Models()
    present = {f"{entry.name} {name}" for entry in SERVED for name in models.service(entry.name).operation_names}
    assert sorted(present - known) == [], "new operations"
    assert sorted(known - present) == [], "operations that are gone"


def test_models_are_read_without_importing_botocore() -> None:
    script = (
        "import sys; from akia.wire import Models; m = Models(); m.service('iam').operation('GetUser').success({}, 'x');"
        "sys.exit('botocore' in sys.modules or 'regex' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.covers("I2.wire.compiled")
def test_an_operation_is_compiled_once_at_its_first_use() -> None:
    users = Models().service("iam").operation("ListUsers")
    assert {"_read", "_succeed"}.isdisjoint(vars(users))
    users.parse(HttpRequest(b"POST", b"/", b"", [], b""), {})
    users.success({}, "x")
    compiled = {name: vars(users)[name] for name in ("_read", "_check", "_succeed")}
    users.parse(HttpRequest(b"POST", b"/", b"", [], b""), {})
    users.success({}, "x")
    assert all(vars(users)[name] is closure for name, closure in compiled.items())
    assert users.service.operation("ListUsers") is users


def test_a_service_that_is_not_served_is_unknown(models: Models) -> None:
    with pytest.raises(KeyError):
        models.service("ec2")
    with pytest.raises(UnknownModelError):
        Library(None, ()).read("no-such-service")


def test_w2_3_botocores_preference_decides_among_the_protocols_spoken_here() -> None:
    assert chosen_protocol({"protocol": "query", "protocols": ["query", "smithy-rpc-v2-cbor", "json"]}) == "json"
    assert chosen_protocol({"protocol": "query"}) == "query"
    with pytest.raises(ValueError, match="no protocol"):
        chosen_protocol({"protocol": "ec2"})


def test_w11_2_a_model_of_our_own_is_served_like_awss(tmp_path: Path) -> None:
    write_model(tmp_path, "akia", OWN_MODEL)
    models = Models(extra=[tmp_path])
    headers = [(b"content-type", b"application/x-amz-json-1.1"), (b"x-amz-target", b"Akia_20260701.Explain")]
    routed = route(models, HttpRequest(b"POST", b"/", b"", headers, b'{"RequestId":"r"}'), "akia")
    assert isinstance(routed, Routed)
    assert routed.parse() == {"RequestId": "r"}
    assert [entry.name for entry in models.signed_as("akia")] == ["akia"]


def test_sdk_extras_are_merged_into_a_model(tmp_path: Path) -> None:
    write_model(tmp_path, "akia", OWN_MODEL)
    extras = {"metadata": {"apiVersion": "2026-07-01"}, "merge": {"metadata": {"targetPrefix": "Other"}}}
    write_model(tmp_path, "akia", extras, "service-2.sdk-extras.json")
    metadata = Library(None, [tmp_path]).read("akia")["metadata"]
    assert metadata["targetPrefix"] == "Other"
    assert metadata["signingName"] == "akia"


def test_the_newest_api_version_of_a_model_is_taken(tmp_path: Path) -> None:
    write_model(tmp_path, "akia", OWN_MODEL)
    write_model(tmp_path, "akia", {**OWN_MODEL, "metadata": {**OWN_MODEL["metadata"], "apiVersion": "2027-01-01"}})  # type: ignore[dict-item]  # a literal of mixed values
    assert Models(extra=[tmp_path]).service("akia").api_version == "2027-01-01"


def test_documentation_is_pruned(models: Models) -> None:
    kept = json.dumps(Library(None, ()).read("sts"))
    assert "documentation" not in kept
    assert "<p>" not in kept
    assert isinstance(models.service("sts"), Service)


class TestCache:
    """The directory of pruned models."""

    @pytest.fixture
    def cache(self, tmp_path: Path) -> Path:
        return tmp_path / "cache"

    @pytest.fixture
    def library(self, cache: Path, tmp_path: Path) -> Library:
        write_model(tmp_path / "own", "akia", OWN_MODEL)
        return Library(cache, [tmp_path / "own"])

    def test_a_cached_model_is_the_model(self, library: Library, cache: Path) -> None:
        first = library.read("akia")
        file = cache / "akia.json"
        before = file.stat().st_mtime_ns
        assert library.read("akia") == first == Library(None, library.extra).read("akia")
        assert file.stat().st_mtime_ns == before
        assert [path.name for path in cache.iterdir()] == ["akia.json"]
        assert cache.stat().st_mode & 0o777 == 0o700

    @pytest.mark.parametrize("damage", [b"", b"\n", b"{}\n{}", b"[]\n[]", b"null\nnull", b"\xff\xfe"])
    def test_a_damaged_cache_is_written_anew(self, library: Library, cache: Path, damage: bytes) -> None:
        first = library.read("akia")
        sound = (cache / "akia.json").read_bytes()
        (cache / "akia.json").write_bytes(damage)
        assert library.read("akia") == first
        assert (cache / "akia.json").read_bytes() == sound

    def test_a_cache_with_one_byte_changed_is_written_anew(self, library: Library, cache: Path) -> None:
        first = library.read("akia")
        sound = (cache / "akia.json").read_bytes()
        (cache / "akia.json").write_bytes(sound.replace(b"Explain", b"Exploit", 1))
        assert library.read("akia") == first

    def test_a_changed_model_is_read_anew(self, library: Library, tmp_path: Path) -> None:
        library.read("akia")
        changed = {**OWN_MODEL, "shapes": {"ExplainRequest": {"type": "structure", "members": {}}}}
        write_model(tmp_path / "own", "akia", changed)
        assert list(library.read("akia")["shapes"]) == ["ExplainRequest"]

    def test_a_cache_that_cannot_be_written_is_done_without(self, tmp_path: Path) -> None:
        tmp_path.joinpath("cache").write_text("a file where a directory should be")
        assert Library(tmp_path / "cache", ()).read("sso")["metadata"]["signingName"] == "awsssoportal"
