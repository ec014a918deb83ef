"""Hand-made measures and reports: nothing here is computed from embeddings."""

from collections.abc import Sequence
from typing import Any

from embaudit.core.intervals import Estimate, certified, exact, undefined
from embaudit.data import Notice, Source
from embaudit.measures.measure import Measure
from embaudit.report import (
    ClassRow,
    Collapse,
    DataSummary,
    ForecastRow,
    Options,
    Report,
    Rule,
    SearchSummary,
    Span,
    Tool,
    Triplet,
    Verdict,
)
from embaudit.report.changes_model import (
    AnchorChanges,
    Change,
    ClassChange,
    ClassChanges,
    Compared,
    PairedTest,
    Standing,
)
from embaudit.report.diagnosis_model import Diagnosis, Finding
from embaudit.report.suspects import CULPRITS, REASONS, Blame, ConfusedPair, CulpritRow

HOSTILE = (
    "[/]",
    "[bold red]x[/bold red]",
    "\x1b[31mred\x1b[0m",
    "\x1b]8;;http://evil\x07link\x1b]8;;\x07",
    "a\nb\r\nc\td",
    "\u202eevil\u2066x\u2069",
    "zero\u200bwidth\ufeff\u200d",
    "line\u2028para\u2029",
    "\ud800lone\udfff",
    "\x00\x7f\x80\x9b31m",
    "東京都の猫" * 30,
    "👩‍👩‍👧❤️🇩🇪",
    "שלום עולם",
    "e" + "\u0301" * 200,
    "a|b`c`<script>alert(1)</script> [x](javascript:1) ![i](http://e) **b** @all #1 www.e.org",
    "",
    " ",
    "``|``\\|",
    "x" * 1_000_000,
)

_SPECS: tuple[tuple[str, str, str, str, str], ...] = (
    ("violating_anchors", "Separation", "fraction", "lower", "{value} of anchors violate"),
    ("violated_triplets", "Separation", "fraction", "lower", "{value} of triplets are violated"),
    ("tied_triplets", "Separation", "fraction", "none", "{value} of triplets are exact ties"),
    (
        "separation_auc",
        "Separation",
        "fraction",
        "higher",
        "a positive is nearer than a negative in {value} of cases, averaged over anchors",
    ),
    (
        "hardest_triplet_loss",
        "Separation",
        "distance",
        "lower",
        "the hardest triplet misses separation by {value}",
    ),
    ("separation_margin", "Separation", "distance", "higher", "every triplet is {value} inside"),
    *(
        (f"gap_p{p}", "Separation", "distance", "lower", f"{p}% of gaps are below {{value}}")
        for p in (1, 5, 25, 50, 75, 95, 99)
    ),
    (
        "precision_at_1",
        "Retrieval",
        "fraction",
        "higher",
        "the nearest row has the same label for {value} of anchors",
    ),
    ("map_at_r", "Retrieval", "fraction", "higher", "MAP@R is {value}"),
    (
        "d_iso",
        "Distance to a triplet-separated map",
        "distance",
        "lower",
        "the nearest triplet-separated map changes some distance by {value}; the lower end holds "
        "whatever the number of dimensions",
    ),
    (
        "d_haus",
        "Distance to a triplet-separated map",
        "distance",
        "lower",
        "some row must move by {value}",
    ),
    ("thickness", "Thickness", "distance", "none", "the embedding's minimum width is {value}"),
    ("rms_pair_distance", "Thickness", "distance", "none", "two random rows are {value} apart"),
    ("iap_factor", "Thickness", "ratio", "lower", "diameter over thickness is {value}"),
    ("collapse_state", "Collapse", "state", "lower", "collapse state: {value}"),
    ("dimensional_collapse", "Collapse", "state", "lower", "dimensional collapse: {value}"),
    ("collapse_risk", "Collapse", "fraction", "lower", "{value} of the gradient contracts"),
    ("entropy_rank", "Spectrum", "dimensions", "higher", "{value} dimensions carry variance"),
    ("duplicate_rows", "Collapse", "rows", "lower", "{value} rows equal another"),
)


