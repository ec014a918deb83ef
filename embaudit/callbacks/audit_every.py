"""Held-out embeddings, audited every k steps of a training."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any, Literal

from embaudit.callbacks.distributed_rank import FIRST, loaded_torch, rank, shared
from embaudit.errors import InputRefused, UsageError
from embaudit.report import STATES, Report
from embaudit.verbs.audit import audit

Embed = Callable[[Any], Any]
Log = Callable[[Mapping[str, float], int], object]

LABELLED = ("precision_at_1", "violated_triplets", "separation_auc", "rankme")
UNLABELLED = ("mean_cosine", "rankme")
logger = logging.getLogger("embaudit")


class AuditEvery:
    """Audits the held-out rows every k steps; called after each step, true once it should stop.

    >>> watch = AuditEvery(embed, labels, every=100, log=print)
    >>> for step in range(1, 10_001):
    ...     train()
    ...     if watch(step, model):
    ...         break

    `report` is the last audit's; `stopped` the step at which it said to stop, else None.
    """

    def __init__(
        self,
        embed: Embed,
        labels: Any = None,
        *,
        every: int,
        stop_on: Literal["collapsed", "warning"] | None = "collapsed",
        patience: int = 1,
        log: Log | None = None,
        prefix: str = "embaudit/",
        **options: Any,
    ) -> None:
        """Raises UsageError for what cannot be meant.

        embed: from the model to the embeddings (N, n) of the held-out rows, always in one order;
        it is called with the model in evaluation mode and without gradients. labels: N, or None.
        every: steps from one audit to the next. stop_on: the collapse state at which training
        stops, in so many audits in a row as `patience` says; None never stops. log: gets the
        figures by their names and the step; prefix: of these names. options: of `embaudit.audit`;
        its measures are by default a few that cost little.
        """
        if every < 1 or patience < 1:
            raise UsageError("every, patience: are numbers of steps and audits, 1 or more.")
        if stop_on is not None and stop_on not in STATES[1:]:
            raise UsageError(f"stop_on: {stop_on!r} is not one of 'collapsed', 'warning', None.")
        few = {"measures": UNLABELLED if labels is None else LABELLED, "no_labels": labels is None}
        self.embed, self.labels, self.every = embed, labels, every
        self.stop_on, self.patience = stop_on, patience
        self.log, self.prefix, self.options = log, prefix, few | options
        self.report: Report | None = None
        self.stopped: int | None = None
        self._seen, self._in_a_row = 0, 0

    def __call__(self, step: int, model: Any = None) -> bool:
        """Audit if it is time; whether training should stop. step: how many were taken, from 1.

        Of several processes of torch.distributed all embed and all are told to stop, and the
        first one audits and logs. What the first audit refuses is raised: later on, it is
        training that went wrong, as with values that are not finite, and it should stop.
        """
        if step % self.every or step in (0, self._seen):  # as batches gather for one step
            return self.stopped is not None
        self._seen = step
        with evaluating(model):
            embeddings = self.embed(model)
        figures = shared(self._audited(embeddings, step) if rank() == FIRST else None)
        if isinstance(figures, InputRefused):
            raise figures
        if figures is None:
            self._stop(step, "the embeddings cannot be audited any more")
            return True
        if self.log is not None and rank() == FIRST:
            self.log(figures, step)
        state = STATES[round(figures[f"{self.prefix}collapse_state"])]
        at = STATES.index(self.stop_on) if self.stop_on else len(STATES)
        self._in_a_row = self._in_a_row + 1 if STATES.index(state) >= at else 0
        if self._in_a_row >= self.patience:
            self._stop(step, f"collapse state {state}")
        return self.stopped is not None

    def _audited(self, embeddings: Any, step: int) -> dict[str, float] | InputRefused | None:
        """The figures of an audit; what it refuses, None after one that went well."""
        try:
            report = audit(embeddings, self.labels, **self.options)
        except InputRefused as refusal:
            if self.report is None:
                return refusal
            logger.warning("embaudit: step %d: %s", step, refusal)
            return None
        self.report = report
        values = {id: one.value for id, one in report.measures.items() if one.value is not None}
        values["collapse_state"] = float(STATES.index(report.collapse.state))
        return {f"{self.prefix}{id}": value for id, value in values.items()}

    def _stop(self, step: int, why: str) -> None:
        if self.stopped is None:
            self.stopped = step
            logger.warning("embaudit: step %d: %s: training should stop", step, why)


@contextmanager
def evaluating(model: Any) -> Iterator[None]:
    """A model of torch in evaluation mode and without gradients, and then as it was.

    Each of its modules by itself: some are kept in evaluation mode while others are trained.
    """
    torch = loaded_torch()
    modules = list(model.modules()) if torch and hasattr(model, "modules") else []
    modes = [one.training for one in modules]
    if modules:
        model.eval()
    try:
        with torch.no_grad() if torch else nullcontext():
            yield
    finally:
        for one, mode in zip(modules, modes, strict=True):
            one.training = mode
