"""Training batches of P classes x K rows: which shapes are worth a forecast, and random draws."""

from collections.abc import Callable, Iterable

import numpy as np

from embaudit.core.prepared_points import Rows

LARGEST = (
    2048  # rows of a batch in the usual sweep: the trainings that were followed had 36 to 1800
)
USUAL_ROWS = 4  # of a class in a batch
FEW_ROWS, MANY_ROWS = 2, 16
CHEAP = 256  # rows of a batch that every audit can afford
AT_ONCE = 200  # rows of a class up to which those of all classes are drawn in one call

Shape = tuple[int, int]
Draw = Callable[[np.random.Generator], Rows]


def usual_shapes(sizes: Rows) -> tuple[Shape, ...]:
    """The shapes of the usual sweep over classes of these sizes (C,), by batch size.

    More and more classes of USUAL_ROWS rows each, then more rows of all classes; beside them
    FEW_ROWS of many classes and MANY_ROWS of few. None is larger than the data, nor than LARGEST.
    """
    sizes = sizes[sizes > 1]
    if len(sizes) < 2:
        return ()
    held = int(np.median(sizes))  # rows that most classes have
    most = min(LARGEST, int(sizes.sum()))
    rows = min(USUAL_ROWS, held)
    ladder = [(classes, rows) for classes in _growing(2, len(sizes), 2)]
    ladder += [(len(sizes), more) for more in _growing(2 * rows, held + 1, 2)[:-1]]
    if rows > FEW_ROWS:
        ladder += [(classes, FEW_ROWS) for classes in _growing(16, len(sizes), 4)]
    if held >= MANY_ROWS:
        ladder += [(classes, MANY_ROWS) for classes in _growing(4, len(sizes), 4)]
    return in_order(shape for shape in ladder if shape[0] * shape[1] <= most)


def curve(sizes: Rows) -> tuple[Shape, ...]:
    """Of the usual shapes those of an audit: more and more classes of USUAL_ROWS rows, cheap ones.

    sizes: of the classes, (C,).
    """
    shapes = usual_shapes(sizes)
    rows = {samples for classes, samples in shapes if classes == 2}
    return tuple(
        (classes, samples)
        for classes, samples in shapes
        if samples in rows and classes * samples <= CHEAP
    )


def in_order(shapes: Iterable[Shape]) -> tuple[Shape, ...]:
    """Each shape once, by batch size."""
    return tuple(sorted(set(shapes), key=lambda shape: (shape[0] * shape[1], shape)))


def _growing(first: int, last: int, factor: int) -> list[int]:
    """first, first * factor, first * factor^2, ... below `last`, then `last` itself."""
    steps = []
    while first < last:
        steps.append(first)
        first *= factor
    return [*steps, last]


def drawing(starts: Rows, shape: Shape) -> Draw | None:
    """Draws the rows of a batch from classes that are slices at `starts` (C + 1,).

    Only classes with at least two rows are drawn; smaller ones give what they have. None where no
    batch has a positive and a negative.
    """
    classes, samples = shape
    sizes = np.diff(starts)
    eligible = np.flatnonzero(sizes > 1)
    if min(len(eligible), classes) < 2:
        return None
    within = _few_of_each if samples <= AT_ONCE else _many_of_each

    def draw(rng: np.random.Generator) -> Rows:
        chosen = rng.choice(eligible, min(classes, len(eligible)), replace=False)
        held = sizes[chosen]
        taken = np.minimum(samples, held)
        return np.repeat(starts[chosen], taken) + within(rng, held.tolist(), taken.tolist())

    return draw


def _many_of_each(rng: np.random.Generator, held: list[int], taken: list[int]) -> Rows:
    """Of each class so many of the rows that it holds, numbered from 0."""
    drawn = [rng.choice(n, k, replace=False) for n, k in zip(held, taken, strict=True)]
    return np.concatenate(drawn)


def _few_of_each(rng: np.random.Generator, held: list[int], taken: list[int]) -> Rows:
    """The same, from one call: a call for each class takes several times as long.

    Floyd's sample without replacement, shuffled (Communications of the ACM 30, 1987, 754).
    """
    sizes = list(zip(held, taken, strict=True))
    tops: list[int] = []
    for n, k in sizes:
        tops += range(n - k, n)
        tops += range(k - 1, 0, -1)
    values = iter(rng.integers(0, tops, endpoint=True).tolist())
    drawn: list[int] = []
    for n, k in sizes:
        found: dict[int, None] = {}
        for top in range(n - k, n):
            value = next(values)
            found[top if value in found else value] = None
        rows = list(found)
        for last in range(k - 1, 0, -1):
            at = next(values)
            rows[at], rows[last] = rows[last], rows[at]
        drawn += rows
    return np.array(drawn)
