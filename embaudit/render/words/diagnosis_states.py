"""The states of a diagnosis in words, and how serious each is."""

from embaudit.render.words.block_types import Mark
from embaudit.report import State
from embaudit.report.diagnosis_model import DiagnosisState

MARKS: dict[str, Mark] = {
    "check_input": "bad",
    "collapsed": "bad",
    "check_labels": "warning",
    "overlapping": "warning",
    "healthy": "good",
    "points_only": "unknown",
    # of a report without a diagnosis, that of its collapse
    "none": "good",
    "warning": "warning",
}
WORDS = {"none": "not collapsed", "warning": "warning of collapse"}


def state_of(diagnosis: DiagnosisState | None, collapse: State) -> str:
    """The state of a diagnosis; where there is none that of the collapse."""
    return collapse if diagnosis is None else diagnosis


def state_word(state: str) -> str:
    """`check input`, `not collapsed`."""
    return WORDS.get(state, state.replace("_", " "))
