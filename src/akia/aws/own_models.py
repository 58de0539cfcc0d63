"""The models of the services that are akia's own, in the form and the folders of botocore's (W11.2, W11.4)."""

from __future__ import annotations

from pathlib import Path

DIRECTORY = Path(__file__).with_name("data") / "models"
"""Holds `<service>/<API version>/service-2.json`, and what lies beside it."""


def files() -> tuple[Path, ...]:
    """Every file, below DIRECTORY."""
    return tuple(sorted(path.relative_to(DIRECTORY) for path in DIRECTORY.rglob("*.json")))
