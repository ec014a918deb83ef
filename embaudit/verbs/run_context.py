"""What verbs of one set share: its plan, its evidence and the clock, then the document's header."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from embaudit.core.timing import Timing
from embaudit.data import EmbeddingSet
from embaudit.data.gallery_classes import reference_of
from embaudit.evidence import ALL, STANDARD, Evidence, EvidenceOptions
from embaudit.planning.plan import Plan, plan_of_set
from embaudit.report import SCHEMA_VERSION, Tool
from embaudit.report.base_model import Model
from embaudit.search import Executor, LocalExecutor, Progress, one_blas_thread, silent, use_threads
from embaudit.settings.settings import Settings
from embaudit.verbs.provenance import environment, run_id, summary
from embaudit.version import __version__


@dataclass(frozen=True)
class RunContext:
    """A verb at work on a validated set with checked settings."""

    settings: Settings
    plan: Plan
    evidence: Evidence
    timing: Timing

    def header(self, options: Model, gate: Sequence[str] = (), **work: Any) -> dict[str, Any]:
        """What every document of a set says, by field: what made it, of what, and how.

        options: of the document. gate: the rules it was judged by. work: what was done, by name.
        """
        data, gallery = self.evidence.data, self.evidence.gallery
        return {
            "schema_version": SCHEMA_VERSION,
            "tool": Tool(name="embaudit", version=__version__),
            "run_id": run_id(data, options, gate, gallery),
            "inputs": data.sources + (gallery.sources if gallery else ()),
            "data": summary(self.evidence),
            "options": options,
            "environment": environment(self.settings, **work),
            "timing": self.timing.seconds,
        }


@contextmanager
def run_context_on(
    data: EmbeddingSet,
    settings: Settings,
    progress: Progress = silent,
    *,
    gallery: EmbeddingSet | None = None,
    executor: Executor | None = None,
) -> Iterator[RunContext]:
    """A session, as long as it lasts; its threads are those of the settings.

    gallery: what the rows are compared with instead of their own set. executor: who does the dear
    searches, by default threads of this process. Raises BudgetExceeded.
    """
    plan = plan_of_set(settings, data, gallery)
    reference = None if gallery is None else reference_of(data, gallery)
    use_threads(settings.workers)
    with one_blas_thread():
        evidence = Evidence(
            data,
            EvidenceOptions(
                metric=settings.metric,
                margin=settings.margin,
                batch=settings.batch,
                seed=settings.seed,
                budget=ALL if settings.everything else STANDARD,
                effort=settings.iterations,
                approximate=plan.search.approximate,
            ),
            LocalExecutor(settings.workers, settings.block_rows, progress),
            gallery=reference,
            executor=executor,
        )
        yield RunContext(settings, plan, evidence, Timing())
