"""The figures that decide on a state, each beside what it is read against."""

from collections.abc import Iterator

from embaudit.render.text import count, figure
from embaudit.render.words.diagnosis_words import blamed, coincide, found, mistaken, own_finding
from embaudit.render.words.figure_blocks import KeyFigure, KeyFigures
from embaudit.render.words.measure_words import interval, value, value_of
from embaudit.render.words.sentence import Label, Part, Sentence
from embaudit.report import Reading, Report
from embaudit.report.diagnosis import Finding

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
PAIRS = 5
KINDS = {"point": "points", "dimensional": "dimensions", "class": "classes"}


def key_figures(report: Report, pairs: int = PAIRS) -> KeyFigures:
    """Of each state those that it was decided by; what labels would tell is left out without.

    pairs: of classes that are mistaken for each other, at most.
    """
    labelled = report.options.labels
    figures = [*(_told_apart(report) if labelled else _spread(report)), _collapse(report)]
    figures.append(_input(report))
    if labelled:
        figures += _suspects(report)
    mixed = tuple(_mistakes(report, pairs)) if labelled else ()
    return KeyFigures("chance" if labelled else "of", tuple(figures), mixed)


def _told_apart(report: Report) -> Iterator[KeyFigure]:
    chance = None if report.diagnosis is None else report.diagnosis.chance
    for id, name, by_chance in (
        ("precision_at_1", "nearest row right (P@1)", chance),
        ("separation_auc", "same class is nearer", RANDOM_ORDER),
    ):
        reading = report.measures.get(id)
        if reading is not None and reading.value is not None:
            beside = "" if by_chance is None else f"{100 * by_chance:.3g}%"
            yield KeyFigure(name, value(reading), beside, reading, known(reading))
        if id == "precision_at_1":
            yield from _without_fault(report)


def _without_fault(report: Report) -> Iterator[KeyFigure]:
    """What precision@1 is of the rows that the fault leaves alone, where that is known."""
    own = None if report.diagnosis is None else own_finding(report.diagnosis)
    without = None if own is None else own.evidence.get("precision_at_1_without")
    if isinstance(without, int | float):
        yield KeyFigure("without the fault", figure(without, "fraction"))


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
    """How a value is known: its interval, where there is one, else in a word."""
    return interval(reading) or reading.kind


def _collapse(report: Report) -> KeyFigure:
    """The kinds that are as grave as any, with what decided on them, then the others."""
    state = report.collapse
    kinds = {"point": state.point, "dimensional": state.dimensional, "class": state.class_}
    known = {kind: said for kind, said in kinds.items() if said is not None}
    if state.state == "none":
        return KeyFigure("collapse", "none", note=", ".join(KINDS[kind] for kind in known))
    worst, rest = [], []
    for kind, said in known.items():
        if said != state.state:
            rest.append(f"{KINDS[kind]} {said}")
        else:
            why = _why(report, kind)
            worst.append(f"{KINDS[kind]}: {why}" if why else KINDS[kind])
    told = [*worst, ", ".join(rest)] if rest else worst
    return KeyFigure("collapse", state.state, note="; ".join(told), needed=True)


def _why(report: Report, kind: str) -> str:
    """What decided on a kind of collapse, beside its limit, in the words of its measure."""
    reading = report.measures.get(f"{kind}_collapse")
    return "" if reading is None or reading.reason is None else reading.reason


def _input(report: Report) -> KeyFigure:
    """Whether anything is wrong with the file: faults by name, notices counted."""
    wrong = [one.title.lower() for one in _faults(report)]
    notices, quiet = len(report.warnings), sum(report.acknowledged.values())
    told = (
        f"{count(notices, 'notice')}: --full" if notices else "",
        f"{quiet:,} acknowledged" if quiet else "",
    )
    beside = ", ".join(filter(None, told))
    if not wrong:
        return KeyFigure("input", "fine", note=beside)
    note = "; ".join(filter(None, (", ".join(dict.fromkeys(wrong)), beside)))
    return KeyFigure("input", count(len(wrong), "fault"), note=note, needed=True)


def _faults(report: Report) -> list[Finding]:
    """What was found of the file, not of the classes."""
    told = () if report.diagnosis is None else report.diagnosis.findings
    return [one for one in told if one.mark in ("bad", "warning") and one.id not in NO_FAULTS]


def _suspects(report: Report) -> Iterator[KeyFigure]:
    blame = report.blame
    if blame is None or coincide(report) or found(report, "misaligned_labels"):
        return
    flagged = blame.rows.get("likely_mislabel", 0)
    if flagged and not blamed(report):
        return  # of such a set they say nothing
    told = [f"{figure(flagged / report.data.rows, 'fraction')} of the rows"] if flagged else []
    if flagged and blame.expected_wrong is not None:
        told.append(f"about {blame.expected_wrong:,.0f} of them wrong")
    yield KeyFigure("suspect labels", f"{flagged:,}", note=", ".join(told), needed=bool(flagged))


def _mistakes(report: Report, most: int) -> Iterator[tuple[str, Sentence]]:
    """Which classes are mistaken for each other, and how much of all mistakes that is."""
    pairs = mistaken(report)[:most]
    right = value_of(report, "precision_at_1")
    if not pairs or report.collapse.state == "collapsed" or found(report, "misaligned_labels"):
        return
    parts: list[Part] = []
    for k, one in enumerate(pairs):
        parts += [", "] if k else []
        parts += [Label(one.labels[0]), "/", Label(one.labels[1]), f" {one.wrong_neighbours:,}"]
    if right is not None and report.search.exact:
        wrong = round((1 - right) * report.data.anchors)
        parts.append(f": {sum(one.wrong_neighbours for one in pairs):,} of {wrong:,}")
    yield "most mistakes", tuple(parts)
