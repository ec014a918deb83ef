"""Which classes are taken for which."""

from embaudit.render.pictures.picture import ROWS, WIDE, Name, Picture, listed_height
from embaudit.render.pictures.svg import ACCENT, BAD, drawing, legend_above, svg_of
from embaudit.render.text import count
from embaudit.render.words.diagnosis_words import coincide
from embaudit.report import Report


def confusion_picture(report: Report, name: Name) -> Picture | None:
    """A bar for each of the worst pairs: anchors that violate, and wrong nearest neighbours."""
    pairs = () if report.blame is None or coincide(report) else report.blame.confused_pairs[:ROWS]
    if not pairs:
        return None
    names = [f"{name(one.labels[0])} / {name(one.labels[1])}" for one in pairs]
    places = range(len(pairs))
    with drawing(WIDE, listed_height(len(pairs))) as axes:
        anchors = [one.anchors for one in pairs]
        axes.barh(places, anchors, 0.7, color=ACCENT, alpha=0.4, label="anchors that violate")
        wrong = [one.wrong_neighbours for one in pairs]
        axes.barh(places, wrong, 0.35, color=BAD, label="wrong nearest neighbours")
        axes.set_yticks(places, names)
        axes.set_ylim(len(pairs) - 0.5, -0.5)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel("anchors of either class")
        legend_above(axes)
        svg = svg_of(axes, "confusion", f"{count(len(pairs), 'pair')} of classes that overlap.")
    return Picture(
        "confusion",
        "Confused classes",
        svg,
        "Pairs of classes that overlap, the worst first, rows to blame set aside. The wide bar "
        "counts anchors of either class that violate with the other, the narrow one those whose "
        "nearest row of all is of the other class.",
        ("classes", "anchors that violate", "wrong nearest neighbours"),
        tuple(
            (pair, f"{one.anchors:,}", f"{one.wrong_neighbours:,}")
            for pair, one in zip(names, pairs, strict=True)
        ),
    )
