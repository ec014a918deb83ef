"""Trainings that collapse are stopped in the Trainers themselves: torch on a processor, opt in.

`pip install torch lightning transformers accelerate tensorboard`, then `-m training`.
"""

import subprocess
import sys

import numpy as np
import pytest

from embaudit import callbacks
from tests.docs.pages import MANUAL, snippets

pytestmark = pytest.mark.training
torch = pytest.importorskip("torch")

from tests.callbacks.trained import Network, batch_hard, optimizer, rows  # noqa: E402 - of torch

EVERY, LATEST, STEPS = 5, 40, 200
TRAINED, CLASSES = rows(1)
HELD_OUT, LABELS = rows(2)[0], rows(2)[1].numpy()


@pytest.fixture
def network():
    torch.manual_seed(0)
    return Network()


class Data(torch.utils.data.Dataset):
    """All rows, as many times as a training may last."""

    def __len__(self):
        return len(TRAINED) * STEPS

    def __getitem__(self, row):
        at = row % len(TRAINED)
        return {"points": TRAINED[at], "classes": CLASSES[at]}


def embed(model):
    """It has to be called as held-out rows are embedded."""
    inner = getattr(model, "network", model)
    assert not inner.training
    assert not torch.is_grad_enabled()
    return inner(HELD_OUT)


def check(watch, step):
    assert EVERY < watch.stopped == step <= LATEST
    assert watch.report.collapse.state == "collapsed"


def test_a_loop_is_stopped_and_its_model_left_as_it_was(network):
    watch = callbacks.AuditEvery(embed, LABELS, every=EVERY)
    network.layers[1].eval()  # one of its owner's
    steps = optimizer(network)
    for step in range(1, STEPS):
        steps.zero_grad()
        batch_hard(network(TRAINED), CLASSES).backward()
        steps.step()
        if watch(step, network):
            break
        assert network.training
        assert network.layers[2].training
        assert not network.layers[1].training
    check(watch, step)


