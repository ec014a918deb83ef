"""Many machines: the dear searches of an audit on a cluster; the only room that knows its engine.

It knows what a worker needs to read the input by itself, how tasks are shared out, and which
answers are computed again. What runs the tasks is BACKEND: of this room, the command line sees it,
WorkerCosts for a plan, a DatasetSpec, and `executor_on`, which gives an `Executor` of `search`.
Nothing else is imported before somebody asks for a cluster.

    distributed_backend                 what an engine has to meet
    dask_backend, _clients, _pool       Dask: what is said of it, its clusters, their tasks
    malloc_thresholds                   the memory of its workers
    distributed_executor, scheduling    searches cut into tasks, and tasks cut up again
    dataset_spec, worker_costs          what a worker needs to know, and what it takes
    worker_tasks, inverted_list_tasks   what a worker does
    spot_checks, worker_answer_checks   what it answered, looked at again
"""

from typing import TYPE_CHECKING

from embaudit.cluster.dask_backend import DaskBackend

if TYPE_CHECKING:
    from embaudit.cluster.distributed_backend import ClusterBackend

BACKEND: "ClusterBackend" = DaskBackend()

__all__ = ["BACKEND"]
