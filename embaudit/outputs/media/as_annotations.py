"""Annotations of a GitHub workflow run, a line each."""

from typing import TYPE_CHECKING

from embaudit.outputs.media import Asked

if TYPE_CHECKING:
    from embaudit.pipeline import Audited


def audit(found: "Audited", asked: Asked) -> str:
    """The gate and the warnings; without quiet the verdict, too."""
    from embaudit.render import render_github

    return render_github(found.report, asked.quiet)
