"""The unmodified AWS CLI is refused in each of nine layers, and the program says why: against akia as a user starts it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from botocore import xform_name
from tests.denials import DENIALS, Denial
from tests.served import PROGRAM, Served, environment, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

AWS = Path(__file__).parents[2] / ".venv-awscli" / "bin" / "aws"

pytestmark = [
    pytest.mark.covers("I3.explain.why"),
    pytest.mark.skipif(not AWS.exists(), reason="the AWS CLI is not there: `make clients` or `make test` installs it"),
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    akia = serve(tmp_path_factory.mktemp("why"))
    yield akia
    assert akia.stop() == 0


def refused_by_cli(served: Served, denial: Denial) -> str:
    """What the CLI prints when the request of `denial` is refused."""
    words = [str(AWS), denial.service, xform_name(denial.operation, "-")]
    words += [word for name, value in denial.parameters.items() for word in (f"--{xform_name(name, '-')}", value)]
    keys = {"AWS_ACCESS_KEY_ID": denial.key.access_key_id, "AWS_SECRET_ACCESS_KEY": denial.key.secret_access_key}
    token = {"AWS_SESSION_TOKEN": denial.token} if denial.token else {}
    own = {"AWS_ENDPOINT_URL": served.endpoint, "AWS_DEFAULT_REGION": "us-east-1", "AWS_MAX_ATTEMPTS": "1", "AWS_PAGER": ""}
    done = subprocess.run(words, env=environment(served.home) | own | keys | token, capture_output=True, text=True, check=False)
    assert done.returncode
    return done.stderr


def id_of_refusal(served: Served, denial: Denial) -> str:
    """The id of the latest refused request that was signed with the key of `denial`."""
    trail = served.client("cloudtrail", denial.key, token=denial.token) if denial.token else served.client("cloudtrail")
    by_key = [{"AttributeKey": "AccessKeyId", "AttributeValue": denial.key.access_key_id}]
    records = (json.loads(event["CloudTrailEvent"]) for event in trail.lookup_events(LookupAttributes=by_key)["Events"])
    return str(next(record["requestID"] for record in records if record.get("errorCode") == "AccessDenied"))


@pytest.mark.parametrize("name", [name for name in DENIALS if name != "session_is_silent"])
def test_why_explains_what_the_aws_cli_was_refused(served: Served, name: str) -> None:
    denial = DENIALS[name](served)
    assert "(AccessDenied)" in refused_by_cli(served, denial)
    told = why(served, id_of_refusal(served, denial))
    for expected in denial.names:
        assert expected in told


def test_why_explains_what_the_aws_cli_was_refused_by_a_session_policy(served: Served) -> None:
    """The session itself may not read the trail: the administrator looks for it by the session's key."""
    denial = DENIALS["session_is_silent"](served)
    assert "(AccessDenied)" in refused_by_cli(served, denial)
    by_administrator = Denial(denial.key, denial.service, denial.operation, {}, (), denial.allow)
    told = why(served, id_of_refusal(served, by_administrator))
    for expected in denial.names:
        assert expected in told


def why(served: Served, request_id: str) -> str:
    command = [str(PROGRAM), "why", request_id, "--data", str(served.data)]
    return subprocess.run(command, env=environment(served.home), capture_output=True, text=True, check=True).stdout
