"""What was audited, in a line."""

from collections.abc import Sequence

from embaudit.data import Source
from embaudit.render.text import count, inert, path
from embaudit.render.words.reading import interval, value
from embaudit.report import GallerySummary, Report, SearchSummary
from embaudit.report.mined import Mining
from embaudit.report.projection import Projection
from embaudit.report.sweep import Sweep
from embaudit.report.trend import Trend


def inputs_line(report: Report, ascii_only: bool = False) -> str:
    """Files, rows, dimensions, classes, anchors, metric and search."""
    data, options, search = report.data, report.options, report.search
    exactness = "exact search" if search.exact else f"approximate search{_recall(search)}"
    known = [count(data.classes, "class", "classes"), count(data.anchors, "anchor")]
    parts = [
        _files(report.inputs, ascii_only),
        f"{count(data.rows, 'row')} x {count(data.dim, 'dim')}",
        *(known if options.labels else ["no labels"]),
        _against(report.gallery),
        f"{options.metric}{_margin(options.margin)}",
        f"{exactness} ({inert(search.backend, 80, ascii_only)})" if options.labels else "",
    ]
    return ", ".join(part for part in parts if part)


def forecast_inputs_line(sweep: Sweep, ascii_only: bool = False) -> str:
    """Files, rows, dimensions, classes, metric and precision@1."""
    data, options = sweep.data, sweep.options
    parts = [
        _files(sweep.inputs, ascii_only),
        f"{count(data.rows, 'row')} x {count(data.dim, 'dim')}",
        count(data.classes, "class", "classes"),
        f"{options.metric}{_margin(options.margin)}",
        f"precision@1 {value(sweep.precision_at_1)} {interval(sweep.precision_at_1)}".rstrip(),
    ]
    return ", ".join(part for part in parts if part)


def trend_inputs_line(trend: Trend, ascii_only: bool = False) -> str:
    """Files, rows, dimensions, classes, metric, and how many audits were known."""
    first, options = trend.checkpoints[0], trend.options
    dims = {one.data.dim for one in trend.checkpoints}
    shape = (
        f"{min(dims):,} to {count(max(dims), 'dim')}" if len(dims) > 1 else count(min(dims), "dim")
    )
    known = sum(one.cached for one in trend.checkpoints)
    parts = [
        _files([source for one in trend.checkpoints for source in one.inputs], ascii_only),
        f"{count(first.data.rows, 'row')} x {shape}",
        count(first.data.classes, "class", "classes") if options.labels else "no labels",
        f"{options.metric}{_margin(options.margin)}",
        f"{count(known, 'audit')} of {len(trend.checkpoints)} from the cache" if known else "",
    ]
    return ", ".join(part for part in parts if part)


def projection_inputs_line(projection: Projection, ascii_only: bool = False) -> str:
    """Files, rows, dimensions, classes, metric and effort."""
    data, options = projection.data, projection.options
    parts = [
        _files(projection.inputs, ascii_only),
        f"{count(data.rows, 'row')} x {count(data.dim, 'dim')}",
        count(data.classes, "class", "classes"),
        options.metric,
        f"effort {options.effort}",
    ]
    return ", ".join(part for part in parts if part)


def mining_inputs_line(mining: Mining, ascii_only: bool = False) -> str:
    """Files, rows, dimensions, classes and metric."""
    data = mining.data
    parts = [
        _files(mining.inputs, ascii_only),
        f"{count(data.rows, 'row')} x {count(data.dim, 'dim')}",
        count(data.classes, "class", "classes"),
        mining.options.metric,
    ]
    return ", ".join(part for part in parts if part)


def _files(sources: Sequence[Source], ascii_only: bool) -> str:
    files = list(dict.fromkeys(source.path for source in sources))
    shown = " + ".join(path(file, 40, ascii_only) for file in files[:3])
    return shown + (f" + {len(files) - 3} more" if len(files) > 3 else "")


def _against(gallery: GallerySummary | None) -> str:
    if gallery is None:
        return ""
    rows = f"{gallery.rows:,} gallery rows of {count(gallery.classes, 'class', 'classes')}"
    return f"against {rows}, {gallery.shared_classes:,} shared"


def _margin(margin: float) -> str:
    return f", margin {margin:g}" if margin else ""


def _recall(search: SearchSummary) -> str:
    if search.recall is None:
        return ""
    ends = f" [{search.recall_lower:.4f}, {search.recall_upper:.4f}]" if search.recall_lower else ""
    return f", recall {search.recall:.4f}{ends}"
