"""What a number means stays, or its definition is raised: baselines do not outlive that.

The formulas are locked in locks/definitions.txt, which `python -m tests.measures.test_definitions`
writes.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from embaudit.measures import MEASURES
from embaudit.measures.measure import Measure

LOCK = Path(__file__).parents[1] / "locks" / "definitions.txt"
WRITE = "`python -m tests.measures.test_definitions` locks it"


def entry(measure: Measure) -> tuple[int, str]:
    """What is locked of a measure: its definition, and a hash of its formula."""
    formula = " ".join(measure.formula.split())
    return measure.definition, hashlib.sha256(formula.encode()).hexdigest()[:12]


def locked() -> dict[str, tuple[int, str]]:
    lines = (line.split() for line in LOCK.read_text().splitlines())
    return {id: (int(definition), formula) for id, definition, formula in lines}


def complaints(measures: tuple[Measure, ...], lock: dict[str, tuple[int, str]]) -> Iterator[str]:
    """What is wrong between the measures and the lock, and what to do about it."""
    for id in lock.keys() - {measure.id for measure in measures}:
        yield f"{id} is gone: within a schema version no measure is removed or renamed."
    for measure in measures:
        now, then = entry(measure), lock.get(measure.id)
        if then is None:
            yield f"{measure.id} is new: {WRITE}."
        elif now[0] < then[0]:
            yield f"{measure.id}: its definition went down; readings of {then[0]} are out there."
        elif now[0] > then[0]:
            yield f"{measure.id}: its definition was raised: {WRITE}."
        elif now != then:
            yield (
                f"{measure.id}: its formula changed, its definition did not. If the number now "
                f"means something else, set definition={measure.definition + 1} in its Measure, so "
                f"that no baseline is compared with it; if only the words changed, do not. {WRITE}."
            )


def test_every_formula_is_the_one_of_its_definition():
    assert list(complaints(MEASURES, locked())) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"formula": "something else"}, "set definition=2"),
        ({"formula": "something else", "definition": 2}, "was raised"),
        ({"definition": 0}, "went down"),
        ({"id": "renamed"}, "is gone"),
    ],
)
def test_a_change_is_told_with_what_to_do(change, said):
    measure = MEASURES[0]
    lock = {measure.id: entry(measure)}
    assert list(complaints((measure,), lock)) == []
    assert said in " ".join(complaints((replace(measure, **change),), lock))


def test_words_are_compared_not_how_they_are_wrapped():
    measure = MEASURES[0]
    assert entry(replace(measure, formula=f"  {measure.formula}\n")) == entry(measure)


if __name__ == "__main__":
    lines = (f"{one.id} {one.definition} {entry(one)[1]}\n" for one in MEASURES)
    LOCK.write_text("".join(lines))
