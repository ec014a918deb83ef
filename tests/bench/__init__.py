"""The performance table: `python -m tests.bench -o bench.json`. Nothing is asserted on time."""
