"""The protocols that akia speaks, each a reader of inputs, a writer of results and a writer of errors (W5, W6, W7)."""
