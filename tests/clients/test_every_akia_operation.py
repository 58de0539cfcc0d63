"""Every operation of the service akia through the unmodified AWS CLI, which knows it by `aws configure add-model`."""

from __future__ import annotations

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from tests.served import environment
from tests.services.akia.test_akia_facts import CALLS

from akia.aws import own_models

if TYPE_CHECKING:
    from tests.served import Served

AWS = Path(__file__).parents[2] / ".venv-awscli" / "bin" / "aws"
MODEL = own_models.DIRECTORY / "akia/2026-11-01/service-2.json"

pytestmark = pytest.mark.skipif(not AWS.exists(), reason="the AWS CLI is not there: `make clients` or `make test` installs it")


def run(served: Served, *words: str) -> subprocess.CompletedProcess[str]:
    key = served.administrator
    own = {
        "AWS_ENDPOINT_URL": served.endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_PAGER": "",
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
    }
    return subprocess.run([str(AWS), *words], env=environment(served.home) | own, capture_output=True, text=True, check=False)


def told(served: Served, operation: Any) -> tuple[str, str]:
    """The operation's name, and what is wrong with its answer: "" for success and for an error of its model."""
    document = json.dumps(CALLS[operation.name], default=lambda value: value.isoformat() if isinstance(value, datetime) else str(value))
    done = run(served, "akia", botocore.xform_name(operation.name, "-"), "--cli-input-json", document)
    known = [f"({shape.name})" for shape in operation.error_shapes]
    fine = done.returncode == 0 or any(code in done.stderr for code in known)
    return operation.name, "" if fine else done.stderr


@pytest.mark.covers("I6.every_operation")
def test_every_operation_of_the_model_is_answered_in_its_words(served: Served) -> None:
    added = run(served, "configure", "add-model", "--service-model", f"file://{MODEL}", "--service-name", "akia")
    assert added.returncode == 0, added.stderr
    session = botocore.session.get_session()
    session.get_component("data_loader").search_paths.append(str(own_models.DIRECTORY))
    model = session.get_service_model("akia")
    operations = [model.operation_model(name) for name in model.operation_names]
    with ThreadPoolExecutor(os.cpu_count()) as several:
        answers = dict(several.map(lambda operation: told(served, operation), operations))
    assert answers.keys() == CALLS.keys()
    assert {name: wrong for name, wrong in answers.items() if wrong} == {}
