"""Widths, balls, spectra, witnesses and pressure of plain arrays; it knows no reports.

Here stand the certificates: a value comes with ends that enclose the truth, and with the witness
that proves it. It knows numbers only, neither labels in words nor files.
"""
