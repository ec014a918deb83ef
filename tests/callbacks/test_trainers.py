"""The callbacks of Trainers, with stand-ins that have the documented hooks and nothing else.

`python -m pytest -m training` runs them in the Trainers themselves.
"""

import sys
from importlib import import_module
from types import ModuleType, SimpleNamespace

import pytest

from embaudit import callbacks
from tests.callbacks.collapsing import BEGINS, LABELS, rows_at

MODULES = ("lightning", "lightning.pytorch", "pytorch_lightning", "transformers", "torch")
HOMES = ("embaudit.callbacks.lightning_callback", "embaudit.callbacks.transformers_callback")


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """No Trainer is there but what a test says."""
    for name in (*MODULES, *HOMES):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setattr("embaudit.callbacks.base_class_lookup.find_spec", lambda name: None)
    yield
    for name in HOMES:
        sys.modules.pop(name, None)


def there(monkeypatch, module, **classes):
    made = ModuleType(module)
    vars(made).update(classes)
    monkeypatch.setitem(sys.modules, module, made)


class Told:
    """A logger of Lightning."""

    def __init__(self):
        self.figures = {}

    def log_metrics(self, metrics, step=None):
        self.figures[step] = metrics


@pytest.mark.parametrize("library", ["lightning.pytorch", "pytorch_lightning"])
def test_lightning_logs_to_every_logger_and_stops(library, monkeypatch):
    base = type("Callback", (), {})
    there(monkeypatch, library, Callback=base)
    callback = callbacks.LightningCallback(rows_at, LABELS, every=10)
    assert isinstance(callback, base)
    loggers = [Told(), Told()]
    trainer = SimpleNamespace(global_step=0, should_stop=False, loggers=loggers)
    while not trainer.should_stop:
        trainer.global_step += 1
        callback.on_train_batch_end(trainer, trainer.global_step, None, None, 0)
    assert trainer.global_step == BEGINS + 10
    assert loggers[0].figures == loggers[1].figures
    assert list(loggers[0].figures) == [10, 20, 30]


class Trainer:
    """That of transformers: the flow of a step, and how it logs."""

    def __init__(self):
        self.callback = None
        self.state = SimpleNamespace(global_step=0)
        self.control = SimpleNamespace(should_log=False, should_training_stop=False)
        self.history = []

    def add_callback(self, callback):
        self.callback = callback

    def log(self, logs):
        self.history.append({**logs, "step": self.state.global_step})
        self.control.should_log = False

    def train(self):
        while not self.control.should_training_stop and self.state.global_step < 100:
            self.state.global_step += 1
            self.control.should_log = True
            model = self.state.global_step
            given = {"model": model, "optimizer": None, "train_dataloader": None}
            self.control = self.callback.on_step_end(None, self.state, self.control, **given)
            if self.control.should_log:
                self.log({"loss": 1.0})


def test_transformers_logs_what_the_trainer_logs_to_and_stops(monkeypatch):
    there(monkeypatch, "transformers", TrainerCallback=type("TrainerCallback", (), {}))
    trainer = Trainer()
    callback = callbacks.TransformersCallback(rows_at, LABELS, every=10).attach(trainer)
    trainer.train()
    assert trainer.state.global_step == callback.watch.stopped == BEGINS + 10
    audited = [one["step"] for one in trainer.history if "embaudit/collapse_state" in one]
    assert audited == [10, 20, 30]
    assert [one["step"] for one in trainer.history if "loss" in one] == [*range(1, 31)]


@pytest.mark.parametrize("name", ["LightningCallback", "TransformersCallback"])
def test_without_its_trainer_a_class_says_what_to_install(name):
    with pytest.raises(ImportError, match="Install it: pip install"):
        getattr(callbacks, name)


def test_the_trainer_that_was_imported_is_preferred(monkeypatch):
    monkeypatch.setattr("embaudit.callbacks.base_class_lookup.find_spec", lambda name: name)
    theirs = type("Callback", (), {})
    there(monkeypatch, "pytorch_lightning", Callback=theirs)
    assert import_module(HOMES[0]).Base is theirs
