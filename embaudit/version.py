"""The version: of the package, of reports, of caches."""

__version__ = "0.1.0"
