"""The random streams of an audit: one generator for each thing that is drawn, of its seed alone.

So what is drawn for one figure does not depend on which others are computed. A new stream has the
name of what is drawn for, such as the id of a measure. These have numbers, which are never changed,
for a seed gives the same report as before; some were given twice, to draws of different things.
"""

import numpy as np

RANKED_ANCHORS = 1  # whose triplets are counted
BATCH_ROWS = 2  # of a forecast; then the classes of a batch, rows of each, number of the batch
SAMPLED_ROWS = 3  # of the input, with --sample
PILOT_ANCHORS = 4  # that measure the recall of an approximate search
SUBSET_ROWS = 4  # of subsets near which separated maps are searched; then their number
PRECISION_ANCHORS = 5  # whose nearest row is looked for without a scan
PAIRS = 6  # whose distances are looked at
MINED_POSITIVES = 6
NEAREST_MEAN_ROWS = 7  # whose nearest class mean is looked for
MINED_NEGATIVES = 7
CLASS_PAIRS = 8  # whose angle is looked at
POTENTIAL_PAIRS = 9  # of uniformity
PROFILE_ROWS = 9  # that findings look at
LABEL_ROWS = 10  # whose nearest row is looked up, for orders of labels
NORMAL_ROWS = 11  # of a normal set that clusters are told from
LENGTH_ROWS = 12  # whose directions are looked at, for mixed lengths
CLASS_ROWS = 12  # of a few classes, for mixed spaces
MAP_ROWS = 13  # that are drawn on a page


def random_stream(seed: int, stream: int | str, *parts: int) -> np.random.Generator:
    """The generator of a stream: its number or name, then what tells its parts."""
    number = int.from_bytes(stream.encode(), "big") if isinstance(stream, str) else stream
    return np.random.default_rng((seed, number, *parts))
