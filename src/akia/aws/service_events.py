"""Names of events that nobody calls for: services tell them by themselves (AC2.6)."""

from __future__ import annotations

EXPOSED = "AWS_RISK_CREDENTIALS_EXPOSED"
"""What AWS Health sends for a leaked key, and akia for one that was reported."""

REMINDER = "AccessKeyExpiryReminder"
"""A key is about to expire or to come of age; akia's own."""
