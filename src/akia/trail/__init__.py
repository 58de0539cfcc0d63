"""The audit trail as an engine: what an event says, and what stands beside it. Values in, values out; where they are kept is the store's
affair."""
