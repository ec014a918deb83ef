"""The command line, a verb a file; the only place that decides an exit code.

It knows flags, help and how errors are told. What a verb does stands in the room of that verb,
which Python calls as well.
"""

import embaudit.cli.audit  # noqa: I001 - verbs in the order of --help
import embaudit.cli.compare
import embaudit.cli.trend
import embaudit.cli.forecast
import embaudit.cli.project
import embaudit.cli.mine
import embaudit.cli.inspect
import embaudit.cli.reference  # noqa: F401 - they are registered by their import
from embaudit.cli.shell import EXIT_CODES, GateFailed, app

__all__ = ["EXIT_CODES", "GateFailed", "app"]
