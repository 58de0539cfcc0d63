"""Rates and allowances as an engine: values in, values out; the clock is an argument."""
