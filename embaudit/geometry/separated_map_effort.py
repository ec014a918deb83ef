"""What an effort affords of a search for separated maps: each level four times the work."""

BATCH = 2048  # rows up to which a set counts as a batch
SMALL = 512  # rows that are searched in float64, in more descents
VALUES = 1 << 22  # values of a set that simple maps are tried on without effort
WORK = 6e12  # multiply-adds that the first level may take on a set beyond a batch
OVERHEAD = 400  # multiply-adds that the rest of the work on a pair is worth
FEWEST_PULLS, MOST_PULLS, PULLS = 48, 4000, 1_000_000  # of the first level; the last times 1/rows
SHORTEST, LONGEST, DESCENT = 60, 250, 110_000  # iterations of a descent; the last times 1/rows
ROUNDS, FEWER_ROUNDS = 8, 5  # descents of a level; of a set that is not small


def pays(size: int, dim: int, effort: int) -> bool:
    """Whether an effort affords to compare all pairs of (size, dim) rows again and again."""
    if effort == 0:
        return size <= BATCH and size * dim <= VALUES
    return size <= BATCH or FEWEST_PULLS * _work(size, dim) <= WORK * 4 ** (effort - 1)


def _work(size: int, dim: int) -> float:
    """Multiply-adds that an iteration is worth: distances of all pairs, and forces."""
    return 2.0 * size**2 * (dim + OVERHEAD)


def pulls_of(size: int) -> int:
    """Iterations of the first level, for a map of small isometric error."""
    return min(MOST_PULLS, max(FEWEST_PULLS, PULLS // size))


def length_of_descent(size: int, level: int) -> int:
    """Iterations of a descent for a map that moves its rows little."""
    return min(LONGEST, max(SHORTEST, DESCENT // size)) << level


def descents_of(size: int, dim: int, level: int) -> int:
    """How many such descents a level affords."""
    if size <= BATCH:
        return ROUNDS if size <= SMALL else FEWER_ROUNDS
    work = 3 * _work(size, dim) * length_of_descent(size, level)
    return min(FEWER_ROUNDS, int(WORK * 4**level // work))
