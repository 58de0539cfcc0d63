"""AWS CloudTrail Data: events from outside."""
