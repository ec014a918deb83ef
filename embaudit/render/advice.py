"""What to look at next: at most three steps, derived from the report alone."""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice

from embaudit.render.diagnosis import blamed, coincide, outlook, suspects
from embaudit.render.reading import value_of
from embaudit.render.steps import Step
from embaudit.render.text import count, figure
from embaudit.report import ClassRow, Report, largest_of_low_risk, largest_safe, risk_of
from embaudit.report.command import Command
from embaudit.report.model import LabelField

Name = Callable[[LabelField | None], str]  # how the medium writes a label


def next_steps(report: Report, name: Name, most: int = 3) -> list[str]:
    """The most urgent first; `name` writes a label so that it is inert in the medium."""
    return list(islice(_steps(report, name), most))


def worst_classes(report: Report, most: int) -> tuple[list[ClassRow], int]:
    """The classes with most violated triplets, then anchors, then gap; and how many more violate.

    One row astray makes all anchors of a class violate, but few of its triplets.
    """
    guilty = [row for row in report.classes if row.violating_anchors]
    guilty.sort(
        key=lambda row: (
            -(row.violated_triplets or 0),
            -(row.violating_anchors or 0),
            -(row.largest_gap or 0),
        )
    )
    return guilty[:most], max(0, len(guilty) - most)


def _steps(report: Report, name: Name) -> Iterator[str]:
    collapsed = report.collapse.state == "collapsed"
    if collapsed:
        yield from _collapsed(report)
    undecided = sum(rule.status == "undecided" for rule in report.gate.rules)
    if undecided:
        yield f"Settle {count(undecided, 'undecided gate rule')}: the remedies stand under Gate."
    yield from _leakage(report)
    if not coincide(report):
        told = list(_contradiction(report, name))
        yield from told
        labels = list(_mislabels(report, name))
        yield from labels
        yield from () if told or labels else _culprit(report)
        yield from _confused(report, name)
        yield from () if collapsed else _risk(report)
        yield from () if collapsed else _dimensions(report)
        yield from () if told or collapsed else _duplicates(report)
        yield from _hardest(report, name)
    holds = report.options.labels or report.collapse.state == "none"
    if not collapsed and not report.gate.rules and not suspects(report) and holds:
        gates = (*_limit(report), "collapse_state == none")
        hold = f"Hold this state in CI, where {' and '.join(gates)} decides the exit code:"
        yield _step(report, hold, gate=gates)
    if not report.options.labels:
        yield "With labels for the rows (--labels FILE), audit how well they separate."


def _step(report: Report, text: str, **options: str | tuple[str, ...]) -> Step:
    """A step that audits the same input again, with these options."""
    asked = report.invocation
    return Step(text, None if asked is None else asked.then("audit", **options))


def _limit(report: Report) -> Iterator[str]:
    """A rule that the report meets, with a little room."""
    reading = report.measures.get("violated_triplets")
    if reading is not None and reading.upper is not None:
        yield f"violated_triplets <= {math.ceil(1000 * reading.upper + 1) / 1000:g}"


def _collapsed(report: Report) -> Iterator[str]:
    state = report.collapse
    if state.point == "collapsed":
        copied = list(_twins(report))
        if copied and not coincide(report):
            yield f"{copied[0]}: saved twice, or inputs that occur twice? Leave one of each."
            return
        yield (
            "Do not ship a checkpoint that gives nearly the same vector whatever goes in. During "
            "training a batch-hard loss that stays at the margin is the sign of "
            f"it{_loss(report)}."
        )
        for found in copied:
            yield f"{found}: the network maps its inputs to a few vectors."
        yield (
            "Go back to the last checkpoint before it and train on with semi-hard or random "
            "negatives, or with smaller batches."
        )
    elif state.class_ == "collapsed":
        yield (
            "Check that labels and embeddings are in the same order: the classes are "
            "indistinguishable, as they are when rows are shuffled or the network is untrained."
        )
    else:
        yield Step(
            "Few directions carry all the variance. Check for a bottleneck, too strong a weight "
            "decay or a dead layer:",
            Command("explain", ("dimensional_collapse",)),
        )


def _twins(report: Report) -> Iterator[str]:
    """Where at least half of the rows have one."""
    copies, rows = report.data.duplicate_rows, report.data.rows
    if 2 * copies >= rows:
        yield (
            f"Find out why {copies:,} of {count(rows, 'row')} have an identical "
            f"twin{_others(report)}"
        )


def _loss(report: Report) -> str:
    """The loss, where it is what a collapsed set has."""
    loss, margin = value_of(report, "batch_hard_loss"), report.options.margin
    if loss is None or not margin or abs(loss - margin) > 0.1 * margin:
        return ""
    return f": {figure(loss)} here, with a margin of {figure(margin)}"


def _others(report: Report) -> str:
    """The few rows that are no copies."""
    rows = [] if report.blame is None else report.blame.worst_rows
    apart = [str(one.row) for one in rows if one.attribution == "outlier"]
    if not 0 < len(apart) <= 5:
        return ""
    return f" (not so: {'row' if len(apart) == 1 else 'rows'} {', '.join(apart)})"


def _contradiction(report: Report, name: Name) -> Iterator[str]:
    """No embedding can separate one vector from itself."""
    for triplet in report.hardest_triplets:
        if triplet.d_negative == 0:
            query = "" if report.gallery is None else " of the queries"
            rows = f"{triplet.anchor}{query} and {_other(report, triplet.negative)}"
            labels = f"{name(triplet.anchor_label)} and {name(triplet.negative_label)}"
            yield f"Mend rows {rows}: the same vector under two labels, {labels}."
            return


