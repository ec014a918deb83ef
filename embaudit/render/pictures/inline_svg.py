"""Pictures as SVG that lives in a page: its colours are the page's, its text is text."""

import io
import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

# Stand-ins that no drawing has by chance; the page's style sheet says what they are.
INK, MUTED, LINE, GOOD, BAD, SOFT, ACCENT, WARN, PAPER = (
    f"#0{digit}fe{digit}d" for digit in "123456789"
)
_VARIABLES = {
    INK: "--ink",
    MUTED: "--muted",
    LINE: "--line",
    GOOD: "--good",
    BAD: "--bad",
    SOFT: "--soft",
    ACCENT: "--accent",
    WARN: "--warn",
    PAPER: "--paper",
}
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",  # text that can be read, searched and copied
    "svg.hashsalt": "embaudit",  # the same picture is the same text
    "font.size": 8.5,
    "font.family": "DejaVu Sans",
    "text.color": INK,
    "text.parse_math": False,  # a label with dollar signs is a label
    "axes.edgecolor": LINE,
    "axes.labelcolor": MUTED,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "figure.facecolor": "none",
    "grid.color": LINE,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "hatch.linewidth": 0.5,
}
_METADATA = re.compile(r"<metadata>.*?</metadata>|<style.*?</style>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")  # matplotlib escapes what is data
_REFERENCE = re.compile(r"(url\(#|href=\"#)(\w+)")
_ID = re.compile(r' id="([\w.]+)"')
_FONT = re.compile(r" font-family: [^;\"]+;")
_SIZE = re.compile(r' (?:width|height)="[\d.]+pt"')


@contextmanager
def drawing(width: float, height: float) -> Iterator[Axes]:
    """Axes to draw on, of so many inches; `svg_of` takes what was drawn."""
    with matplotlib.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # glyphs that matplotlib's font lacks: the browser's has
        logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure.add_subplot()


def logarithmic(axis: Axis) -> None:
    """Ticks of a logarithmic axis as plain numbers, enough of them on a short one as well.

    Call it when everything is drawn: they go by what the axis has to show.
    """
    low, high = axis.get_view_interval()
    subs = (1.0,) if high > 100 * low > 0 else (1.0, 2.0, 5.0)
    axis.set_major_locator(LogLocator(subs=subs, numticks=7))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_locator(NullLocator())


def legend_above(axes: Axes) -> None:
    """What the marks are, outside the drawing, where it hides none."""
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=3,
        frameon=False,
        fontsize=8,
        labelcolor=MUTED,
        borderaxespad=0.2,
        handlelength=1.5,
        columnspacing=1,
    )


def svg_of(axes: Axes, name: str, alternative: str) -> str:
    """The drawing as an `<svg>` element that fills its place, with a text for who cannot see it.

    name: of this drawing in its page, a word.
    """
    figure = axes.get_figure(root=True)
    assert isinstance(figure, Figure)
    stream, untold = io.BytesIO(), {"Date": None, "Creator": None}
    FigureCanvasSVG(figure).print_svg(stream, metadata=untold)  # type: ignore[no-untyped-call]
    text = stream.getvalue().decode()
    text = _METADATA.sub("", text[text.index("<svg") :])
    referred = {found[1] for found in _REFERENCE.findall(text)}

    def adapted(tag: re.Match[str]) -> str:
        told = _REFERENCE.sub(rf"\1{name}-\2", _FONT.sub("", tag[0]))
        for colour, variable in _VARIABLES.items():
            told = told.replace(colour, f"var({variable})")
        return _ID.sub(
            lambda found: f' id="{name}-{found[1]}"' if found[1] in referred else "", told
        )

    head, rest = _TAG.sub(adapted, text).split(">", 1)
    label = f' role="img" aria-label="{escape(alternative, quote=True)}"'
    return re.sub(r"\s*\n\s*", " ", f"{_SIZE.sub('', head)}{label}>{rest}")
