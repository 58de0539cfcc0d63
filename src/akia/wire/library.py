"""Service models on disk: botocore's own data, found without importing botocore, and ours (W9.1, W11.2).

Models are pruned of documentation, which is nine tenths of them, and may be kept so in a cache directory. A cache file names the
files it was made from (version, sizes, times) and the digest of its content; one that does not fit or is damaged is written anew.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

RawModel = dict[str, Any]

_FORMAT = 1
"""Of what is cached; raise it when pruning changes."""

_FILE_NAMES = ("service-2.json", "service-2.json.gz")
_EXTRAS = "service-2.sdk-extras.json"
_METADATA = {"apiVersion", "endpointPrefix", "jsonVersion", "protocol", "protocols", "serviceId", "signatureVersion", "signingName"}
_METADATA |= {"targetPrefix", "xmlNamespace", "auth"}
_OPERATION = {"name", "http", "input", "output", "errors", "authtype", "auth"}
_SHAPE = {"type", "members", "required", "member", "key", "value", "min", "max", "pattern", "enum", "sensitive", "union", "document"}
_SHAPE |= {"error", "exception", "fault", "payload", "flattened", "timestampFormat", "locationName"}
_REFERENCE = {"shape", "resultWrapper", "location", "locationName", "flattened", "timestampFormat", "jsonvalue", "sensitive"}
_VERSION = re.compile(rb"^__version__ = '([0-9.]+)'", re.MULTILINE)


class UnknownModelError(LookupError):
    """There is no model of that name."""


class Library:
    """Reads models by name from `extra` directories (`<name>/<api version>/service-2.json`), then from botocore's.

    `cache` is a directory for pruned models, made when first needed, or None. Not being able to write there is no error.
    """

    def __init__(self, cache: Path | None, extra: Sequence[Path]) -> None:
        self._cache = cache
        self.extra = tuple(extra)

    def read(self, name: str) -> RawModel:
        """The pruned model called `name`. Raises UnknownModelError."""
        files = self._files(name)
        origin = _origin(files)
        cached = self._cached(name, origin)
        if cached is not None:
            return cached
        model = prune(_merged(files))
        self._keep(name, origin, model)
        return model

    def names_of_extra(self) -> list[str]:
        """The names of the models in the extra directories."""
        return sorted({model.name for root in self.extra if root.is_dir() for model in root.iterdir() if model.is_dir()})

    def _files(self, name: str) -> list[Path]:
        """The model's file of the newest API version, and its extras if there are any."""
        for root in (*self.extra, _botocore() / "data"):
            versions = sorted(root.joinpath(name).glob("*/service-2.json*"), reverse=True)
            for file in versions:
                if file.name in _FILE_NAMES:
                    extras = file.with_name(_EXTRAS)
                    return [file, extras] if extras.is_file() else [file]
        raise UnknownModelError(name)

    def _cached(self, name: str, origin: str) -> RawModel | None:
        if self._cache is None:
            return None
        with suppress(OSError, ValueError, KeyError, TypeError):
            header, _, content = self._cache.joinpath(f"{name}.json").read_bytes().partition(b"\n")
            stated = orjson.loads(header)
            if stated["origin"] == origin and stated["digest"] == _digest(content):
                model: RawModel = orjson.loads(content)
                return model
        return None

    def _keep(self, name: str, origin: str, model: RawModel) -> None:
        if self._cache is None:
            return
        content = orjson.dumps(model)
        header = orjson.dumps({"origin": origin, "digest": _digest(content)})
        with suppress(OSError):
            self._cache.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_atomically(self._cache / f"{name}.json", header + b"\n" + content)


def prune(model: Mapping[str, Any]) -> RawModel:
    """`model` without what neither a protocol nor a check nor a redaction needs."""
    return {
        "metadata": _only(model["metadata"], _METADATA),
        "operations": {name: _pruned_operation(operation) for name, operation in model["operations"].items()},
        "shapes": {name: _pruned_shape(shape) for name, shape in model["shapes"].items()},
    }


def _pruned_operation(operation: Mapping[str, Any]) -> RawModel:
    kept = _only(operation, _OPERATION)
    kept.update({part: _only(kept[part], _REFERENCE) for part in ("input", "output") if part in kept})
    if "errors" in kept:
        kept["errors"] = [error["shape"] for error in kept["errors"]]
    return kept


def _pruned_shape(shape: Mapping[str, Any]) -> RawModel:
    kept = _only(shape, _SHAPE)
    kept.update({part: _only(kept[part], _REFERENCE) for part in ("member", "key", "value") if part in kept})
    if "members" in kept:
        kept["members"] = {name: _only(member, _REFERENCE) for name, member in kept["members"].items()}
    return kept


def _only(mapping: Mapping[str, Any], keys: set[str]) -> RawModel:
    return {key: value for key, value in mapping.items() if key in keys}


def _merged(files: list[Path]) -> RawModel:
    model, *extras = (_load(file) for file in files)
    for extra in extras:
        _merge(model, extra.get("merge", {}))
    return model


def _load(file: Path) -> RawModel:
    content = file.read_bytes()
    model: RawModel = orjson.loads(gzip.decompress(content) if file.suffix == ".gz" else content)
    return model


def _merge(into: RawModel, what: Mapping[str, Any]) -> None:
    for key, value in what.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value


def _botocore() -> Path:
    specification = importlib.util.find_spec("botocore")
    if specification is None or not specification.submodule_search_locations:
        raise UnknownModelError("botocore is not installed")
    return Path(specification.submodule_search_locations[0])


def _botocore_version() -> str:
    found = _VERSION.search(_botocore().joinpath("__init__.py").read_bytes())
    return found[1].decode() if found else "unknown"


def _origin(files: list[Path]) -> str:
    """What a model was made from, as one line."""

    def parts() -> Iterator[str]:
        yield f"{_FORMAT} {_botocore_version()}"
        for file in files:
            status = file.stat()
            yield f"{file} {status.st_size} {status.st_mtime_ns}"

    return " | ".join(parts())


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _write_atomically(file: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.name, suffix=".new")
    try:
        with os.fdopen(handle, "wb") as temporary:
            temporary.write(content)
        Path(name).replace(file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
