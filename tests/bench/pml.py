"""pytorch-metric-learning's figures of vectors.npy and labels.npy: a program of its own."""

import json
import resource
import sys

import numpy as np

from embaudit.core.machine import allowed
from tests.bench import clock

FIGURES = ("precision_at_1", "r_precision", "mean_average_precision_at_r")
OUT_OF_MEMORY = 4


def main(vectors: str, labels: str) -> int:
    """Print the seconds and the figures; the query set is the reference set."""
    import torch
    from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator

    limit = allowed(None)  # what an audit may take; the system would kill at random beyond
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    calculator = AccuracyCalculator(include=FIGURES, k="max_bin_count", device=torch.device("cpu"))
    query, codes = (torch.from_numpy(np.load(path)) for path in (vectors, labels))
    try:
        spent, figures = clock.seconds(lambda: calculator.get_accuracy(query, codes))
    except MemoryError:
        return OUT_OF_MEMORY
    except RuntimeError as error:  # torch's and FAISS's own
        if not any(word in str(error) for word in ("memory", "alloc")):
            raise
        return OUT_OF_MEMORY
    print(json.dumps({"seconds": spent, **figures}))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
