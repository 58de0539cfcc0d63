"""The AWS CLI in its two major versions: version 1 in an environment of its own, version 2 from the machine's packages."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from functools import cache
from typing import TYPE_CHECKING, Any

from tests.clients.programs import ROOT, RUN_SECONDS, absent, surroundings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.served import Served

VERSIONS = ("v1", "v2")
KNOWS_ENDPOINT_VARIABLE = (2, 13)


@cache
def version_of(program: str) -> tuple[int, ...]:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=RUN_SECONDS).stdout
    found = re.match(r"aws-cli/([0-9]+)\.([0-9]+)", told)
    return tuple(map(int, found.groups())) if found else ()


def installed(version: str) -> str:
    """Where the CLI of a version is; if it is absent, the test is skipped."""
    if version == "v1":
        program = ROOT / ".venv-awscli/bin/aws"
        return str(program) if program.exists() else absent("the AWS CLI is not there: `make clients` or `make test` installs it")
    candidates = (shutil.which("aws", path=place) for place in (None, "/usr/bin", "/usr/local/bin"))
    found = next((program for program in candidates if program and version_of(program)[:1] == (2,)), None)
    return found or absent("version 2 of the AWS CLI is not installed")


class CommandLine:
    """`aws` of one version, with a home of its own, as the administrator or with other credentials."""

    def __init__(self, version: str, served: Served, variables: Mapping[str, str] | None = None) -> None:
        self.version, self.program, self.served = version, installed(version), served
        self.home = served.home / version
        (self.home / ".aws").mkdir(parents=True, exist_ok=True)
        self.variables = surroundings(served) | {"HOME": str(self.home)} if variables is None else variables
        if version_of(self.program) < KNOWS_ENDPOINT_VARIABLE and version == "v2":
            self._lead_an_old_version()

    def _lead_an_old_version(self) -> None:
        """Versions before 2.13 know no AWS_ENDPOINT_URL. Their own way to it for role profiles too is a rule set in one's home."""
        boolean = {"required": True, "default": False, "type": "Boolean"}
        parameters = {
            "Region": {"builtIn": "AWS::Region", "required": False, "type": "String"},
            "Endpoint": {"builtIn": "SDK::Endpoint", "required": False, "type": "String"},
            "UseDualStack": {"builtIn": "AWS::UseDualStack", **boolean},
            "UseFIPS": {"builtIn": "AWS::UseFIPS", **boolean},
            "UseGlobalEndpoint": {"builtIn": "AWS::STS::UseGlobalEndpoint", **boolean},
        }
        rule = {"type": "endpoint", "conditions": [], "endpoint": {"url": self.served.endpoint, "properties": {}, "headers": {}}}
        for service in ("sts/2011-06-15", "iam/2010-05-08"):
            folder = self.home / ".aws/models" / service
            folder.mkdir(parents=True, exist_ok=True)
            rules = {"version": "1.0", "parameters": parameters, "rules": [rule]}
            (folder / "endpoint-rule-set-1.json").write_text(json.dumps(rules))

    def start(self, *words: str) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        return subprocess.Popen([self.program, *words], env=dict(self.variables), cwd=self.home, text=True, stdout=pipe, stderr=pipe)

    def text(self, *words: str) -> str:
        """What a command prints. It must succeed."""
        status, out, err = self._finish(words)
        assert status == 0, err
        return out

    def __call__(self, *words: str) -> Any:
        """The JSON that a command prints; None for nothing."""
        out = self.text(*words, "--output", "json")
        return json.loads(out) if out.strip() else None

    def refusal(self, *words: str) -> str:
        """What the CLI says when it is refused, with the exit status of its version for that."""
        status, _, err = self._finish(words)
        assert status == (254 if self.version == "v2" else 255), (status, err)
        return err.strip()

    def _finish(self, words: tuple[str, ...]) -> tuple[int, str, str]:
        with self.start(*words) as process:
            try:
                out, err = process.communicate(timeout=RUN_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return process.returncode, out, err

    def with_credentials(self, given: Mapping[str, str]) -> CommandLine:
        """The CLI as somebody else: an access key, or what a session was given."""
        keys = {"AWS_ACCESS_KEY_ID": given["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"]}
        token = {"AWS_SESSION_TOKEN": given["SessionToken"]} if "SessionToken" in given else {}
        return CommandLine(self.version, self.served, {**self.variables, **keys, **token})

    def with_profiles(self, text: str) -> CommandLine:
        """The CLI without keys in its environment, with these profiles in its configuration."""
        (self.home / ".aws/config").write_text(text)
        return CommandLine(self.version, self.served, {name: value for name, value in self.variables.items() if "_ACCESS_KEY" not in name})
