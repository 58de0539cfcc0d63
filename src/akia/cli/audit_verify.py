"""`akia audit verify`: is what trails have delivered still what was delivered? Looks at files, and needs no S3."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from akia.cli import endpoint, options
from akia.cli.own_service import connection
from akia.cli.printing import bar, counted, json_option, tell, to_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import rich.progress

    from akia.trail.verification import Report

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Directory:
    """A bucket's files below `root`, as trails store them in a directory, or as they were copied from S3."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def keys(self) -> list[str]:
        files = (path for path in self._root.rglob("*.json.gz") if path.is_file())
        return [path.relative_to(self._root).as_posix() for path in files]

    def read(self, key: str) -> bytes | None:
        path = self._root / key
        return path.read_bytes() if path.is_file() else None

    def metadata(self, key: str) -> Mapping[str, str]:
        from akia.outbound.buckets import METADATA_SUFFIX

        try:
            found = json.loads((self._root / (key + METADATA_SUFFIX)).read_bytes())
        except (OSError, ValueError):
            return {}
        return {name: value for name, value in found.items() if isinstance(value, str)} if isinstance(found, dict) else {}


class _Shown(Directory):
    """One of which a bar shows how much has been read."""

    def __init__(self, root: Path, shown: rich.progress.Progress) -> None:
        super().__init__(root)
        self._shown, self._task = shown, shown.add_task("files", total=None)

    def keys(self) -> list[str]:
        found = super().keys()
        self._shown.update(self._task, total=len(found))
        return found

    def read(self, key: str) -> bytes | None:
        self._shown.advance(self._task)
        return super().read(key)


@click.command()
@click.argument("directory", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR")
@click.option(
    "--public-keys",
    type=options.PATH,
    metavar="FILE",
    help="Take the public keys from FILE, the answer of `aws cloudtrail list-public-keys`, instead of asking the running akia.",
)
@connection
@json_option
@click.pass_context
def verify(
    ctx: click.Context, directory: Path, public_keys: Path | None, data: Path | None, aws_profile: str | None, as_json: bool
) -> None:
    """Check the log files and digests in DIR, a bucket's directory. Names every file that was changed, removed or put in; ends with 1 if
    there is one."""
    from akia.trail import verification

    keys = _keys_in(public_keys) if public_keys is not None else _keys_of_server(data, aws_profile)
    try:
        with bar() as shown:
            report = verification.verify(_Shown(directory, shown), keys)
    except OSError as error:
        raise click.ClickException(f"{error.filename} cannot be read: {error.strerror}") from error
    if as_json:
        click.echo(_as_json(report))
    else:
        tell(_lines(report))
    if not report.sound:
        ctx.exit(1)


def _keys_in(path: Path) -> dict[str, bytes]:
    try:
        listed = json.loads(path.read_bytes())["PublicKeyList"]
        return {key["Fingerprint"]: b64decode(key["Value"], validate=True) for key in listed}
    except OSError as error:
        raise click.ClickException(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise click.ClickException(f"{path} does not hold the answer of list-public-keys") from None


def _keys_of_server(data: Path | None, aws_profile: str | None) -> dict[str, bytes]:
    """Every public key that the running akia has ever signed with."""
    until = datetime.now(UTC) + timedelta(days=1)
    try:
        with endpoint.readable_errors():
            cloudtrail = endpoint.clients(data, aws_profile)("cloudtrail")
            pages = cloudtrail.get_paginator("list_public_keys").paginate(StartTime=_LONG_AGO, EndTime=until)
            return {key["Fingerprint"]: key["Value"] for page in pages for key in page["PublicKeyList"]}
    except click.ClickException as error:
        raise click.ClickException(f"{error.message} (or name the public keys with --public-keys)") from error


def _as_json(report: Report) -> str:
    return to_json(
        {
            "sound": report.sound,
            "digests": report.digests,
            "logFiles": report.logs,
            "problems": [{"key": problem.key, "problem": problem.wrong.value} for problem in report.problems],
            "uncovered": report.uncovered,
            "newestDigests": {chain: _moment(end) for chain, end in sorted(report.newest.items())},
        }
    )


def _lines(report: Report) -> Iterator[str]:
    for problem in report.problems:
        yield problem.key
        yield f"    {problem.wrong}"
    if not report.digests:
        yield "There is no digest here."
        return
    name = "name" if report.digests > 1 else "names"
    problems = counted(len(report.problems), "problem")
    yield f"{counted(report.digests, 'digest')}, which {name} {counted(report.logs, 'log file')}; {problems}."
    if report.uncovered:
        yield f"{counted(len(report.uncovered), 'log file')} covered by no digest: too new, or from when there were none."
    for chain, end in sorted(report.newest.items()):
        yield f"The digests of {chain} end at {_moment(end)}."


def _moment(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
