"""What things cost: run with `python -m tests.benchmarks`."""
