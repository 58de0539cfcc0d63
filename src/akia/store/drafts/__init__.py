"""What is remembered of policies that are only tried: shadow policies, replays, and what came of them."""
