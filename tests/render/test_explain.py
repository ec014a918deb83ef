import io
import re
from dataclasses import replace

import pytest
from rich.cells import cell_len

from embaudit import measures
from embaudit.measures.measure import Measure
from embaudit.render.explain_page import measures_table, related, render_explanations, render_list
from embaudit.render.terminal.console import console_for
from tests.render.samples import MEASURES
from tests.render.test_markdown import assert_tables_are_whole

# Names of the report and of formulas, which have an underscore as ids do.
NAMES = {"hardest_triplets", "worst_rows", "lambda_min"}
ALL = {measure.id: measure for measure in measures.MEASURES}


def explained(*chosen: Measure, width: int = 80, encoding: str = "utf-8") -> str:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    render_explanations(chosen, MEASURES, console_for(stream, width=width, environ={}))
    stream.seek(0)
    return stream.read()


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_an_explanation_tells_everything_in_the_spec(width, encoding):
    for measure in MEASURES:
        text = explained(measure, width=width, encoding=encoding)
        joined = " ".join(text.split())
        for part in (measure.title, measure.id, measure.unit, measure.range, measure.source):
            assert part in joined
        for part in (measure.low, measure.high, measure.meaning, measure.advice):
            assert part in joined
        assert all(cell_len(line) <= width for line in text.splitlines())


def test_several_are_explained_one_after_the_other():
    whole = explained(*MEASURES[:3])
    places = [whole.index(explained(measure).rstrip()) for measure in MEASURES[:3]]
    assert places == sorted(places)


@pytest.mark.parametrize(("needs", "said"), [(True, "needed"), (False, "not needed")])
def test_it_says_whether_labels_are_needed(needs, said):
    text = explained(replace(MEASURES[0], needs_labels=needs))
    (line,) = [line for line in text.splitlines() if "labels " in line]
    assert line.split(maxsplit=1)[1].split(":")[0] == said


def test_what_names_another_and_what_is_named_see_each_other():
    first, second, third = MEASURES[:3]
    naming = replace(first, advice=f"Look at {second.id}.")
    alone = [replace(one, formula="", meaning="") for one in (second, third)]
    assert related(naming, [naming, *alone]) == [second.id]
    assert related(alone[0], [naming, *alone]) == [first.id]
    assert related(alone[1], [naming, *alone]) == []


@pytest.mark.parametrize("id", ALL)
def test_every_measure_leads_to_others_that_exist(id):
    measure = ALL[id]
    assert related(measure, measures.MEASURES)
    texts = (measure.low, measure.high, measure.meaning, measure.advice)
    named = set(re.findall(r"\b[a-z]{2,}(?:_[a-z0-9]+)+", " ".join(texts)))
    assert named - ALL.keys() <= NAMES


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_list_names_every_measure_once(width):
    stream = io.StringIO()
    render_list(MEASURES, console_for(stream, width=width, environ={}))
    lines = stream.getvalue().splitlines()
    for measure in MEASURES:
        assert sum(line.strip().split(" ")[0] == measure.id for line in lines) == 1
    assert all(cell_len(line) <= width for line in lines)


def test_the_table_of_the_manual_is_whole():
    table = measures_table(MEASURES)
    assert_tables_are_whole(table)
    assert len(table.splitlines()) == len(MEASURES) + 2
