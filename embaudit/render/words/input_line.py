"""What was audited, in a line."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from embaudit.data import Source
from embaudit.render.safe_text import count
from embaudit.render.words.measured_value_words import interval, value
from embaudit.render.words.rich_text import Data, FilePath, Part, Sentence, joined
from embaudit.report import GallerySummary, Report, SearchSummary

if TYPE_CHECKING:  # an audit is told without them
    from embaudit.report.forecast_document import Sweep
    from embaudit.report.mining_document import Mining
    from embaudit.report.projection_document import Projection
    from embaudit.report.trend_document import Trend


def inputs_line(report: Report) -> tuple[Part, ...]:
    """Files, rows, dimensions, classes, anchors, metric and search."""
    data, options, search = report.data, report.options, report.search
    exactness = "exact search" if search.exact else f"approximate search{_recall(search)}"
    known = [count(data.classes, "class", "classes"), count(data.anchors, "anchor")]
    parts: list[Sentence] = [
        _files(report.inputs),
        f"{count(data.rows, 'row')} x {count(data.dim, 'dim')}",
        *(known if options.labels else ["no labels"]),
        _against(report.gallery),
        f"{options.metric}{_margin(options.margin)}",
        (f"{exactness} (", Data(search.backend, 80), ")") if options.labels else "",
    ]
    return joined(parts, ", ")


def subject(report: Report) -> tuple[Part, ...]:
    """The same for the first line of a screen: what a reader knows it by."""
    data, options = report.data, report.options
    classes = count(data.classes, "class", "classes") if options.labels else "no labels"
    said = joined(
        [
            f"{count(data.rows, 'row')} x {count(data.dim, 'dim')}",
            classes,
            _against(report.gallery),
            f"{options.metric} distance{_margin(options.margin)}",
            "" if report.search.exact else f"approximate search{_recall(report.search)}",
        ],
        ", ",
    )
    files = list(dict.fromkeys(one.path for one in report.inputs if one.role == "embeddings"))
    more = f" + {len(files) - 1} more" if len(files) > 1 else ""
    name = FilePath(files[0].rpartition("/")[2] or files[0]) if files else "arrays"
    return name, f"{more}: ", *said


def forecast_inputs_line(sweep: "Sweep") -> tuple[Part, ...]:
    """Files, rows, dimensions, classes, metric and precision@1."""
    data, options = sweep.data, sweep.options
    parts: list[Sentence] = [
        _files(sweep.inputs),
        f"{count(data.rows, 'row')} x {count(data.dim, 'dim')}",
        count(data.classes, "class", "classes"),
        f"{options.metric}{_margin(options.margin)}",
        f"precision@1 {value(sweep.precision_at_1)} {interval(sweep.precision_at_1)}".rstrip(),
    ]
    return joined(parts, ", ")


def trend_inputs_line(trend: "Trend") -> tuple[Part, ...]:
    """Files, rows, dimensions, classes, metric, and how many audits were known."""
    first, options = trend.checkpoints[0], trend.options
    dims = {one.data.dim for one in trend.checkpoints}
    shape = (
        f"{min(dims):,} to {count(max(dims), 'dim')}" if len(dims) > 1 else count(min(dims), "dim")
    )
    known = sum(one.cached for one in trend.checkpoints)
    parts: list[Sentence] = [
        _files([source for one in trend.checkpoints for source in one.inputs]),
        f"{count(first.data.rows, 'row')} x {shape}",
        count(first.data.classes, "class", "classes") if options.labels else "no labels",
        f"{options.metric}{_margin(options.margin)}",
        f"{count(known, 'audit')} of {len(trend.checkpoints)} from the cache" if known else "",
    ]
    return joined(parts, ", ")


def projection_inputs_line(projection: "Projection") -> tuple[Part, ...]:
    """Files, rows, dimensions, classes, metric and effort."""
    data, options = projection.data, projection.options
    parts: list[Sentence] = [
        _files(projection.inputs),
        f"{count(data.rows, 'row')} x {count(data.dim, 'dim')}",
        count(data.classes, "class", "classes"),
        options.metric,
        f"effort {options.effort}",
    ]
    return joined(parts, ", ")


def mining_inputs_line(mining: "Mining") -> tuple[Part, ...]:
    """Files, rows, dimensions, classes and metric."""
    data = mining.data
    parts: list[Sentence] = [
        _files(mining.inputs),
        f"{count(data.rows, 'row')} x {count(data.dim, 'dim')}",
        count(data.classes, "class", "classes"),
        mining.options.metric,
    ]
    return joined(parts, ", ")


def _files(sources: Sequence[Source]) -> Sentence:
    files = list(dict.fromkeys(source.path for source in sources))
    more = f" + {len(files) - 3} more" if len(files) > 3 else ""
    return (*joined([FilePath(file) for file in files[:3]], " + "), *([more] if more else ()))


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