def _never(_: Any) -> Estimate:
    raise AssertionError("rendering computes nothing")


MEASURES = tuple(
    Measure(
        id=id,
        title=id.replace("_", " ").capitalize(),
        group=group,
        unit=unit,  # type: ignore[arg-type]
        better=better,  # type: ignore[arg-type]
        formula=f"sum |a - b| over {id}",
        range="[0, inf)",
        low=f"near 0: little of {group.lower()}",
        high="look at the worst class",
        source="Definition 1",
        says=says,
        meaning=f"What {id} means, at some length, so that it has to be wrapped on a page.",
        advice="Look at the worst class; a `|` here is harmless.",
        presets=frozenset({"paper", "standard"}),
        compute=_never,
    )
    for id, group, unit, better, says in _SPECS
)

BOUNDS: dict[str, Estimate] = {
    "violating_anchors": exact(9871 / 10106),
    "violated_triplets": Estimate("sampled", 0.0412, 0.0397, 0.0427, 0.99),
    "tied_triplets": exact(0),
    "separation_auc": Estimate("sampled", 0.9802, 0.9791, 0.9813, 0.99),
    "hardest_triplet_loss": exact(34.412345),
    "separation_margin": undefined("some triplets are violated"),
    "gap_p1": exact(-3.1),
    "gap_p5": exact(1.25),
    "gap_p25": exact(6.5),
    "gap_p50": exact(10.75),
    "gap_p75": exact(15.0),
    "gap_p95": exact(22.5),
    "gap_p99": exact(28.0),
    "precision_at_1": exact(0.9134),
    "map_at_r": Estimate("estimate", 0.612),
    "d_iso": certified(17.2061725, 31.90123, "upper end: class shrink with ball centres"),
    "d_haus": certified(11.4, 15.95),
    "thickness": certified(0.000123456, 0.31),
    "rms_pair_distance": exact(28.9),
    "iap_factor": certified(212.5, float("inf"), "the thickness may be zero"),
    "collapse_state": exact(1),
    "dimensional_collapse": exact(1),
    "collapse_risk": Estimate("sampled", 0.71, 0.65, 0.77, 0.99),
    "entropy_rank": exact(3.14159),
    "duplicate_rows": exact(4),
}

_CLASSES = tuple(
    ClassRow(
        label=label,
        rows=rows,
        violating_anchors=share,
        violated_triplets=share / 20,
        largest_gap=gap,
        most_confused_with=other,
    )
    for label, rows, share, gap, other in (
        ("uppercase I", 163, 1.0, 34.41, "lowercase l"),
        ("lowercase l", 163, 1.0, 31.02, "uppercase I"),
        ("zero", 163, 0.9939, 29.7, "uppercase O"),
        ("uppercase O", 163, 0.9877, 28.1, "zero"),
        ("five", 163, 0.84, 12.3, "uppercase S"),
    )
)

_TRIPLETS = tuple(
    Triplet(
        anchor=5210 + k,
        positive=5102 + k,
        negative=8891 - k,
        ids=None,
        anchor_label="uppercase I",
        negative_label="lowercase l",
        d_positive=36.5 - k,
        d_negative=2.0877,
        violation=34.4123 - k,
    )
    for k in range(12)
)


def diagnosis(
    state: str, reason: str, *findings: Finding, chance: float | None = 0.0163
) -> Diagnosis:
    """What was found, and of it what asks for something next."""
    asking = tuple(one for one in findings if one.mark != "good" and one.remedy)[:3]
    return Diagnosis(
        state=state, reason=reason, chance=chance, findings=findings, next=asking,  # type: ignore[arg-type]
    )  # fmt: skip


