"""Annotations of a GitHub workflow run, a line each."""

from typing import TYPE_CHECKING

from embaudit.outputs.media import OutputOptions

if TYPE_CHECKING:
    from embaudit.verbs.audit import Audited


def audit(found: "Audited", options: OutputOptions) -> str:
    """The gate and the warnings; without quiet the verdict, too."""
    from embaudit.render import render_github

    return render_github(found.report, options.quiet)
