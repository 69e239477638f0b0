"""How fast this package is, beside its peers: `python -m tests.benchmarks` prints a table (extra `bench`)."""