def lightning_module(network):
    lightning = pytest.importorskip("lightning")

    class Module(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.network = network

        def training_step(self, batch, _):
            return batch_hard(self.network(batch["points"]), batch["classes"])

        def configure_optimizers(self):
            return optimizer(self)

    return Module(), torch.utils.data.DataLoader(Data(), batch_size=len(TRAINED))


def quiet(folder):
    """Options of a Trainer of Lightning."""
    return {
        "accelerator": "cpu", "default_root_dir": folder, "enable_progress_bar": False,
        "enable_checkpointing": False, "enable_model_summary": False,
    }  # fmt: skip


def test_lightning_is_stopped_and_told_in_its_loggers(network, tmp_path):
    module, loader = lightning_module(network)
    from lightning.pytorch import Trainer
    from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger

    callback = callbacks.LightningCallback(embed, LABELS, every=EVERY)
    loggers = [CSVLogger(tmp_path, "csv"), TensorBoardLogger(tmp_path, "board")]
    trainer = Trainer(max_steps=STEPS, callbacks=[callback], logger=loggers, **quiet(tmp_path))
    trainer.fit(module, loader)
    check(callback.watch, trainer.global_step)
    (csv,) = tmp_path.rglob("metrics.csv")
    assert "embaudit/precision_at_1" in csv.read_text().splitlines()[0]
    assert logged(tmp_path / "board") == [*range(EVERY, trainer.global_step + 1, EVERY)]


def logged(folder):
    """The steps at which TensorBoard was told of collapse."""
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    (events,) = (one for one in folder.rglob("events.*"))
    board = EventAccumulator(str(events))
    board.Reload()
    (name,) = (one for one in board.Tags()["scalars"] if one.endswith("collapse_state"))
    return [one.step for one in board.Scalars(name)]


def test_steps_gathered_of_several_batches_are_audited_once(network, tmp_path):
    module, loader = lightning_module(network)
    from lightning.pytorch import Trainer

    seen = []
    callback = callbacks.LightningCallback(
        embed, LABELS, every=EVERY, log=lambda figures, step: seen.append(step)
    )
    given = quiet(tmp_path) | {"logger": False, "accumulate_grad_batches": 3}
    Trainer(max_steps=10, callbacks=[callback], **given).fit(module, loader)
    assert seen == [5, 10]


class WithLoss(torch.nn.Module):
    """As the Trainer of transformers has it: from a batch to a loss."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, points, classes):
        return {"loss": batch_hard(self.network(points), classes)}

    def embed(self, points):
        return self.network(points)


def arguments(folder):
    transformers = pytest.importorskip("transformers")
    return transformers.TrainingArguments(
        str(folder), per_device_train_batch_size=len(TRAINED), max_steps=STEPS, logging_steps=1,
        report_to=["tensorboard"], use_cpu=True, save_strategy="no", disable_tqdm=True,
        remove_unused_columns=False,
    )  # fmt: skip


def hugging_face(network, folder):
    from transformers import Trainer

    steps = optimizer(network)
    flat = torch.optim.lr_scheduler.LambdaLR(steps, lambda _: 1.0)
    return Trainer(
        WithLoss(network), arguments(folder), train_dataset=Data(), optimizers=(steps, flat)
    )


def test_transformers_is_stopped_and_told_where_it_reports_to(network, tmp_path, monkeypatch):
    pytest.importorskip("transformers")
    monkeypatch.setenv("TENSORBOARD_LOGGING_DIR", str(tmp_path / "board"))
    trainer = hugging_face(network, tmp_path)
    callback = callbacks.TransformersCallback(embed, LABELS, every=EVERY).attach(trainer)
    trainer.train()
    ended = trainer.state.global_step
    check(callback.watch, ended)
    told = [one["step"] for one in trainer.state.log_history if "embaudit/rankme" in one]
    assert told == [*range(EVERY, ended + 1, EVERY)]
    losses = [one["step"] for one in trainer.state.log_history if "loss" in one]
    assert losses == [*range(1, ended + 1)]
    assert logged(tmp_path / "board") == told


@pytest.mark.parametrize("name", ["LightningCallback", "TransformersCallback"])
def test_the_manual_shows_what_runs(name, network, tmp_path, monkeypatch):
    module, loader = lightning_module(network)
    monkeypatch.chdir(tmp_path)
    model = WithLoss(network)
    module.forward = network.forward
    given = {
        "module": module, "train_loader": loader, "model": model, "rows": Data(),
        "arguments": arguments(tmp_path), "held_out": HELD_OUT, "held_out_labels": LABELS,
    }  # fmt: skip
    (shown,) = (one.code for one in snippets(MANUAL["training"]) if f"import {name}" in one.code)
    exec(compile(shown.replace("every=100", "every=5"), "<docs>", "exec"), given)


PROCESSES = """
import sys, torch, numpy as np
from embaudit.callbacks import AuditEvery
rank = int(sys.argv[1])
torch.distributed.init_process_group(
    "gloo", init_method=f"file://{sys.argv[2]}", rank=rank, world_size=2
)
labels = np.arange(60) % 6
apart = np.eye(6, 8)[labels] + 0.01 * np.random.default_rng(0).normal(size=(60, 8))
told = []
watch = AuditEvery(
    lambda model: apart if model < 20 or rank else np.ones((60, 8)),
    labels if rank == 0 else labels[1:], every=10, log=lambda figures, step: told.append(step)
)
step = next(step for step in range(1, 100) if watch(step, step))
print(step, told, watch.report is None)
"""


def test_of_several_processes_the_first_audits_and_all_stop(tmp_path):
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESSES, str(rank), str(tmp_path / "meet")],
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in (0, 1)
    ]
    assert [one.communicate(timeout=300)[0].strip() for one in running] == [
        "20 [10, 20] False",
        "20 [] True",
    ]


def test_rows_in_half_precision_are_embeddings_too(network):
    watch = callbacks.AuditEvery(lambda model: model(HELD_OUT).half(), LABELS, every=1)
    assert watch(1, network) is False
    assert np.isfinite(watch.report.measures["precision_at_1"].value)
