"""Markdown, for pages of pull requests and job summaries."""
