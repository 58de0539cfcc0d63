"""The benchmarks: akia beside the bare HTTP server and beside its peers, every figure a ratio within one run (`python -m bench`)."""
