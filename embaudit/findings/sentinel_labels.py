"""A label that stands for no label, taken for a class."""

import numpy as np

from embaudit.data import Label
from embaudit.evidence import Evidence
from embaudit.findings.finding import FindingSpec, Found, row_facts, rows_text

WORDS = frozenset(
    [
        *("", "?", "-", "-1", "nan", "none", "null", "na", "n/a", "<na>", "unknown", "undefined"),
        *("missing", "unk", "<unk>", "no label", "unlabeled", "unlabelled"),
        *("not labeled", "not labelled"),
    ]
)


def check(evidence: Evidence) -> Found | None:
    """Labels among others that usually mean noise, unlabelled or missing."""
    data = evidence.data
    found = [
        code for code, label in enumerate(data.classes) if _stands_for_none(label, data.classes)
    ]
    if not found or len(found) == len(data.classes):
        return None
    chosen = np.isin(data.codes, found)
    labels = [data.classes[code] for code in found]
    facts = {**row_facts(data, chosen), "labels": labels}
    named = ", ".join(repr(label) for label in labels)
    return Found(
        f"Label {named} ({rows_text(facts['count'])}) usually means noise or unlabelled, and is "
        "audited as a class",
        facts,
        (
            "Its rows have nothing in common, so the class looks broken and the others' negatives "
            "include their own kind.",
        ),
        options={"ignore_label": tuple(map(str, labels))},
    )


def _stands_for_none(label: Label, classes: tuple[Label, ...]) -> bool:
    if isinstance(label, bool):
        return False
    if isinstance(label, int):
        if label != -1:
            return False
        others = [one for one in classes if isinstance(one, int) and one != label]
        return len(others) >= 2 and min(others) >= 0 and max(others) >= 2
    return label.strip().lower() in WORDS


FINDING = FindingSpec(
    id="sentinel_labels",
    title="A label that means none",
    mark="warning",
    looks="-1 among numbers from 0 on, or '', 'nan', 'none', 'unknown', 'n/a' and the like among "
    "other labels",
    remedy="--ignore-label leaves these rows out; where it is a class after all, do nothing.",
    check=check,
    needs_labels=True,
)
