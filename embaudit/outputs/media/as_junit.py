"""JUnit XML, a test a rule of the gate."""

from typing import TYPE_CHECKING

from embaudit.outputs.media import OutputOptions

if TYPE_CHECKING:
    from embaudit.verbs.audit import Audited


def audit(found: "Audited", options: OutputOptions) -> bytes:
    """The gate's rules."""
    from embaudit.render import render_junit

    return render_junit(found.report)
