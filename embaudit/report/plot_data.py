"""How figures are spread: what the pictures of a report are drawn from."""

from pydantic import Field

from embaudit.report.base_model import LabelField, Model


class Histogram(Model):
    """Counts between edges; a bin holds its right edge, the first one its left edge too."""

    edges: tuple[float, ...] = Field(
        description="Rising, one more than bins; the first and the last bin hold the tails."
    )
    counts: tuple[int, ...]


class Distances(Model):
    """Anchors by both distances; where the furthest positive is further, an anchor violates."""

    edges: tuple[float, ...] = Field(description="Of both distances, as of a histogram.")
    counts: tuple[tuple[int, ...], ...] = Field(
        description="Anchors in each cell: a row for each bin of the furthest positive, a column "
        "for each bin of the nearest negative."
    )


class Moved(Model):
    """A row in the plane, and where the nearest separated map found puts it."""

    row: int
    label: LabelField
    at: tuple[float, float]
    to: tuple[float, float]


class Plane(Model):
    """A small set in a plane, with the arrows from f to f* (the paper's Figures 3 and 6)."""

    axes: str = Field(description="What the two coordinates are.")
    found_by: str = Field(description="The map f*: what gives d_haus its upper end.")
    rows: tuple[Moved, ...]


class PairDensities(Model):
    """Pairs of rows by distance, of a sample: of one class, and of two."""

    edges: tuple[float, ...] = Field(description="Of the bins, rising, one more than they are.")
    positive: tuple[int, ...] = Field(description="Pairs of rows of one class in each bin.")
    negative: tuple[int, ...] = Field(description="Pairs of rows of two classes in each bin.")
    overlap: float = Field(
        description="Of both as densities, the area that they share: 0 where any cut tells them "
        "apart, 1 where none does."
    )


class RowMap(Model):
    """At most 700 rows in a plane: a sample, and every row that `blame` names."""

    axes: str = Field(description="What the two coordinates are.")
    reason: str | None = Field(description="Why there is no map; null where there is one.")
    of: int = Field(description="Rows of the whole set.")
    labels: tuple[LabelField, ...] = Field(default=(), description="Of the classes that are drawn.")
    rows: tuple[int, ...] = Field(default=(), description="Input rows.")
    codes: tuple[int, ...] = Field(
        default=(), description="The place of each row's label in `labels`; empty without labels."
    )
    x: tuple[float, ...] = Field(default=(), description="To four digits.")
    y: tuple[float, ...] = Field(default=(), description="To four digits.")


class Distributions(Model):
    """Distances are in the units of the input; nothing here is needed to judge a report."""

    distances: Distances | None = Field(
        description="Of anchors; null without labels, or where distances overflow."
    )
    gaps: Histogram | None = Field(
        description="Anchors by F - M; 0 is an edge where any gap is on either side, or is 0: an "
        "anchor violates in the bins above."
    )
    variances: tuple[float, ...] = Field(
        description="Shares of the variance by principal direction, falling, at most 512; empty "
        "where there is none."
    )
    plane: Plane | None = Field(
        description="Of sets of two dimensions or of at most 128 rows, where d_haus was computed "
        "and f* found; never of more than 512 rows."
    )
    pairs: PairDensities | None = Field(
        default=None,
        description="Null without labels, without positives or negatives, and where distances "
        "overflow or are all the same.",
    )
    map: RowMap | None = Field(default=None, description="Null in reports of before it was.")
