"""The figures that decide on a state, each beside what it is read against."""

from collections.abc import Iterator

from embaudit.core.intervals import TIES
from embaudit.render.safe_text import count, figure
from embaudit.render.words.figure_blocks import KeyFigure, KeyFigures
from embaudit.render.words.measured_value_words import interval, value, value_of
from embaudit.render.words.rich_text import Data, Label, Part, Sentence
from embaudit.render.words.visibility_rules import blamed, coincide, found, mistaken, own_finding
from embaudit.report import Reading, Report
from embaudit.report.diagnosis_model import Finding
from embaudit.report.notice_catalog import NOTICES

# Findings that are not of the file: of the classes, and of what was asked.
NO_FAULTS = (
    "collapsed",
    "collapse_warning",
    "overlapping",
    "suspect_labels",
    "scale_below_margin",
    "margin_out_of_reach",
    "metric_mismatch",
)
RANDOM_ORDER = 0.5  # the AUC of one
LONGEST = 200  # cells of what is said of the input
PAIRS = 4
TITLES = {one.id: one.title for one in NOTICES}
KINDS = {"point": "points", "dimensional": "dimensions", "class": "classes"}


def key_figures(report: Report, pairs: int = PAIRS) -> KeyFigures:
    """Of each state those that it was decided by; what labels would tell is left out without.

    pairs: of classes that are mistaken for each other, at most.
    """
    labelled = report.options.labels
    figures = [*(_told_apart(report) if labelled else _spread(report)), *_collapse(report)]
    figures.append(_input(report))
    if labelled:
        figures.append(_suspects(report))
    mixed = tuple(_mistakes(report, pairs)) if labelled else ()
    return KeyFigures("chance" if labelled else "of", tuple(figures), mixed)


def _told_apart(report: Report) -> Iterator[KeyFigure]:
    chance = None if report.diagnosis is None else report.diagnosis.chance
    for id, name, by_chance in (
        ("precision_at_1", "nearest row right (P@1)", chance),
        ("separation_auc", "same class nearer (AUC)", RANDOM_ORDER),
    ):
        reading = report.measures.get(id)
        if reading is not None and reading.value is not None:
            beside = "" if by_chance is None else share(by_chance)
            yield KeyFigure(name, share(reading.value), beside, reading, by_chance, known(reading))
        if id == "precision_at_1":
            yield from _without_fault(report)


def share(value: float) -> str:
    """Three digits of a share; never 0 % or 100 % for one that is not."""
    told = f"{100 * value:.3g}%"
    return figure(value, "fraction") if told in ("0%", "100%") else told


def _without_fault(report: Report) -> Iterator[KeyFigure]:
    """What precision@1 is of the rows that the fault leaves alone, where that is known."""
    own = None if report.diagnosis is None else own_finding(report.diagnosis)
    without = None if own is None else own.evidence.get("precision_at_1_without")
    if isinstance(without, int | float):
        yield KeyFigure("without the fault", share(without))


def _spread(report: Report) -> Iterator[KeyFigure]:
    """Without labels: over how many directions rows are spread, and how many are copies."""
    for id, name, beside in (
        ("entropy_rank", "directions in use", f"{report.data.dim:,}"),
        ("duplicate_rows", "copies of another row", f"{report.data.rows:,}"),
        ("mean_cosine", "cosine of two random rows", ""),
    ):
        reading = report.measures.get(id)
        if reading is not None and reading.value is not None:
            yield KeyFigure(name, value(reading), beside, note=known(reading))


def known(reading: Reading) -> str:
    """How a value is known: between which ends, and why, else in a word."""
    ends = interval(reading)
    if reading.kind == "certified" and (reading.reason or "").startswith(TIES):
        return f"{ends} by ties"
    return ends or reading.kind


def _collapse(report: Report) -> Iterator[KeyFigure]:
    """In a line that there is none; else each kind, with what decided on it."""
    state = report.collapse
    kinds = {"point": state.point, "dimensional": state.dimensional, "class": state.class_}
    known = {kind: said for kind, said in kinds.items() if said is not None}
    if state.state == "none":
        looked = ", ".join(KINDS[kind] for kind in known)
        yield KeyFigure("collapse", "none", note=f"of {looked}")
        return
    for kind, said in known.items():
        if said != "none":
            why = _why(report, kind)
            yield KeyFigure(f"collapse of {KINDS[kind]}", said, note=why, needed=bool(why))


def _why(report: Report, kind: str) -> str:
    """What decided on a kind of collapse, beside its limit, in the words of its measure."""
    reading = report.measures.get(f"{kind}_collapse")
    return "" if reading is None or reading.reason is None else reading.reason


def _input(report: Report) -> KeyFigure:
    """Whether anything is wrong with the file: faults by name, notices counted."""
    wrong = [one.title.lower() for one in _faults(report)]
    noted = [TITLES.get(one.code, one.code).lower() for one in report.warnings]
    quiet = sum(report.acknowledged.values())
    parts = (
        ", ".join(dict.fromkeys(wrong)),
        f"{', '.join(dict.fromkeys(noted))} (--full)" if noted else "",
        f"{quiet:,} acknowledged" if quiet else "",
    )
    told = "; ".join(filter(None, parts))
    note: Sentence = Data(told, LONGEST) if told else ""
    if not wrong:
        return KeyFigure("input", "fine", note=note)
    return KeyFigure("input", count(len(wrong), "fault"), note=note, needed=True)


def _faults(report: Report) -> list[Finding]:
    """What was found of the file, not of the classes."""
    told = () if report.diagnosis is None else report.diagnosis.findings
    return [one for one in told if one.mark in ("bad", "warning") and one.id not in NO_FAULTS]


def _suspects(report: Report) -> KeyFigure:
    blame = report.blame
    flagged = 0 if blame is None else blame.rows.get("likely_mislabel", 0)
    judged = blame is not None and not coincide(report) and not found(report, "misaligned_labels")
    if blame is None or not judged or (flagged and not blamed(report)):
        return KeyFigure("suspect labels", "-", note=_unjudged(report))
    if not flagged:
        return KeyFigure("suspect labels", "0")
    part, told = share(flagged / report.data.rows), ""
    if blame.expected_wrong is not None:
        wrong = round(blame.expected_wrong)
        told = f", about {wrong:,} wrong" if wrong < flagged else ", probably all wrong"
    return KeyFigure(
        "suspect labels", f"{flagged:,}", note=f"{part} of the rows{told}", needed=True
    )


def _unjudged(report: Report) -> str:
    """Why no label is called suspect."""
    if report.collapse.state == "collapsed":
        return "not judged in a collapse"
    if report.diagnosis is not None and report.diagnosis.state == "overlapping":
        return "not judged where classes mix"
    return "not judged by these rows"


def _mistakes(report: Report, most: int) -> Iterator[tuple[str, Sentence]]:
    """Which classes are mistaken for each other, and how much of all mistakes that is."""
    pairs = mistaken(report)[:most]
    right = value_of(report, "precision_at_1")
    if not pairs or report.collapse.state == "collapsed" or found(report, "misaligned_labels"):
        return
    parts: list[Part] = []
    for k, one in enumerate(pairs):
        parts += [", "] if k else []
        labels = Label(one.labels[0]), " and ", Label(one.labels[1])
        parts += [*labels, f" ({one.wrong_neighbours:,})"]
    if right is not None and report.search.exact:
        wrong = round((1 - right) * report.data.anchors)
        these = sum(one.wrong_neighbours for one in pairs)
        parts.append(f": {these:,} of {count(wrong, 'mistake')}")
    yield "most often mixed up", tuple(parts)