def _culprit(report: Report) -> Iterator[str]:
    """One row in most of the hardest triplets is an outlier or a mislabel, not an overlap."""
    seen: Counter[str] = Counter()
    wrong = [one for one in report.hardest_triplets if one.violation > 0]
    for one in wrong:
        others = _other(report, one.positive), _other(report, one.negative)
        seen.update((str(one.anchor), *others))
    for row, times in seen.most_common(1):
        if times >= max(3, len(wrong) / 2):
            yield (
                f"Check the label of row {row}: it takes part in {times} of the {len(wrong)} "
                "hardest triplets."
            )


def _other(report: Report, row: int) -> str:
    """A positive or a negative: with a gallery, one of its rows."""
    return str(row) if report.gallery is None else f"{row} of the gallery"


def _leakage(report: Report) -> Iterator[str]:
    """Nothing else can be read before it is clear whether the sets are two."""
    if report.gallery is not None and report.gallery.leaked_rows:
        yield (
            f"Take {count(report.gallery.leaked_rows, 'leaked row')} out of the queries or the "
            "gallery, unless they are meant to be in both: they flatter every figure."
        )


def _mislabels(report: Report, name: Name) -> Iterator[str]:
    """The likely mislabels, by the surest one: cheaper to mend than to train away."""
    worst = [one for one in blamed(report) if one.attribution == "likely_mislabel"]
    if worst:
        row, total = worst[0], suspects(report)
        asked = report.invocation
        table = "anchors.parquet" if asked is None else asked.beside("anchors.parquet")
        yield _step(
            report,
            f"Check {count(total, 'suspect label')}, the surest first: row {row.row} is labelled "
            f"{name(row.label)} and at home in {name(row.likely_label)}. Mend what is wrong and "
            "audit again. All of them, in a table of anchors:",
            output=table,
        )


def _duplicates(report: Report) -> Iterator[str]:
    rows = report.data.duplicate_rows
    if rows:
        yield f"Check {count(rows, 'row')} identical to another: read twice, or embedded twice?"


def _confused(report: Report, name: Name) -> Iterator[str]:
    """Classes that overlap when no row is to blame, else the worst one."""
    pairs = [] if report.blame is None else report.blame.confused_pairs
    pairs = [pair for pair in pairs if pair.wrong_neighbours][:1]
    for pair in pairs:
        one, other = map(name, pair.labels)
        yield (
            f"See whether classes {one} and {other} can be told apart: {pair.wrong_neighbours:,} "
            f"of their anchors have a nearest row of the other, {pair.anchors:,} violate with it, "
            "rows to blame set aside."
        )
    worst, _ = worst_classes(report, 0 if pairs else 1)
    for row in worst:
        share = f"{figure(row.violating_anchors, 'fraction')} of its anchors"
        if row.violated_triplets is not None:
            share += f" and {figure(row.violated_triplets, 'fraction')} of its triplets"
        against = row.most_confused_with
        other = "" if against is None else f", most often against {name(against)}"
        yield f"Look at class {name(row.label)}: {share} violate{other}."


def _risk(report: Report) -> Iterator[str]:
    risk = report.measures.get("collapse_risk")
    if risk is None or risk.value is None:
        return
    if risk_of(risk.value if risk.upper is None else risk.upper) == "low":
        return
    safe = largest_safe(outlook(report))
    if safe is None and report.options.margin == 0:
        yield (
            "Before batch-hard training give the training margin (--margin): which batches are "
            "safe depends on it."
        )
        return
    low = largest_of_low_risk(outlook(report))
    if safe is None and low is not None:
        yield (
            f"Batch-hard training has a low risk with batches of {low.classes_per_batch} classes x "
            f"{low.samples_per_class} rows at most; no forecast batch shape is surely safe: see "
            "embaudit forecast."
        )
        return
    if safe is None:
        yield (
            "Do not continue with batch-hard mining from here (no forecast batch shape is safe): "
            "train with semi-hard or random negatives first."
        )
        return
    yield Step(
        f"Before batch-hard training with batches larger than {safe.classes_per_batch} classes x "
        f"{safe.samples_per_class} rows, see a forecast, for the risk grows with the batch:",
        report.invocation.then("forecast") if report.invocation else None,
    )


def _dimensions(report: Report) -> Iterator[str]:
    if report.collapse.dimensional == "warning":
        rank = value_of(report, "entropy_rank")
        seen = "" if rank is None else f" (entropy rank {figure(rank)})"
        yield Step(
            f"See how few dimensions are in use{seen}:",
            Command("explain", ("dimensional_collapse",)),
        )


def _hardest(report: Report, name: Name) -> Iterator[str]:
    known = {one.row for one in blamed(report)}
    for triplet in report.hardest_triplets[:1]:
        if known & {triplet.anchor, triplet.positive, triplet.negative}:
            continue  # told of already
        if triplet.violation > 0:
            positive, negative = (
                _other(report, row) for row in (triplet.positive, triplet.negative)
            )
            yield (
                f"Inspect the hardest triplet: anchor row {triplet.anchor}, its positive "
                f"{positive} and the negative {negative} ({name(triplet.negative_label)})."
            )