POINTS = "without labels nothing is known of classes"
RIGHT = "the nearest row has the right class for 91.3%; nothing collapsed"
NOT_COLLAPSED = Finding(
    id="not_collapsed",
    title="Not collapsed",
    mark="good",
    headline="Not collapsed: points, dimensions, classes",
)
FEW_DIRECTIONS = Finding(
    id="collapse_warning",
    title="Close to a collapse",
    mark="warning",
    headline="Close to a dimensional collapse",
    remedy="Compare with an earlier checkpoint before training on.",
    command="embaudit explain dimensional_collapse",
)
ONE_POINT = Finding(
    id="collapsed",
    title="Collapse",
    mark="bad",
    headline="inputs of different classes get nearly the same vector",
    details=("By kind: point collapsed, dimensional none, class collapsed.",),
    remedy="Go back to the last checkpoint before it, and train on with semi-hard negatives.",
    command="embaudit explain point_collapse",
)
SUSPECTS = Finding(
    id="suspect_labels",
    title="Suspect labels",
    mark="bad",
    headline="11 rows (0.1%) have a suspect label",
    details=("First: row 977 is 'five', its neighbours are 'uppercase S'.",),
    remedy="Look at these labels, the surest first, and fix what is wrong.",
    command="embaudit audit runs/glyph/step3000.npy --labels runs/glyph/labels.npy "
    "-o anchors.parquet",
)
COPIES = Finding(
    id="near_copies",
    title="Copies under other labels",
    mark="warning",
    headline="20 rows have a copy under another label",
    details=("The nearest is 0.0002 RMS pair distances off.",),
    remedy="Decide which label is right, and keep one of the copies.",
    command="embaudit explain near_copies",
)


def report(bounds: dict[str, Estimate] | None = None, **changes: Any) -> Report:
    """A plausible trained network; `changes` replace fields of the report."""
    readings = {
        measure.id: measure.reading((bounds or BOUNDS)[measure.id], 28.9)
        for measure in MEASURES
        if measure.id in (bounds or BOUNDS)
    }
    fields: dict[str, Any] = {
        "schema_version": 1,
        "tool": Tool(name="embaudit", version="0.1.0"),
        "run_id": "9f8a7c6b5d4e3f2a",
        "inputs": (
            Source("embeddings", "runs/glyph/step3000.npy", "npy", 10106, 128, "float32", "0" * 64),
            Source("labels", "runs/glyph/labels.npy", "npy", 10106, None, "int64", "0" * 64),
        ),
        "data": DataSummary(
            rows=10106, dim=128, classes=62, anchors=10106, singleton_classes=0, duplicate_rows=4
        ),
        "options": Options(
            metric="l2",
            margin=0.2,
            batch=(18, 4),
            measures="standard",
            search="exact",
            effort=0,
            seed=0,
            sample=None,
        ),
        "search": SearchSummary(backend="faiss flat", exact=True, recall=None, why="small"),
        "warnings": (),
        "diagnosis": diagnosis("healthy", RIGHT, FEW_DIRECTIONS),
        "collapse": collapse(dimensional="warning", evidence={"entropy_rank": 3.14159}),
        "measures": readings,
        "classes": _CLASSES,
        "hardest_triplets": _TRIPLETS,
        "forecast": (
            forecast(8, 4, 0.55, -0.1),
            forecast(18, 4, 0.71, 0.12),
            forecast(62, 8, 0.95, 0.4),
        ),
        "gate": Verdict(verdict="none", rules=()),
        "environment": {},
        "timing": {},
    }
    return Report(**(fields | changes))


def collapse(**kinds: Any) -> Collapse:
    states = {"point": "none", "dimensional": "none", "class": "none"}
    states |= {kind: state for kind, state in kinds.items() if kind in states}
    worst = max(states.values(), key=("none", "warning", "collapsed").index)
    evidence = kinds.get("evidence", {"rms_pair_distance": 28.9, "mean_cosine": 0.21})
    return Collapse(state=worst, evidence=evidence, **states)  # type: ignore[arg-type]


