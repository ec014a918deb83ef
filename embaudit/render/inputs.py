"""What was audited, in a line."""

from embaudit.render.text import count, inert, path
from embaudit.report import Report


def inputs_line(report: Report, ascii_only: bool = False) -> str:
    """Files, rows, dimensions, classes, anchors, metric and search."""
    data, options, search = report.data, report.options, report.search
    files = list(dict.fromkeys(path(source.path, 40, ascii_only) for source in report.inputs))
    shown = " + ".join(files[:3]) + (f" + {len(files) - 3} more" if len(files) > 3 else "")
    margin = f", margin {options.margin:g}" if options.margin else ""
    recall = "" if search.recall is None else f", recall {search.recall:.4f}"
    exactness = "exact" if search.exact else f"approximate{recall}"
    parts = [
        shown,
        f"{count(data.rows, 'row')} x {count(data.dim, 'dim')}",
        count(data.classes, "class", "classes"),
        count(data.anchors, "anchor"),
        f"{options.metric}{margin}",
        f"{exactness} search ({inert(search.backend, 80, ascii_only)})",
    ]
    return ", ".join(part for part in parts if part)
