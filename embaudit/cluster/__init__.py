"""Many machines: the dear searches of an audit on a Dask cluster; the only room that knows Dask.

It knows what a worker needs to read the input by itself, how tasks are shared out, and which
answers are computed again. Nothing here is imported before somebody asks for a cluster.
"""

from embaudit.cluster.clients import about, connected, started
from embaudit.cluster.dask_executor import DaskExecutor
from embaudit.cluster.dataset_spec import DatasetSpec

__all__ = ["DaskExecutor", "DatasetSpec", "about", "connected", "started"]
