"""Proofs of identity that others issue: assertions and tokens, taken apart and verified. No I/O, no clock."""
