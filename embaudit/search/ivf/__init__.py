"""Approximate nearest negatives by inverted lists: rows that lie close together, of one class."""
