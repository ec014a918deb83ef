"""Many machines: the dear searches of an audit on a Dask cluster; the only room that knows Dask.

Nothing here is imported before somebody asks for a cluster.
"""

from embaudit.cluster.recipe import Recipe
from embaudit.cluster.starting import about, connected, started
from embaudit.cluster.team import Cluster

__all__ = ["Cluster", "Recipe", "about", "connected", "started"]
