"""A library that only some formats need, and an extra of the package brings."""

from importlib import import_module
from typing import Any

from embaudit.core.optional_packages import install_line
from embaudit.errors import InputRefused
from embaudit.files.file_status import StoredFile


def needed(library: str, extra: str, file: StoredFile) -> Any:
    """The module; raises InputRefused, which names the extra, where it is not installed."""
    try:
        return import_module(library)
    except ImportError as error:
        raise InputRefused(
            f"{file.path}: .{file.format} is read by {library}, which is not installed.",
            f"{install_line(extra)}.",
        ) from error
