"""Audits in a training with the Trainer of Lightning."""

from collections.abc import Mapping
from typing import Any

from embaudit.callbacks.audit_every import AuditEvery, Embed
from embaudit.callbacks.base_class_lookup import base_class

Base = base_class("Callback", ("lightning.pytorch", "pytorch_lightning"), "lightning")


class LightningCallback(Base):  # type: ignore[misc,valid-type] # of whichever of the two there is
    """Audits held-out rows every k steps, logs to the Trainer's loggers, and stops on collapse.

    >>> Trainer(callbacks=[LightningCallback(embed, labels, every=100)])

    `watch` is the AuditEvery that decides; it takes the same arguments. embed gets the
    LightningModule.
    """

    def __init__(self, embed: Embed, labels: Any = None, *, every: int, **options: Any) -> None:
        super().__init__()
        self.watch = AuditEvery(embed, labels, every=every, **options)

    def on_train_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Audit if it is time; the Trainer stops after this batch where it may."""

        def log(figures: Mapping[str, float], step: int) -> None:
            for logger in trainer.loggers:
                logger.log_metrics(figures, step=step)

        self.watch.log = self.watch.log or log
        if self.watch(trainer.global_step, pl_module):
            trainer.should_stop = True
