"""Fuzzers: of each parse function, of transcripts, of bundles and of the whole way. See `python -m tests.fuzz -h`."""
