from __future__ import annotations

import subprocess
import sys

import pytest

from akia import outbound


def test_a_start_does_not_wait_for_what_only_requests_to_the_outside_need() -> None:
    program = "import sys, akia.assembly; print([name for name in ('httpcore', 'smtplib', 'boto3') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_there_is_not_is_not_found() -> None:
    with pytest.raises(AttributeError, match="Nothing"):
        outbound.Nothing  # noqa: B018 - looking is all there is to do
    assert outbound.OutboundClient.__module__ == "akia.outbound.client"
