import io
from dataclasses import replace

import pytest
from rich.cells import cell_len

from embaudit.render.console import console_for
from embaudit.render.explain import measures_table, render_explanation, render_list
from tests.render.samples import MEASURES
from tests.render.test_markdown import assert_tables_are_whole


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_an_explanation_tells_everything_in_the_spec(width, encoding):
    for measure in MEASURES:
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        render_explanation(measure, console_for(stream, width=width, environ={}))
        stream.seek(0)
        text = stream.read()
        joined = " ".join(text.split())
        for part in (measure.title, measure.id, measure.unit, measure.range, measure.source):
            assert part in joined
        assert measure.meaning in joined
        assert measure.advice in joined
        assert all(cell_len(line) <= width for line in text.splitlines())


@pytest.mark.parametrize(("needs", "said"), [(True, "needed"), (False, "not needed")])
def test_it_says_whether_labels_are_needed(needs, said):
    stream = io.StringIO()
    console = console_for(stream, width=80, environ={})
    render_explanation(replace(MEASURES[0], needs_labels=needs), console)
    (line,) = [line for line in stream.getvalue().splitlines() if "labels " in line]
    assert line.split(maxsplit=1)[1].split(":")[0] == said


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_list_names_every_measure_once(width):
    stream = io.StringIO()
    render_list(MEASURES, console_for(stream, width=width, environ={}))
    lines = stream.getvalue().splitlines()
    for measure in MEASURES:
        assert sum(line.strip().split(" ")[0] == measure.id for line in lines) == 1
    assert all(cell_len(line) <= width for line in lines)


def test_the_readme_table_is_whole():
    table = measures_table(MEASURES)
    assert_tables_are_whole(table)
    assert len(table.splitlines()) == len(MEASURES) + 2
