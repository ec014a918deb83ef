"""A training is audited every k steps, told to the log, and stopped where it collapses."""

import logging
import subprocess
import sys

import numpy as np
import pytest

from embaudit.callbacks import AuditEvery
from embaudit.errors import InputRefused, UsageError
from tests.callbacks.collapsing import BEGINS, DIM, LABELS, rows_at

EVERY = 10
END = 50


def trained(steps=range(1, END + 1), embed=rows_at, **options):
    """A loop whose model is the number of the step; the watch, and the step at which it ended."""
    watch = AuditEvery(embed, options.pop("labels", LABELS), every=EVERY, **options)
    for step in steps:
        if watch(step, step):
            break
    return watch, step


def test_a_training_that_collapses_is_stopped_at_the_next_audit():
    watch, ended = trained()
    assert ended == watch.stopped == BEGINS + EVERY
    assert watch.report.collapse.state == "collapsed"


def test_one_that_does_not_runs_to_its_end():
    watch, ended = trained(embed=lambda step: rows_at(0))
    assert (ended, watch.stopped) == (END, None)


def test_every_kth_step_is_logged_and_no_other():
    told = {}
    trained(log=lambda figures, step: told.update({step: figures}), prefix="held/")
    assert list(told) == [10, 20, 30]
    assert told[10]["held/precision_at_1"] == 1
    assert [figures["held/collapse_state"] for figures in told.values()] == [0, 0, 2]
    assert all(isinstance(value, float) for figures in told.values() for value in figures.values())


def test_a_step_is_audited_once_however_often_it_is_told():
    asked = []
    trained([0, 5, 10, 10, 10, 11, 20], embed=lambda step: asked.append(step) or rows_at(step))
    assert asked == [10, 20]


def test_patience_waits_for_as_many_audits_in_a_row():
    assert trained(patience=2)[1] == BEGINS + 2 * EVERY
    assert trained(embed=lambda step: rows_at(step if step == 30 else 0), patience=2)[1] == END


def test_without_a_state_to_stop_on_it_only_tells():
    watch, ended = trained(stop_on=None)
    assert (ended, watch.stopped, watch.report.collapse.state) == (END, None, "collapsed")


def test_without_labels_it_stops_as_well_and_at_a_warning_if_asked():
    def flat(step):
        return rows_at(0) if step <= BEGINS else np.outer(rows_at(0)[:, 0], np.ones(DIM))

    watch, ended = trained(labels=None, embed=flat, stop_on="warning")
    assert (ended, watch.report.collapse.dimensional) == (BEGINS + EVERY, "warning")


def test_options_are_those_of_an_audit():
    watch, _ = trained([EVERY], metric="cosine", measures="rankme")
    assert watch.report.options.metric == "cosine"
    assert "rankme" in watch.report.measures
    assert "violated_triplets" not in watch.report.measures


def test_what_the_first_audit_refuses_is_raised():
    with pytest.raises(InputRefused, match="labels"):
        trained(labels=LABELS[1:])


def test_rows_that_are_no_longer_finite_stop_the_training(caplog):
    def diverges(step):
        return np.full_like(rows_at(0), np.nan) if step > BEGINS else rows_at(step)

    with caplog.at_level(logging.WARNING, "embaudit"):
        watch, ended = trained(embed=diverges)
    assert ended == watch.stopped == BEGINS + EVERY
    assert "NaN or infinite" in caplog.text


@pytest.mark.parametrize("wrong", [{"every": 0}, {"patience": 0}, {"stop_on": "none"}])
def test_what_cannot_be_meant_is_told_at_once(wrong):
    with pytest.raises(UsageError, match=next(iter(wrong))):
        AuditEvery(rows_at, LABELS, **{"every": 1, **wrong})


def test_importing_the_callbacks_imports_no_trainer_and_a_plain_one_no_torch():
    ask = (
        "import sys, embaudit.callbacks as them; before = set(sys.modules); them.AuditEvery; "
        "print(*before, '|', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    before, after = (set(part.split()) for part in done.stdout.split("|"))
    assert "numpy" not in before
    assert not after & {"torch", "lightning", "pytorch_lightning", "transformers"}
