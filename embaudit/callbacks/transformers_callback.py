"""Audits in a training with the Trainer of Hugging Face's transformers."""

from collections.abc import Mapping
from typing import Any, TypeVar

from embaudit.callbacks.audit_every import AuditEvery, Embed
from embaudit.callbacks.base_class_lookup import base_class

Base = base_class("TrainerCallback", ("transformers",), "transformers")
Attached = TypeVar("Attached", bound="TransformersCallback")


class TransformersCallback(Base):  # type: ignore[misc,valid-type] # of a library without types
    """Audits held-out rows every k steps, logs where the Trainer does, and stops on collapse.

    >>> TransformersCallback(embed, labels, every=100).attach(Trainer(...))

    `watch` is the AuditEvery that decides; it takes the same arguments. embed gets the model that
    is trained. A Trainer gives its callbacks no way to log: `attach` does.
    """

    def __init__(self, embed: Embed, labels: Any = None, *, every: int, **options: Any) -> None:
        super().__init__()
        self.watch = AuditEvery(embed, labels, every=every, **options)

    def attach(self: Attached, trainer: Any) -> Attached:
        """Become a callback of a Trainer that logs to what the Trainer reports to."""
        trainer.add_callback(self)

        def log(figures: Mapping[str, float], step: int) -> None:
            trainer.log(dict(figures))

        self.watch.log = self.watch.log or log
        return self

    def on_step_end(
        self, args: Any, state: Any, control: Any, model: Any = None, **given: Any
    ) -> Any:
        """Audit if it is time; the Trainer stops after this step."""
        wanted = control.should_log
        if self.watch(state.global_step, model):
            control.should_training_stop = True
        control.should_log = wanted  # the loss of this step is still to be told
        return control
