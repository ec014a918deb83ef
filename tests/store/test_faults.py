"""What goes wrong with a store has its exit code, a remedy, and no torn output: -m store."""

import signal
import subprocess
import sys
import time

import numpy as np
import pyarrow as pa
import pytest

from embaudit.errors import InputRefused, OutputFailed
from embaudit.files import Names, choose, read, write_atomically
from tests.faults.process import PATIENCE, QUICK, data, embaudit, environment, names, told
from tests.files.cases_npz import npz
from tests.files.cases_parquet import table

pytestmark = pytest.mark.store

LOCAL = ("audit", "x.npy", "--labels", "y.npy", *QUICK, "-q")
DROPPED = "the store cannot be reached, or the connection dropped"
STALLS = "the store stalls"
IMPATIENT = (  # the command, but for how long it waits
    "from embaudit.files import store; from embaudit.__main__ import main; "
    "store.PATIENCE = 2; store.SLOWEST = 1 << 30; main()"
)
LARGE = 25 << 20  # bytes that are uploaded in parts


def there(address):
    return ("audit", f"{address}/x.npy", "--labels", f"{address}/y.npy", *QUICK, "-q")


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        ("s3://no-such-bucket/x.npy", 3, "there is no such bucket"),
        ("s3://sets/none.npy", 3, "there is no such file"),
        ("s3://sets/none/", 3, "there is no such file"),
        ("s3://sets/x.npy/x.npy", 3, "there is no such file"),
        ("s3://sets", 3, "subdirectories"),
        ("s3://", 3, "subdirectories"),
        ("s3:///x.npy", 2, "is no address that pyarrow takes"),
        ("s3://sets/%.npy", 2, "cannot be parsed"),
        ("s3://sets/x.npy?colour=red", 2, "the option 'colour' is unknown"),
    ],
)
def test_what_is_not_there(address, folder, tmp_path, path, code, words):
    done = embaudit(folder, "audit", path, *LOCAL[2:], "-o", tmp_path / "r.json")
    said = told(done, code)
    assert words in said
    assert path.partition("?")[0] in said
    assert names(tmp_path) == set()


def test_all_that_is_not_there_is_told_at_once(address, folder):
    done = embaudit(folder, "audit", f"{address}/none.npy", "--labels", "s3://no-such-bucket/y.npy")
    said = told(done, 3)
    assert "no such file" in said
    assert "no such bucket" in said


def test_outputs_are_looked_at_before_anything_is_read(store, folder):
    store.client().put_object(Bucket="sets", Key="dir.json/x", Body=b"")
    for path, words in (
        ("s3://no-such-bucket/r.json", "there is no such bucket"),
        ("s3://r.json", "there is no such bucket"),
        ("s3://sets/dir.json", "is a directory"),
    ):
        done = embaudit(folder, "audit", "none.npy", *LOCAL[2:], "-o", path)
        assert f"{path}: " in told(done, 5)
        assert words in done.stderr


def test_a_reader_reads_what_is_open_and_a_stranger_nothing(store, address, folder, tmp_path):
    closed = store.put(folder, "closed/")
    with store.guarded() as keys:
        owner, reader = (store.environment(keys=keys[who]) for who in ("owner", "reader"))
        unknown = store.environment(keys=("unknown", "secret"))
        wrong = store.environment(keys=(keys["owner"][0], "wrong"))
        told(embaudit(folder, *there(closed), env=owner), 0)
        told(embaudit(folder, *there(address), env=reader), 0)
        for env, path in ((reader, closed), (unknown, address), (wrong, address)):
            said = told(embaudit(folder, *there(path), env=env), 3)
            assert f"{path}/x.npy: access is denied" in said
            assert f"{path}/y.npy: access is denied" in said
        outputs = ("-o", tmp_path / "first.json", "-o", f"{address}/denied.json")
        said = told(embaudit(folder, *LOCAL, *outputs, env=reader), 5)
        assert f"{address}/denied.json: cannot be written: access is denied" in said
        assert f"Already written: {tmp_path / 'first.json'}" in said
    assert "denied.json" not in store.keys("open/")


def test_what_drops_once_is_read_again(address, folder, line, store):
    line.failing = 2
    told(embaudit(folder, *there(address), env=store.environment(line.url)), 0)
    assert line.dropped == 2


@pytest.mark.parametrize("form", ["npz", "parquet", "shards"])
def test_a_read_that_keeps_dropping(store, folder, line, tmp_path, form):
    x, y = np.load(folder / "x.npy"), np.load(folder / "y.npy")
    (tmp_path / "shards").mkdir()
    columns = {"emb": pa.array(list(x)), "label": y}
    for number in range(3):
        table(tmp_path / "shards" / f"{number}.parquet", columns)
    path = {
        "npz": npz(tmp_path / "x.npz", emb=x, label=y),
        "parquet": table(tmp_path / "x.parquet", columns),
        "shards": tmp_path / "shards",
    }[form]
    address = f"{store.put(tmp_path, f'dropping {form}/')}/{path.name}"
    line.answers = 200_000  # the headers pass
    env = store.environment(line.url)
    done = embaudit(folder, "audit", address, *QUICK, "-o", tmp_path / "r.json", env=env)
    said = told(done, 3)
    assert address in said
    assert said.count(DROPPED) == 1  # not once a shard: each takes as long as the first
    assert line.dropped > 1  # it was tried again
    assert "r.json" not in names(tmp_path)


