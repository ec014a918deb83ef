"""The command line, a verb a file; the only place that decides an exit code.

It knows flags, help and how errors are told. What a verb does stands in the room of that verb,
which Python calls as well.
"""

import embaudit.cli.audit_command  # noqa: I001 - verbs in the order of --help
import embaudit.cli.compare_command
import embaudit.cli.trend_command
import embaudit.cli.forecast_command
import embaudit.cli.project_command
import embaudit.cli.mine_command
import embaudit.cli.inspect_command
import embaudit.cli.doctor_command
import embaudit.cli.explain_command  # noqa: F401 - they are registered by their import
from embaudit.cli.exit_codes import EXIT_CODES, GateFailed
from embaudit.cli.typer_app import app

__all__ = ["EXIT_CODES", "GateFailed", "app"]
