"""How an audit is to be done and what it takes: from headers, and again from the set itself."""

import math
from dataclasses import dataclass, replace

from embaudit.core.machine import Needs, allowed
from embaudit.data import EmbeddingSet
from embaudit.geometry.separated_map_effort import pays
from embaudit.planning.memory import Size, Workload, goes_to_disk, needs_of_audit
from embaudit.planning.search_plan import SearchPlan, plan_for
from embaudit.settings.settings import Settings


@dataclass(frozen=True)
class Plan:
    """How an audit is to be done.

    work: what its memory depends on. search: how nearest negatives are found, and why so. on_disk:
    whether the rows are in a file. allowed: bytes of memory that it may take.
    """

    work: Workload
    search: SearchPlan
    on_disk: bool
    allowed: int

    @property
    def needs(self) -> Needs:
        """The memory that it takes."""
        return needs_of_audit(self.work, on_disk=self.on_disk)

    def with_classes(self, classes: int) -> "Plan":
        """The same once so many classes are known. Raises BudgetExceeded."""
        return _fitting(replace(self.work, classes=classes), self.search, self.allowed)

    def checked(self) -> "Plan":
        """The same. Raises BudgetExceeded if it takes more than it may."""
        self.needs.check(self.allowed, f"Auditing {self.work}")
        return self


def plan_of_input(settings: Settings, size: Size, gallery: Size | None = None) -> Plan:
    """The plan for what headers tell of, rows as they are read; its classes are not known yet.

    gallery: the size of the set that the rows are compared with. Raises BudgetExceeded.
    """
    return plan_of_audit(settings.of_reading, size, gallery)


def plan_of_audit(
    settings: Settings, size: Size, gallery: Size | None = None, classes: int = 0
) -> Plan:
    """The plan for what is audited of an input of this size. Raises BudgetExceeded."""
    work, search = _work(settings, size, gallery, settings.labels)
    return _fitting(replace(work, classes=classes), search, allowed(settings.memory_budget))


def plan_of_set(
    settings: Settings, data: EmbeddingSet, gallery: EmbeddingSet | None = None
) -> Plan:
    """The plan for a set that was read, wherever its rows are. Raises BudgetExceeded."""
    beside = None if gallery is None else _size_of(gallery)
    work, search = _work(settings, _size_of(data), beside, data.labelled)
    work = replace(work, classes=len(data.classes))
    on_disk = all(one.mapped_rows is not None for one in (data, gallery) if one is not None)
    return Plan(work, search, on_disk, allowed(settings.memory_budget)).checked()


def _size_of(data: EmbeddingSet) -> Size:
    return data.size, data.dim, data.vectors.itemsize


def _fitting(work: Workload, search: SearchPlan, budget: int) -> Plan:
    """With the rows in memory where that fits, else on disk. Raises BudgetExceeded."""
    return Plan(work, search, goes_to_disk(work, budget), budget).checked()


def _work(
    settings: Settings, size: Size, gallery: Size | None, labelled: bool
) -> tuple[Workload, SearchPlan]:
    """What an audit of so many values, or of a sample of them, is to memory and search."""
    rows, dim, itemsize = size
    rows, effort = min(rows, settings.sample or rows), settings.iterations
    others, _, others_itemsize = gallery or (0, 0, 0)
    search = plan_for(rows, dim, settings.search, labels=labelled, gallery=others)
    work = Workload(
        rows,
        dim,
        itemsize,
        settings.metric,
        batch=max(map(math.prod, settings.batches or [settings.batch or (18, 4)])),
        approximate=search.approximate,
        threads=settings.workers,
        searched=not others and effort > 0 and (pays(rows, dim, effort) or not labelled),
        labelled=labelled,
        gallery=others,
        gallery_itemsize=others_itemsize,
    )
    return work, search
