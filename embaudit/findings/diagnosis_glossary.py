"""The words of the diagnosis, explained: its six states, every finding, and the notices."""

from embaudit.findings import FINDINGS
from embaudit.findings.finding import FindingSpec
from embaudit.report.diagnosis_model import DIAGNOSES, DiagnosisState
from embaudit.report.glossary_term import Topic
from embaudit.report.notice_catalog import NOTICES

STATE_GROUP, FINDING_GROUP = "States of the diagnosis", "Findings"

_STATES: dict[DiagnosisState, tuple[str, str, str, str]] = {  # mark, title, meaning, advice
    "check_input": (
        "bad",
        "Something is wrong with the file",
        "A finding with the mark bad: the file, not the network, explains the figures. It comes "
        "before all other states, as nothing else can be read while it holds.",
        "Do what the finding says, then audit again. Look at no class, label or triplet before.",
    ),
    "collapsed": (
        "bad",
        "Inputs of different classes cannot be told apart by their vectors",
        "collapse_state is collapsed: of points (point_collapse), of dimensions "
        "(dimensional_collapse) or of classes (class_collapse). Rows far off and rows of zeros are "
        "left out; offset and scale do not matter under l2, nor lengths under cosine.",
        "Of points: go back to the last good checkpoint, and train on with semi-hard or random "
        "negatives or smaller batches; a batch-hard loss that stays at the margin is its sign. Of "
        "dimensions: look for a bottleneck. Of classes: check first that labels and embeddings are "
        "in the same order.",
    ),
    "check_labels": (
        "warning",
        "Too many labels are surely wrong",
        "Classes are told apart, and enough rows lie so clearly in another class that their labels "
        "are the likely fault: suspect_labels with the mark bad.",
        "Look at the suspects, the surest first (-o anchors.parquet has them all), fix what is "
        "wrong, and audit again.",
    ),
    "overlapping": (
        "warning",
        "The classes are not told apart well",
        "Nothing is broken, but precision@1 beyond chance (adjusted_precision_at_1) is low, or "
        "separation_auc is low and precision@1 not high. The classes that mix are named.",
        "See whether a person can tell these classes apart. If so, train on; if not, join them. No "
        "advice on single labels is given, as hardly a row lies clearly anywhere.",
    ),
    "healthy": (
        "good",
        "Nothing is wrong that an audit can see",
        "No fault of the file, no collapse, few suspect labels, and classes that are told apart. "
        "Nearly all anchors of a good set violate: that is no fault.",
        "Hold it with a gate. Warnings and notes may still be worth a look.",
    ),
    "points_only": (
        "none",
        "There are no labels: what is told is of the points alone",
        "Spectrum, thickness, copies and most faults of files need no labels; how well classes are "
        "told apart cannot be known.",
        "Give labels (--labels FILE).",
    ),
}
_OTHERS = (  # findings that are made of measures
    Topic(
        "suspect_labels",
        "Suspect labels",
        FINDING_GROUP,
        (
            ("mark", "note"),
            ("bad", "where enough are sure: the state check_labels"),
            ("labels", "needed"),
        ),
        "Rows that are far from the others of their class and near to those of another one, on "
        "which their neighbours agree: see likely_mislabels, which says how often it errs too. How "
        "many are wrong is an expectation. Not looked for where classes are not told apart, the "
        "set has collapsed, or a fault of the file decides who is near: misaligned_labels, "
        "mixed_spaces, mixed_lengths, rogue_dimensions or packed_bits.",
        "Look at these labels, the surest first, and fix what is wrong.",
    ),
    Topic(
        "collapse_warning",
        "Close to a collapse",
        FINDING_GROUP,
        (("mark", "warning"), ("labels", "not needed")),
        "collapse_state is warning: point_collapse, dimensional_collapse and class_collapse have "
        "the thresholds.",
        "Compare with an earlier checkpoint before training on.",
    ),
    Topic(
        "not_collapsed",
        "Not collapsed",
        FINDING_GROUP,
        (("mark", "good"), ("labels", "not needed; of classes it tells with labels only")),
        "collapse_state is none: neither points, nor dimensions, nor classes have collapsed.",
        "Nothing. Hold it with --gate 'collapse_state == none'.",
    ),
)


WORST = (("state", "check_input"), ("weaker", "where the figures hardly change without it"))


def _state(state: DiagnosisState) -> Topic:
    mark, title, meaning, advice = _STATES[state]
    place = f"{DIAGNOSES.index(state) + 1} of {len(DIAGNOSES)}: the first that holds"
    return Topic(state, title, STATE_GROUP, (("mark", mark), ("place", place)), meaning, advice)


def _finding(spec: FindingSpec) -> Topic:
    facts = (
        ("mark", spec.mark),
        *(WORST if spec.mark == "bad" else ()),
        ("labels", "needed" if spec.needs_labels else "not needed: also with --no-labels"),
        ("with --gallery", "not looked for" if spec.needs_own_positives else "looked for as well"),
        ("cost", spec.cost),
    )
    looks = f"{spec.looks[:1].upper()}{spec.looks[1:].rstrip('.')}."
    return Topic(spec.id, spec.title, FINDING_GROUP, facts, looks, spec.remedy)


TOPICS = (*map(_state, DIAGNOSES), *map(_finding, FINDINGS), *_OTHERS, *NOTICES)
TITLES = {topic.id: topic.title for topic in TOPICS}
