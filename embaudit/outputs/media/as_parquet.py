"""A Parquet file, a line a row."""

from typing import TYPE_CHECKING

from embaudit.outputs.media import OutputOptions

if TYPE_CHECKING:
    from embaudit.verbs.audit import Audited
    from embaudit.verbs.mine import Mined
    from embaudit.verbs.project import Projected


def audit(found: "Audited", options: OutputOptions) -> bytes:
    """A line an anchor; the file says of which run it is."""
    from embaudit.baseline import RUN_ID
    from embaudit.files import parquet_of

    return parquet_of(found.anchors(), {RUN_ID: found.report.run_id})


def project(found: "Projected", options: OutputOptions) -> bytes:
    """A line a row: what it is, how far it moves and where to."""
    from embaudit.files import parquet_of

    return parquet_of(found.table())


def mine(found: "Mined", options: OutputOptions) -> bytes:
    """Triplets, in the form that was asked for."""
    from embaudit.files import parquet_of

    return parquet_of(found.table(options.form, options.text_column))
