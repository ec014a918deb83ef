"""What is read from a store is what is read from a disk: opt in with -m store.

Needs an S3 server on loopback: pip install 'moto[server]'.
"""

import json
import subprocess
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pytest

import embaudit
from embaudit.errors import InputRefused, on_command_line
from embaudit.planning.memory import Workload, needs_of_audit
from tests.core.test_disk_backed_rows import LINUX, PEAK, SHAPE, budgets, kept, saved
from tests.faults.process import QUICK, environment, told
from tests.faults.process import embaudit as command
from tests.files.cases_npz import npz
from tests.files.cases_parquet import table
from tests.files.corpus import Case, X, Y, npy
from tests.files.test_corpus import CASES, by_name
from tests.files.test_forms import FORMS, LABELS

pytestmark = pytest.mark.store


def put(store, folder, *names):
    """A folder in the store, and the addresses of some of its files."""
    address = store.put(folder, f"{folder.parent.name}/{folder.name}/")
    return [f"{address}/{quote(str(name))}" for name in names]


def same(found, expected):
    """Two sets, but for the names of their files."""
    assert np.array_equal(found.vectors, expected.vectors)
    assert found.vectors.dtype == expected.vectors.dtype
    assert found.classes == expected.classes
    assert found.ids == expected.ids
    assert np.array_equal(found.rows, expected.rows)
    assert [one.code for one in found.notices] == [one.code for one in expected.notices]
    assert [one.sha256 for one in found.sources] == [one.sha256 for one in expected.sources]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_embeddings(store, tmp_path, form):
    here, labels = FORMS[form](tmp_path), npy(tmp_path / "y.npy", Y)
    addresses = put(store, tmp_path, here.name, labels.name)
    same(embaudit.load(*addresses), embaudit.load(here, labels))


@pytest.mark.parametrize("form", LABELS)
def test_every_form_of_labels(store, tmp_path, form):
    here, vectors = LABELS[form](tmp_path), npy(tmp_path / "x.npy", X)
    addresses = put(store, tmp_path, vectors.name, here.name)
    same(embaudit.load(*addresses), embaudit.load(vectors, here))


# Refused in other words: a store has nothing against such names, and seeks otherwise.
OTHERWISE = {"path with NUL", "path too long", "path under a file", "npz empty zip"}


GIVEN_PATHS = ("lance",)  # formats whose library opens their files


def only_on_disk(folder):
    """Links and pipes have no likeness in a store."""
    return any(
        path.is_symlink() or not (path.is_file() or path.is_dir()) for path in folder.rglob("*")
    )


@pytest.mark.parametrize("case", CASES, ids=by_name)
def test_the_corpus_is_accepted_and_refused_as_on_a_disk(store, tmp_path: Path, case: Case):
    arguments = case.build(tmp_path)
    named = [key for key in ("path", "labels") if arguments.get(key) is not None]
    inside = all(Path(arguments[key]).is_relative_to(tmp_path) for key in named)
    if only_on_disk(tmp_path) or case.name.startswith(GIVEN_PATHS) or not inside:
        pytest.skip("has no likeness in a store")
    address = store.put(tmp_path, f"corpus/{CASES.index(case)}/")
    there = {
        key: f"{address}/{quote(str(Path(arguments[key]).relative_to(tmp_path)))}" for key in named
    }
    if not case.says:
        same(embaudit.load(**arguments | there), embaudit.load(**arguments))
        return
    with on_command_line(), pytest.raises(InputRefused) as refusal:
        embaudit.load(**arguments | there)
    for words in case.says if case.name not in OTHERWISE else ():
        assert words.lower() in str(refusal.value).lower()


def test_the_report_is_that_of_the_files_on_disk(store, tmp_path):
    npz(tmp_path / "set.npz", embedding=X, label=Y)
    (address,) = put(store, tmp_path, "set.npz")
    there, here = (
        command(tmp_path, "audit", path, "--no-progress", "--format", "json")
        for path in (address, "set.npz")
    )
    told(there, 0)
    told(here, 0)
    found = json.dumps(kept(there.stdout))
    assert address in found
    moved, expected = json.loads(found.replace(address, "set.npz")), kept(here.stdout)
    assert moved.pop("digest") != expected.pop("digest")  # it is of the path, too
    assert moved == expected


def test_workers_read_the_store_by_themselves(store, tmp_path):
    pytest.importorskip("distributed")
    npz(tmp_path / "set.npz", embedding=X, label=Y)
    (address,) = put(store, tmp_path, "set.npz")
    alone, many = (
        command(tmp_path, "audit", address, "--no-progress", "--format", "json", *workers)
        for workers in ((), ("--workers", "2"))
    )
    told(alone, 0)
    told(many, 0)
    assert kept(many.stdout) == kept(alone.stdout)


