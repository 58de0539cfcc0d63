"""What akia has and AWS has not: shadow policies and replays, and an API for security keys."""
