"""Fuzzers: of each parse function, transcripts, bundles, the whole way, traces, comparisons and pseudonyms. See
`python -m tests.fuzz -h`."""
