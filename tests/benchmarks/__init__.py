"""What things cost: `python -m tests.benchmarks` measures this package beside its peers (extra `bench`)."""
