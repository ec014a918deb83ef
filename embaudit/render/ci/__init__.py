"""What services of CI show of a run: annotations and tests."""
