"""Conditions: the operators, the texts they compare, and the truth of one condition."""

from akia.policy.conditions.evaluate import AnyCondition, Block, compile_block
from akia.policy.conditions.operators import OPERATORS, operator_name

__all__ = ["OPERATORS", "AnyCondition", "Block", "compile_block", "operator_name"]