def forecast(classes: int, rows: int, pressure: float, gap: float | None) -> ForecastRow:
    risk = "low" if pressure + 0.04 < 0.6 else "rising" if pressure + 0.04 < 0.9 else "high"
    return ForecastRow(
        classes_per_batch=classes,
        samples_per_class=rows,
        batch=classes * rows,
        pressure=Span(value=pressure, lower=pressure - 0.04, upper=min(1, pressure + 0.04)),
        gap=None if gap is None else Span(value=gap, lower=gap - 0.05, upper=gap + 0.05),
        risk=risk,  # type: ignore[arg-type]
        loss=Span(value=pressure / 4, lower=pressure / 4 - 0.03, upper=pressure / 4 + 0.03),
        safe=risk == "low" or (gap is not None and gap + 0.05 <= 0),
    )


def trained() -> Report:
    return report()


def healthy() -> Report:
    """Separated clusters: nothing violates."""
    bounds = BOUNDS | {
        "violating_anchors": exact(0),
        "violated_triplets": exact(0),
        "separation_auc": exact(1),
        "hardest_triplet_loss": exact(0),
        "separation_margin": exact(12.5),
        "d_iso": exact(0),
        "d_haus": exact(0),
        "collapse_state": exact(0),
        "dimensional_collapse": exact(0),
        "collapse_risk": Estimate("sampled", 0.02, 0.0, 0.05, 0.99),
        **{f"gap_p{p}": exact(-60 + p / 3) for p in (1, 5, 25, 50, 75, 95, 99)},
    }
    data = DataSummary(
        rows=10106, dim=128, classes=62, anchors=10106, singleton_classes=0, duplicate_rows=0
    )
    clean = tuple(row.model_copy(update={"violating_anchors": 0.0}) for row in _CLASSES)
    return report(
        bounds, data=data, collapse=collapse(), classes=clean, hardest_triplets=(), forecast=(),
        diagnosis=diagnosis("healthy", RIGHT, NOT_COLLAPSED),
    )  # fmt: skip


def collapsed() -> Report:
    """A constant map: no violation at all, ties everywhere."""
    bounds = BOUNDS | {
        "violating_anchors": exact(0),
        "violated_triplets": exact(0),
        "tied_triplets": exact(1),
        "separation_auc": exact(0.5),
        "hardest_triplet_loss": exact(0),
        "separation_margin": exact(0),
        "precision_at_1": exact(0.007),
        "map_at_r": exact(0.005),
        "d_iso": exact(0),
        "d_haus": exact(0),
        "rms_pair_distance": exact(0),
        "entropy_rank": undefined("all rows coincide"),
        "duplicate_rows": exact(10106),
        "dimensional_collapse": exact(0),
        "thickness": exact(0),
        "iap_factor": undefined("the thickness is zero"),
        "collapse_state": exact(2),
        "collapse_risk": exact(1),
        **{f"gap_p{p}": exact(0) for p in (1, 5, 25, 50, 75, 95, 99)},
    }
    evidence = {"rms_pair_distance": 0.0, "mean_cosine": 1.0, "duplicate_rows": 10106}
    states = {"point": "collapsed", "class": "collapsed", "evidence": evidence}
    clean = tuple(row.model_copy(update={"violating_anchors": 0.0}) for row in _CLASSES)
    shapes = (forecast(18, 4, 1.0, None),)
    return report(
        bounds, collapse=collapse(**states), classes=clean, hardest_triplets=(), forecast=shapes,
        diagnosis=diagnosis("collapsed", ONE_POINT.headline, ONE_POINT),
    )  # fmt: skip


def mostly_undefined() -> Report:
    bounds: dict[str, Estimate] = {
        id: undefined(f"{id} needs rows that share a label with another row") for id in BOUNDS
    }
    return report(
        bounds, collapse=collapse(evidence={}), classes=(), hardest_triplets=(), forecast=(),
        diagnosis=diagnosis("points_only", POINTS, NOT_COLLAPSED, chance=None),
    )  # fmt: skip


