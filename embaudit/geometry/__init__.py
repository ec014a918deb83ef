"""Widths, balls, spectra, witnesses and pressure of plain arrays; it knows no reports."""
