"""From a report to something to read: the terminal, Markdown, progress and the reference."""
