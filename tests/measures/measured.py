"""What measures say of a set: an audit without what else is in a report, which costs the most."""

import numpy as np

from embaudit.data import EmbeddingSet
from embaudit.evidence import Budget, Evidence, EvidenceOptions
from embaudit.measures import MEASURES
from embaudit.search import LocalExecutor
from embaudit.search.thread_pool import one_blas_thread

BY_ID = {measure.id: measure for measure in MEASURES}
SAMPLED = Budget(  # nothing is counted fully, however small the set
    ranked_pairs=0, deciding=0, diameter=0, isometry=0, suspects=0, votes=0, pairs=0
)


def measured(vectors, labels, ids, *, threads=1, **options):
    """{id: Reading}, as in the report of an audit with such options (those of Evidence)."""
    data = EmbeddingSet.from_arrays(np.asarray(vectors), np.asarray(labels).tolist())
    with one_blas_thread():
        evidence = Evidence(data, EvidenceOptions(**options), LocalExecutor(threads))
        rms = evidence.moments.rms_pair_distance * evidence.unit
        return {id: BY_ID[id].reading(BY_ID[id].of(evidence), rms) for id in ids}