def test_nobody_answers(store, address, folder, line):
    line.close()
    env = store.environment(line.url)
    assert told(embaudit(folder, *there(address), env=env), 3).count(DROPPED) == 1
    assert DROPPED in told(embaudit(folder, *LOCAL, "-o", f"{address}/r.json", env=env), 5)


@pytest.mark.parametrize(("size", "writes"), [(1000, 0), (LARGE, 2)])
def test_an_upload_that_fails_leaves_what_was_there(store, line, size, writes):
    """writes: how many requests still pass; with two, a first part arrived."""
    key = f"torn/{size}-{writes}.json"
    options = f"?endpoint_override={line.host}&scheme=http"
    write_atomically(f"s3://sets/{key}{options}", b"old")
    line.writes = writes
    for name in (key, f"new {key}"):
        with pytest.raises(OutputFailed) as failure:
            write_atomically(f"s3://sets/{name}{options}", bytes(size))
        assert failure.value.message.startswith(f"s3://sets/{name}: cannot be written: {DROPPED}")
        assert failure.value.hint
    assert line.dropped > 2  # it was tried again
    assert store.get(key) == b"old"
    assert store.keys("new torn/") == set()


def test_a_report_that_cannot_be_uploaded(store, folder, line, address):
    line.writes = 0
    output = f"{address}/report.json"
    done = embaudit(folder, *LOCAL, "-o", output, env=store.environment(line.url))
    assert f"{output}: cannot be written: {DROPPED}" in told(done, 5)
    assert "report.json" not in store.keys("open/")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_store_that_hangs_can_be_left(store, address, folder, line, number):
    line.hangs = True
    process = subprocess.Popen(
        [sys.executable, "-m", "embaudit", *there(address)],
        cwd=folder,
        env=environment(**store.environment(line.url)),
        stderr=subprocess.PIPE,
        text=True,
    )
    while not line.waiting:
        assert process.poll() is None, "it was over before it could be stopped"
        time.sleep(0.05)
    process.send_signal(number)
    _, said = process.communicate(timeout=PATIENCE)  # the line hangs all the while
    assert process.returncode == 128 + number
    assert "Traceback" not in said


def test_an_object_that_is_replaced_before_it_is_read(store, tmp_path):
    address = store.put(data(tmp_path), "replaced/")
    chosen = choose(f"{address}/x.npy", f"{address}/y.npy", Names())
    store.put(data(tmp_path, rows=90), "replaced/")
    with pytest.raises(InputRefused, match=r"x\.npy: changed while it was read"):
        read(chosen)


@pytest.fixture
def crawling(store, line):
    """A command through a line that stalls, in the middle of an answer or before it."""

    def run(folder, *arguments, **slow):
        for name, value in slow.items():
            setattr(line, name, value)
        command = [sys.executable, "-c", IMPATIENT, *map(str, arguments)]
        env = environment(**store.environment(line.url))
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
        assert line.waiting
        return done

    return run


@pytest.mark.parametrize("slow", [{"hangs": True}, {"crawls": 200_000}])
@pytest.mark.parametrize("form", ["npy", "npz", "parquet"])
def test_a_store_that_stalls_is_not_waited_for(store, folder, crawling, tmp_path, form, slow):
    x, y = np.load(folder / "x.npy"), np.load(folder / "y.npy")
    path = {
        "npy": folder / "x.npy",
        "npz": npz(tmp_path / "x.npz", emb=x, label=y),
        "parquet": table(tmp_path / "x.parquet", {"emb": pa.array(list(x)), "label": y}),
    }[form]
    address = f"{store.put(path.parent, f'stalling {form}/')}/{path.name}"
    done = crawling(folder, "audit", address, *LOCAL[2:4], *QUICK, **slow)
    said = told(done, 3)
    assert f"{address}: {STALLS}" in said
    assert said.count(STALLS) == 1


def test_an_upload_that_stalls_is_not_waited_for(folder, crawling, address):
    output = f"{address}/stalled.json"
    done = crawling(folder, *LOCAL, "-o", output, hangs=True)
    assert f"{output}: cannot be written: {STALLS}" in told(done, 5)


MARK, OTHER = (np.float32(value).tobytes() for value in (1 / 3, 2 / 3))


@pytest.fixture
def damaging(store, line, tmp_path):
    """A set that was looked at, and is then damaged on the line: every length stays."""
    x = np.random.default_rng(0).normal(size=(600, 64)).astype(np.float32)
    x[:, 0] = 1 / 3
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", np.arange(600) % 20)
    options = f"?endpoint_override={line.host}&scheme=http"
    there = store.put(tmp_path, "damaged/")
    chosen = choose(f"{there}/x.npy{options}", f"{there}/y.npy{options}", Names())
    line.turned = MARK, OTHER
    return chosen


def test_damage_of_equal_length_is_noticed(damaging):
    with pytest.raises(InputRefused, match=r"damaged/x\.npy: changed while it was read, or on its"):
        read(damaging)


def test_damage_after_the_digest_is_noticed(damaging, line):
    line.turned = b"", b""
    (vectors,) = damaging.vectors
    assert damaging.tables[0].file.sha256()
    line.turned = MARK, OTHER
    with pytest.raises(InputRefused, match="or on its way: bytes 0 to 153728 are not what"):
        list(vectors.blocks())
