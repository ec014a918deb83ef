"""Many machines: the dear searches of an audit on a Dask cluster; the only room that knows Dask.

It knows what a worker needs to read the input by itself, how tasks are shared out, and which
answers are computed again. Nothing here is imported before somebody asks for a cluster, and nobody
else names its engine: `executor_on` gives an `Executor` of `search`.

    dask_executor                       the executor; clients: the cluster it works on
    scheduling, malloc_thresholds       tasks to workers and back; their memory
    dataset_spec                        what a worker needs to know to read the set by itself
    tasks, inverted_list_tasks          what a worker does
    spot_checks, answer_invariants      what it answered, looked at again
"""

from embaudit.cluster.dask_executor import DaskExecutor, executor_on
from embaudit.cluster.dataset_spec import DatasetSpec

__all__ = ["DaskExecutor", "DatasetSpec", "executor_on"]