def unlabelled() -> Report:
    """The trained network without its labels: nothing of classes or anchors."""
    known = ("thickness", "iap_factor", "collapse_state", "dimensional_collapse", "entropy_rank")
    whole = trained()
    return report(
        {id: BOUNDS[id] for id in (*known, "rms_pair_distance", "duplicate_rows")},
        inputs=whole.inputs[:1],
        data=whole.data.model_copy(update={"classes": 0, "anchors": 0}),
        options=whole.options.model_copy(update={"labels": False, "batch": None}),
        search=SearchSummary(backend="none", exact=True, recall=None, why="no row is a negative"),
        diagnosis=diagnosis("points_only", POINTS, FEW_DIRECTIONS, chance=None),
        collapse=whole.collapse.model_copy(update={"class_": None}),
        classes=(),
        hardest_triplets=(),
        forecast=(),
    )


def gate_failing() -> Report:
    rules = (
        Rule(rule="violated_triplets <= 0.05", level="error", status="pass",
             observed=(0.0397, 0.0427), limit=0.05, remedy=""),
        Rule(rule="d_iso <= 20", level="error", status="undecided", observed=(17.2, 31.9),
             limit=20, remedy="Ask for a tighter interval with --measures all."),
        Rule(rule="precision_at_1 >= 0.95", level="error", status="fail",
             observed=(0.9134, 0.9134), limit=0.95, remedy="Look at the worst classes below."),
        Rule(rule="iap_factor <= 100", level="warn", status="warn", observed=(212.5, None),
             limit=100, remedy="See embaudit explain iap_factor."),
        Rule(rule="map_at_r >= 0.5", level="error", status="undecided", observed=(None, None),
             limit=0.5, remedy="It is undefined here."),
    )  # fmt: skip
    return report(gate=Verdict(verdict="fail", rules=rules))


def regressed() -> Report:
    """A gate that failed, what changed since the baseline, and rows to blame for it."""
    worse = ClassChange(label="five", then=0.11, now=0.42)
    compared = Compared(
        path="baselines/step2000.json",
        run_id="0123456789abcdef",
        comparable=True,
        differences=(),
        then=standing(0.9141),
        now=standing(0.9120),
        same_input=False,
        changes={
            "violated_triplets": change(0.0301, 0.0412, "worse", real=True),
            "precision_at_1": change(0.9154, 0.9134, "worse", real=False),
            "d_iso": change(20.1, 24.55, "unknown", spread=9.0),
            "entropy_rank": change(2.9, 3.14159, "better"),
            "tied_triplets": change(0.0, 0.0, "same"),
        },
        classes=ClassChanges(newly_broken=(worse,), repaired=(), worst_increase=worse),
        anchors=AnchorChanges(
            anchors=10106,
            newly_violating=41,
            newly_separated=12,
            newly_wrong_neighbour=60,
            newly_right_neighbour=40,
            same_nearest_positive=0.61,
            same_nearest_negative=0.48,
            worst_rows=(812, 4410, 977),
        ),
        notes=(),
    )
    blame = Blame(
        rows=dict(zip(CULPRITS, (2, 11, 3), strict=True)),
        anchors=dict(zip(REASONS, (2, 11, 3, 40, 600, 300, 8915), strict=True)),
        worst_rows=tuple(
            CulpritRow(
                row=row, id=None, label="five", attribution=kind, likely_label=likely,
                blamed=blamed, score=score,
            )
            for row, kind, likely, blamed, score in (
                (977, "likely_mislabel", "uppercase S", 163, 4.1),
                (4410, "outlier", None, 90, 11.7),
                (812, "duplicate", "six", 31, 1.5),
            )
        ),
        confused_pairs=(
            ConfusedPair(
                labels=("uppercase I", "lowercase l"), anchors=326, wrong_neighbours=150
            ),
            ConfusedPair(labels=("zero", "uppercase O"), anchors=320, wrong_neighbours=98),
        ),
    )  # fmt: skip
    found = diagnosis("check_labels", SUSPECTS.headline, SUSPECTS, COPIES, FEW_DIRECTIONS)
    changes = {"baseline": compared, "blame": blame, "diagnosis": found}
    return gate_failing().model_copy(update=changes)


