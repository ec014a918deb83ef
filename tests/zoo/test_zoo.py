"""The verdict on the zoo: states, planted faults with their evidence, and no false alarms."""

import pytest

from tests.zoo.__main__ import alarms, audited, missed
from tests.zoo.audited import EACH_TIME, EXTREMES, USUAL, zoo_report
from tests.zoo.sets import ZOO, make

SEEDS = range(1, 6)
FEW_WRONG = 0.05  # of the verdicts of seeds that no threshold was chosen on


def verdict_on(name, seed):
    one = make(name, seed)
    return one, audited(one)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in EACH_TIME else pytest.mark.thorough) for name in USUAL],
)
def test_the_verdict_is_right(name):
    one, diagnosis = make(name), zoo_report(name).diagnosis
    assert diagnosis.state in one.states, diagnosis.reason
    assert missed(one, diagnosis) == []
    assert alarms(one, diagnosis) == []


@pytest.mark.soak
@pytest.mark.parametrize("name", [name for name in ZOO if name.endswith(EXTREMES)])
def test_the_verdict_is_right_at_other_strengths(name):
    test_the_verdict_is_right(name)


@pytest.mark.soak
@pytest.mark.parametrize("seed", SEEDS)
def test_the_verdict_is_right_on_other_seeds(seed):
    wrong = []
    for name in ZOO:
        one, diagnosis = verdict_on(name, seed)
        if diagnosis.state not in one.states or missed(one, diagnosis) or alarms(one, diagnosis):
            wrong.append(name)
        truth, said = one.states[0], diagnosis.state
        assert (truth, said) not in {("healthy", "collapsed"), ("collapsed", "healthy")}, name
    assert len(wrong) <= FEW_WRONG * len(ZOO), wrong