def test_names_may_hold_whatever_a_key_may(store, tmp_path):
    names = ("a b.npy", "ä#?%.npy", "100%25.npy")
    for name in names:
        npy(tmp_path / name, X)
    npy(tmp_path / "y.npy", Y)
    *addresses, labels = put(store, tmp_path, *names, "y.npy")
    for address in [*addresses, addresses[0].replace("%20", " ")]:
        assert embaudit.load(address, labels).size == len(X)


def test_what_an_address_says_of_credentials_and_endpoints_is_used_and_never_told(
    store, address, folder
):
    host = store.url.rpartition("/")[2]
    scheme, _, rest = address.partition("://")
    full = f"{scheme}://AKIDEXAMPLE:hidden@{rest}/x.npy?region=us-east-1&endpoint_override={host}&scheme=http"
    nowhere = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": ""}
    done = command(
        folder, "audit", full, "--labels", "y.npy", *QUICK, "-v", "--format", "json", env=nowhere
    )
    said = told(done, 0) + done.stdout
    assert f"{address}/x.npy" in said
    for secret in ("hidden", host, "AKIDEXAMPLE"):
        assert secret not in said


def test_a_budget_that_holds_the_rows_only_on_disk(store, tmp_path):
    """Shards, so that they come one after the other; nothing is held that was not counted."""
    x = np.load(saved(tmp_path) / "x.npy")
    labels = np.load(tmp_path / "y.npy")
    (tmp_path / "shards").mkdir()
    for number, part in enumerate(np.array_split(np.arange(SHAPE.rows), 8)):
        columns = {"emb": pa.array(list(x[part])), "label": labels[part]}
        table(tmp_path / "shards" / f"part-{number}.parquet", columns)
    shards, one = put(store, tmp_path, "shards", "x.npy")
    in_memory, on_disk = budgets()
    options = ("--no-progress", "--format", "json", "--measures", "violated_triplets")
    tight = ("--memory-budget", (in_memory + on_disk) // 2)
    for own in ((shards,), (one, "--labels", "y.npy")):
        free, held = (command(tmp_path, "audit", *own, *options, *more) for more in ((), tight))
        told(free, 0)
        told(held, 0)
        assert kept(held.stdout) == kept(free.stdout)
    cost = command(tmp_path, "audit", shards, *tight, "--dry-run", "--format", "json")
    assert json.loads(cost.stdout)["disk"] == x.nbytes
    said = told(command(tmp_path, "audit", shards, "--memory-budget", on_disk - 1), 4)
    assert "are allowed" in said


@LINUX
def test_rows_that_go_to_disk_are_never_in_memory_at_once(store, tmp_path):
    rows, dim = 300_000, 256
    (tmp_path / "shards").mkdir()
    x = np.random.default_rng(0).normal(size=(rows // 6, dim)).astype("f2")
    for number in range(6):
        npy(tmp_path / "shards" / f"{number}.npy", x + np.float16(number))
    npy(tmp_path / "y.npy", np.arange(rows) % 100)
    (address,) = put(store, tmp_path, "shards")

    def peak(*options):
        done = subprocess.run(
            [*PEAK, "inspect", address, "--labels", "y.npy", *map(str, options)],
            cwd=tmp_path,
            env=environment(PYTHONPATH=str(Path(__file__).parents[2])),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["bytes"]

    shape = Workload(rows, dim, 2, "l2", approximate=True, classes=100)
    budget = needs_of_audit(shape, on_disk=True).total
    assert peak("--memory-budget", budget) < peak() - 0.7 * 2 * rows * dim


def test_every_verb_reads_there(store, tmp_path):
    for step in (2, 10):
        npz(tmp_path / f"step{step}.npz", embedding=step * X, label=Y)
    addresses = put(store, tmp_path, "step10.npz", "step2.npz")
    one = addresses[0]
    for verb, *more in (
        ("inspect", one),
        ("audit", one, "--gallery", addresses[1], *QUICK),
        ("project", one, "--no-progress"),
        ("forecast", one, "--no-progress"),
        ("mine", one, "--no-progress"),
    ):
        done = command(tmp_path, verb, *more)
        told(done, 0)
        assert done.stdout
    done = command(tmp_path, "trend", *addresses, *QUICK, "--format", "json")
    told(done, 0)
    assert [one["name"] for one in json.loads(done.stdout)["checkpoints"]] == ["step2", "step10"]
    again = command(tmp_path, "trend", *addresses, *QUICK, "--format", "json")
    assert all(one["cached"] for one in json.loads(again.stdout)["checkpoints"])


def test_labels_may_be_configured_by_address(store, address, folder, tmp_path):
    (tmp_path / "embaudit.toml").write_text(f'labels = "{address}/y.npy"\n')
    told(command(tmp_path, "audit", folder / "x.npy", *QUICK), 0)