def standing(above_chance: float) -> Standing:
    """Of a report that has not collapsed."""
    return Standing(
        state="none", collapse="none", kinds=(), chance=0.016, above_chance=above_chance,
        above_chance_lower=above_chance, above_chance_upper=above_chance, reason=None,
    )  # fmt: skip


def change(
    then: float, now: float, direction: str, real: bool | None = None, spread: float = 0.0
) -> Change:
    """A change, `spread` to either side uncertain; real: what a paired test says of it."""
    moved = now - then
    test = None if real is None else PairedTest(
        change=moved, lower=moved - 0.003, upper=moved + 0.003, confidence=0.95, real=real,
        classes=62, groups=10106,
    )  # fmt: skip
    return Change(
        then=then,
        then_lower=then - spread,
        then_upper=then + spread,
        now=now,
        value=moved,
        lower=moved - spread,
        upper=moved + spread,
        kind="certified" if spread else "exact",
        direction=direction,  # type: ignore[arg-type]
        test=test,
        reason=None,
    )


def gated(
    rules: Sequence[tuple[str, str]], measure: str | None = None, remedy: str | None = None
) -> Report:
    """Rules of these texts and statuses; the remedy is the text again, unless given."""
    judged = tuple(
        Rule(
            rule=text,
            level="warn" if status == "warn" else "error",
            status=status,  # type: ignore[arg-type]
            observed=(0.1, 0.2),
            limit=0.15,
            remedy=text if remedy is None else remedy,
            measure=measure,
            origin=text,
        )
        for text, status in rules
    )
    failed = any(status in ("fail", "undecided") for _, status in rules)
    return report(gate=Verdict(verdict="fail" if failed else "pass", rules=judged))


def with_labels(labels: tuple[Any, ...]) -> Report:
    """Every text that comes from data replaced by these labels."""
    classes = tuple(
        _CLASSES[0].model_copy(update={"label": label, "most_confused_with": label})
        for label in labels
    )
    triplets = tuple(
        _TRIPLETS[0].model_copy(
            update={
                "anchor_label": label,
                "negative_label": label,
                "ids": (label, label, label),
                "d_negative": 0.0,
            }
        )
        for label in labels
    )
    texts = [str(label) for label in labels]
    named = ", ".join(map(repr, labels))
    meant = Finding(
        id="sentinel_labels",
        title="A label that means none",
        mark="warning",
        headline=f"Label {named} usually means noise",
        details=(f"Its rows are of {named}.", *texts),
        remedy=f"--ignore-label leaves {named} out.",
        command="embaudit explain sentinel_labels",
    )
    return report(
        diagnosis=diagnosis("healthy", f"{RIGHT}: {named}", meant),
        classes=classes,
        hardest_triplets=triplets,
        warnings=tuple(Notice(text, text) for text in texts),
        inputs=tuple(Source("labels", text, "npy", 1, None, text, "0") for text in texts),
        gate=Verdict(
            verdict="fail",
            rules=tuple(
                Rule(
                    rule=text,
                    level="error",
                    status="undecided",
                    observed=(0.1, 0.2),
                    limit=0.15,
                    remedy=text,
                )
                for text in texts
            ),
        ),
    )


def hostile() -> Report:
    return with_labels((*HOSTILE, True, 7))


def many_classes() -> Report:
    classes = tuple(
        ClassRow(
            label=f"class {k}",
            rows=20,
            violating_anchors=(k % 101) / 100,
            violated_triplets=None,
            largest_gap=k / 7,
            most_confused_with=f"class {k - 1}",
        )
        for k in range(10_000)
    )
    return report(classes=classes)


EVERY = {
    "trained": trained,
    "healthy": healthy,
    "collapsed": collapsed,
    "mostly_undefined": mostly_undefined,
    "unlabelled": unlabelled,
    "gate_failing": gate_failing,
    "regressed": regressed,
    "hostile": hostile,
    "many_classes": many_classes,
}
