"""Regions: how a name looks, and where global services live."""

from __future__ import annotations

import re

GLOBAL_REGION = "us-east-1"
"""The region of IAM's and global STS's events and of `aws:RequestedRegion` for them (P4.3-3)."""

GLOBAL_SERVICES = frozenset({"iam", "sts", "organizations", "iam-toolbox"})

_NAME = re.compile(r"[a-z0-9]{1,32}(-[a-z0-9]{1,32}){0,6}", re.ASCII)


def is_region_name(text: str) -> bool:
    """Whether `text` can name a region. Clients sign with their own region, also `aws-global` (W1.1): the form counts, not a list."""
    return _NAME.fullmatch(text) is not None
