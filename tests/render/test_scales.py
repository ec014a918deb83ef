"""Every writer at every finite scale: a report is never lost to the size of its numbers."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from embaudit.core.location import located
from embaudit.data import EmbeddingSet
from embaudit.outputs import report_writers
from embaudit.outputs.media import MEDIA, files_of
from embaudit.render.pictures.extreme_scales import densities, yardstick
from embaudit.render.pictures.panels_drawing import PanelSeries, panel_svg
from embaudit.render.words.curves import Curve
from embaudit.report import Report
from embaudit.settings.settings import settings_of
from embaudit.verbs.audit import Audited, run
from embaudit.verbs.audit_request import request_of
from tests.combined import in_part

Floats = NDArray[np.float64]
Y = np.arange(60) % 4
RNG = np.random.default_rng(0)
BASE = 2 * RNG.normal(size=(4, 5))[Y] + RNG.normal(size=(60, 5))
BASE /= np.abs(BASE).max()
FORMS: dict[str, Callable[[float], Floats]] = {
    "all": lambda scale: BASE * scale,
    "one row": lambda scale: np.vstack([BASE[:-1], BASE[-1:] * scale]),
    "one column": lambda scale: BASE * [scale, 1, 1, 1, 1],
    "all but two rows": lambda scale: np.vstack([np.full((58, 5), scale), BASE[:2] * scale]),
    "nothing but one vector": lambda scale: np.full((60, 5), scale),
    "a plane": lambda scale: BASE[:, :2] * scale,
}
SCALES = (1e300, 1e200, 1e-200, 1e-300, 1e-310, 1e-322)
QUICK = {("all", 1e300), ("all", 1e-300), ("all", 1e-322), ("nothing but one vector", 1e300)}
CASES = [
    pytest.param(form, scale, marks=() if (form, scale) in QUICK else pytest.mark.soak)
    for form in FORMS
    for scale in SCALES
]
DRAWING = re.compile(r"<svg.*?</svg>", re.DOTALL)
TEXT = re.compile(r"<text[^>]*>([^<]*)</text>")


def audited(vectors: Floats) -> Audited:
    settings = settings_of(labels=True, margin=0.2, gate=("recommended",))
    return run(EmbeddingSet.from_arrays(vectors, Y.tolist()), settings, request_of(settings))


def powers(drawing: str) -> set[int]:
    """Of ten, at the ticks of a drawing."""
    ticks = (text.replace("\N{MINUS SIGN}", "-") for text in TEXT.findall(drawing))
    return {int(tick.partition("e")[2]) for tick in ticks if re.fullmatch(r"[-.\d]+e.+", tick)}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("form", "scale"), in_part(CASES))
@pytest.mark.thorough
def test_every_writer_at_every_scale(
    form: str, scale: float, capsys: pytest.CaptureFixture[str]
) -> None:
    found = audited(FORMS[form](scale))
    writers = report_writers()
    written = {suffix: writers.of(located(f"r{suffix}"), found) for suffix in files_of("audit")}
    assert all(written.values())
    for drawing in DRAWING.findall(written[".html"].decode()):
        assert not re.search(r"\b(nan|inf)\b", drawing, re.IGNORECASE)
    Report.model_validate_json(written[".json"])
    for format in (one.format for one in MEDIA if "audit" in one.verbs and one.format):
        writers.show(found, format)
        assert capsys.readouterr().out


@pytest.mark.parametrize("scale", in_part([1e-300, 1e300]))
def test_a_picture_has_the_scale_of_its_numbers(scale: float) -> None:
    """matplotlib takes ranges of 1e-300 for empty, and draws them as -0.05 to 0.05."""
    page = report_writers().of(located("r.html"), audited(FORMS["a plane"](scale))).decode()
    names = "gaps", "class_gaps", "distances", "densities", "arrows"
    drawn = {name: one for one in DRAWING.findall(page) for name in names if f'"{name}-' in one}
    assert {"densities", "arrows"} <= drawn.keys()
    for name, one in drawn.items():
        assert any(abs(power - np.log10(scale)) < 2 for power in powers(one)), name


@pytest.mark.parametrize("scale", [1e-320, 1e-300, 1e300])
def test_a_panel_has_the_scale_of_its_numbers(scale: float) -> None:
    values = (0.0, scale, 0.5 * scale)
    curve = Curve("rms_pair_distance", "rms", "distance", values, values, values, ("",) * 3)
    drawing = panel_svg(curve, PanelSeries(("a", "b", "c"), ("none",) * 3, 1, range(3)))
    assert any(abs(power - np.log10(scale)) < 2 for power in powers(drawing))


def test_densities_are_shares_of_the_largest() -> None:
    counts, widths = np.array([[1, 0], [6, 8]]), np.array([1.0, 2.0])
    plain = counts / np.outer(widths, widths)
    assert np.allclose(densities(counts, widths, widths), plain / plain.max())
    assert np.allclose(densities(counts[1], widths * 1e-322), (1, 8 / 12))
    vast = np.array([1e300, 1e-300])
    assert densities(counts, vast, vast)[1, 1] == 1


def test_a_yardstick_is_one_where_floats_are_at_ease() -> None:
    assert yardstick([]) == yardstick([0.0]) == yardstick([-1e99, 3.0]) == 1
    assert yardstick([-2e300, 1.0]) == 1e300
    assert 1 <= 4e-320 / yardstick([4e-320]) < 10.1
