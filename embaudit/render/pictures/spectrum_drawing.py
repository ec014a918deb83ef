"""How the variance is spread over directions, with the ranks that sum it up."""

from embaudit.render.pictures.captioned_drawing import ROWS, TALL, WIDE, Picture
from embaudit.render.pictures.inline_svg import (
    ACCENT,
    WARN,
    drawing,
    legend_above,
    logarithmic,
    svg_of,
)
from embaudit.render.safe_text import count, figure
from embaudit.render.words.measured_value_words import value_of
from embaudit.report import Report

RANKS = (("participation_ratio", "-"), ("entropy_rank", "--"), ("rankme", ":"))
FEW = 12  # directions that are drawn as bars
LEAST = 1e-12  # of the variance: below it directions are noise of rounding


def spectrum_picture(report: Report) -> Picture | None:
    """Shares of the variance by principal direction, falling, on a logarithmic scale."""
    variances = report.distributions.variances if report.distributions else ()
    known = [share for share in variances if share > LEAST]
    if len(known) < 2:
        return None
    ranks = [(id, style, rank) for id, style in RANKS if (rank := value_of(report, id))]
    with drawing(WIDE, TALL) as axes:
        places = range(1, len(known) + 1)
        # points and no bars: on a logarithmic scale a bar has no zero to start at
        few = len(known) <= FEW
        axes.plot(places, known, "o-" if few else "-", color=ACCENT, linewidth=1.5)
        if few:
            axes.set_xticks(places)
        for id, style, rank in ranks:
            axes.axvline(rank, color=WARN, linestyle=style, linewidth=1, label=id)
        axes.set_yscale("log")
        edge = 0.5 if few else 0.0
        axes.set_xlim(1 - edge, max(len(known), *(rank for *_, rank in ranks), 2) + edge)
        axes.set_xlabel("principal direction")
        axes.set_ylabel("share of the variance")
        axes.grid(axis="y", alpha=0.4)
        logarithmic(axes.yaxis)
        if ranks:
            legend_above(axes)
        told = ", ".join(f"{id} {figure(rank)}" for id, _, rank in ranks)
        svg = svg_of(axes, "spectrum", f"Shares of the variance by direction. {told}.")
    empty = len(variances) - len(known)
    blank = f"; {count(empty, 'direction')} with none or nearly none left out" if empty else ""
    return Picture(
        "spectrum",
        "Spectrum and ranks",
        svg,
        f"The variance of {count(len(variances), 'direction')}, the largest first{blank}. {told}: "
        "how many equal directions it is worth. A steep fall means few are in use.",
        ("direction", "share of the variance"),
        tuple((str(k), figure(share, "fraction")) for k, share in enumerate(variances[:ROWS], 1)),
    )
