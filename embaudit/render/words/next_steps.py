"""What to look at next: at most three steps, derived from the report alone."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice

from embaudit.render.safe_text import count, figure, inert, label
from embaudit.render.words.block_types import Answer
from embaudit.render.words.step_command import NextStep
from embaudit.render.words.visibility_rules import blamed, coincide, found, mistaken, outlook
from embaudit.report import ClassRow, Report, largest_of_low_risk, largest_safe, risk_of
from embaudit.report.base_model import LabelField
from embaudit.report.shell_command import Line

Name = Callable[[LabelField | None], str]  # how the medium writes a label


def next_steps(report: Report, name: Name = label, most: int = 3) -> list[str]:
    """The most urgent first; `name` writes a label, inert and not too long."""
    return list(islice(_steps(report, name), most))


def beside_steps(report: Report, told: Iterable[Answer]) -> Iterator[Answer]:
    """Findings without the remedy that is a step already."""
    asked = set() if report.diagnosis is None else {one.id for one in report.diagnosis.next}
    for one in told:
        yield replace(one, remedy="", command=None) if one.id in asked else one


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
    yield from _found(report)
    undecided = sum(rule.status == "undecided" for rule in report.gate.rules)
    if undecided:
        yield f"Settle {count(undecided, 'undecided gate rule')}: what to do stands with each."
    state = "" if report.diagnosis is None else report.diagnosis.state
    if report.collapse.state == "collapsed" or state == "check_input":
        # no row, class or batch tells anything before that
        yield from _copied(report) if report.collapse.point == "collapsed" else ()
        return
    yield from _leakage(report)
    told = list(_contradiction(report, name))
    yield from told
    yield from () if told else _culprit(report)
    if state != "check_labels":  # their mistakes are of the labels
        yield from _confused(report, name)
    yield from _risk(report)
    yield from () if told else _duplicates(report)
    yield from _hardest(report, name)
    held = report.collapse.state == "none" and state not in ("check_labels", "overlapping")
    if held and not report.gate.rules:
        gates = (*_limit(report), "collapse_state == none")
        hold = f"Hold this state in CI, where {' and '.join(gates)} decides the exit code:"
        yield _step(report, hold, gate=gates)
    if not report.options.labels:
        yield "With labels for the rows (--labels FILE), audit how well they separate."


def _found(report: Report) -> Iterator[NextStep]:
    """What the diagnosis asks for, by the name of what was found."""
    for one in () if report.diagnosis is None else report.diagnosis.next:
        remedy = inert(one.remedy, 400)
        if one.title:
            remedy = f"{one.title}: {remedy[:1].lower()}{remedy[1:]}"
        yield NextStep(remedy, None if one.command is None else Line(one.command))


def _step(report: Report, text: str, **options: str | tuple[str, ...]) -> NextStep:
    """A step that audits the same input again, with these options."""
    asked = report.invocation
    return NextStep(text, None if asked is None else asked.then("audit", **options))


def _limit(report: Report) -> Iterator[str]:
    """A rule that the report meets, with a little room."""
    reading = report.measures.get("violated_triplets")
    if reading is not None and reading.upper is not None:
        yield f"violated_triplets <= {math.ceil(1000 * reading.upper + 1) / 1000:g}"


def _copied(report: Report) -> Iterator[str]:
    """Where at least half of the rows are copies: saved twice, or what the network makes of all."""
    copies, rows = report.data.duplicate_rows, report.data.rows
    if 2 * copies >= rows:
        why = (
            "the network maps its inputs to a few vectors"
            if coincide(report)
            else "saved twice, or inputs that occur twice? Leave one of each"
        )
        yield (
            f"Find out why {copies:,} of {count(rows, 'row')} have an identical "
            f"twin{_others(report)}: {why}."
        )


def _others(report: Report) -> str:
    """The few rows that are no copies."""
    rows = [] if report.blame is None else report.blame.worst_rows
    apart = [str(one.row) for one in rows if one.attribution == "outlier"]
    if not 0 < len(apart) <= 5:
        return ""
    return f" (not so: {'row' if len(apart) == 1 else 'rows'} {', '.join(apart)})"


def _contradiction(report: Report, name: Name) -> Iterator[str]:
    """No embedding can separate one vector from itself."""
    if found(report, "near_copies", "repeated_vector") or not _readable(report):
        return
    for triplet in report.hardest_triplets:
        if triplet.d_negative == 0:
            query = "" if report.gallery is None else " of the queries"
            rows = f"{triplet.anchor}{query} and {_other(report, triplet.negative)}"
            labels = f"{name(triplet.anchor_label)} and {name(triplet.negative_label)}"
            yield f"Fix rows {rows}: the same vector under two labels, {labels}."
            return


def _culprit(report: Report) -> Iterator[str]:
    """One row in most of the hardest triplets is an outlier or a mislabel, not an overlap."""
    if found(report, "suspect_labels") or not _readable(report):
        return
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


def _readable(report: Report) -> bool:
    """Whether a triplet or a row by itself says anything: not before the classes are learnt."""
    overlapping = report.diagnosis is not None and report.diagnosis.state == "overlapping"
    return not overlapping and not found(report, "misaligned_labels") and not coincide(report)


def _leakage(report: Report) -> Iterator[str]:
    """Nothing else can be read before it is clear whether the sets are two."""
    leaked = 0 if report.gallery is None else report.gallery.leaked_rows
    if leaked and not found(report, "gallery_holds_queries"):
        yield (
            f"Take {count(leaked, 'leaked row')} out of the queries or the gallery, unless they "
            "are meant to be in both: they flatter every figure."
        )


def _duplicates(report: Report) -> Iterator[str]:
    rows = report.data.duplicate_rows
    if rows and not found(report, "repeated_block", "repeated_vector", "zero_rows"):
        yield f"Check {count(rows, 'row')} identical to another: read twice, or embedded twice?"


def _confused(report: Report, name: Name) -> Iterator[str]:
    """Classes that are mistaken for each other, suspect rows left aside; else the worst one."""
    if found(report, "overlapping", "misaligned_labels"):
        return  # the pairs are named there, or mean nothing
    pairs = mistaken(report)[:1]
    for pair in pairs:
        one, other = map(name, pair.labels)
        yield (
            f"Look at classes {one} and {other}: {pair.wrong_neighbours:,} rows of either are "
            "nearest to the other. Can a person tell them apart?"
        )
    worst, _ = worst_classes(report, 0 if pairs else 1)
    for row in worst:
        some = "violating_anchors" if row.violated_triplets is None else "violated_triplets"
        share = figure(getattr(row, some), "fraction")
        whose = "its anchors violate" if row.violated_triplets is None else "its triplets are wrong"
        against = row.most_confused_with
        other = "" if against is None else f", most often against {name(against)}"
        yield f"Look at class {name(row.label)}: {share} of {whose}{other}."


def _risk(report: Report) -> Iterator[str]:
    risk = report.measures.get("collapse_risk")
    if risk is None or risk.value is None:
        return
    if risk_of(risk.value if risk.upper is None else risk.upper) == "low":
        return
    safe = largest_safe(outlook(report))
    forecast = report.invocation.then("forecast") if report.invocation else None
    if safe is None and report.options.margin == 0:
        yield NextStep(
            "Before more batch-hard training, see which batches are safe from collapse:", forecast
        )
        return
    low = largest_of_low_risk(outlook(report))
    if safe is None and low is not None:
        yield NextStep(
            f"Batch-hard training has a low risk with batches of {low.classes_per_batch} classes x "
            f"{low.samples_per_class} rows at most; no forecast batch shape is surely safe:",
            forecast,
        )
        return
    if safe is None:
        yield (
            "Do not continue with batch-hard mining from here (no forecast batch shape is safe): "
            "train with semi-hard or random negatives first."
        )
        return
    yield NextStep(
        f"Before batch-hard training with batches larger than {safe.classes_per_batch} classes x "
        f"{safe.samples_per_class} rows, see a forecast, for the risk grows with the batch:",
        forecast,
    )


def _hardest(report: Report, name: Name) -> Iterator[str]:
    if not _readable(report):
        return
    known = {one.row for one in blamed(report)}
    for triplet in report.hardest_triplets[:1]:
        if known & {triplet.anchor, triplet.positive, triplet.negative}:
            continue  # told of already
        if triplet.violation > 0:
            positive, negative = (
                _other(report, row) for row in (triplet.positive, triplet.negative)
            )
            yield (
                f"Inspect the hardest triplet: anchor row {triplet.anchor} "
                f"({name(triplet.anchor_label)}), its positive "
                f"{positive} and the negative {negative} ({name(triplet.negative_label)})."
            )
