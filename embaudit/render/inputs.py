"""What was audited, in a line."""

from embaudit.render.text import count, inert, path
from embaudit.report import Report, SearchSummary


def inputs_line(report: Report, ascii_only: bool = False) -> str:
    """Files, rows, dimensions, classes, anchors, metric and search."""
    data, options, search = report.data, report.options, report.search
    files = list(dict.fromkeys(path(source.path, 40, ascii_only) for source in report.inputs))
    shown = " + ".join(files[:3]) + (f" + {len(files) - 3} more" if len(files) > 3 else "")
    margin = f", margin {options.margin:g}" if options.margin else ""
    exactness = "exact search" if search.exact else f"approximate search{_recall(search)}"
    parts = [
        shown,
        f"{count(data.rows, 'row')} x {count(data.dim, 'dim')}",
        count(data.classes, "class", "classes"),
        count(data.anchors, "anchor"),
        f"{options.metric}{margin}",
        f"{exactness} ({inert(search.backend, 80, ascii_only)})",
    ]
    return ", ".join(part for part in parts if part)


def _recall(search: SearchSummary) -> str:
    if search.recall is None:
        return ""
    ends = f" [{search.recall_lower:.4f}, {search.recall_upper:.4f}]" if search.recall_lower else ""
    return f", recall {search.recall:.4f}{ends}"
