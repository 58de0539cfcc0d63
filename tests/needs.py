"""Tests that wait for operations which are not built yet."""

from __future__ import annotations

import pytest

from akia.services import every_service


def needs(*operations: str) -> pytest.MarkDecorator:
    """A mark that skips a test until akia performs all `operations` (`iam:CreateUser`); asked anew at every run, so nothing is forgotten.

    A test that must tell what it needs cannot hide an operation that it does not name: that one answers NotImplemented, and the test fails.
    """
    missing = sorted(name for name in operations if not performed(name))
    return pytest.mark.skipif(bool(missing), reason=f"needs operation {', '.join(missing)}")


def performed(operation: str) -> bool:
    """Whether akia performs `service:Operation`. Raises KeyError for a service that it does not speak for."""
    service, _, name = operation.partition(":")
    return name in every_service()[service]
