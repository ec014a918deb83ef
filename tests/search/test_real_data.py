"""Real embeddings in the folder that EMBAUDIT_DATA names; skipped without it.

glyph/: test_step<N>.npy (checkpoints of one network, some continued with batch-hard mining) with
test_labels.npy, and train_step03000.npy with train_labels.npy. wordnet_minilm_20k.parquet: ids,
labels and embeddings in one table.
"""

import os
from pathlib import Path

import numpy as np
import pytest

import embaudit
from embaudit.data import EmbeddingSet
from embaudit.files import Names
from embaudit.settings.settings import settings_of
from embaudit.verbs.trend import Cache, series_of, trend_of
from tests import oracle
from tests.search import test_anchor_ranks, test_anchor_scan

DATA = Path(os.environ.get("EMBAUDIT_DATA", "."))
GLYPH, WORDNET = DATA / "glyph", DATA / "wordnet_minilm_20k.parquet"
MARGIN = 0.2  # of the glyph trainings

pytestmark = pytest.mark.skipif(
    "EMBAUDIT_DATA" not in os.environ, reason="EMBAUDIT_DATA names no folder"
)

CHECKPOINTS = (
    "test_step00000", "test_step00030", "test_step00100", "test_step00300", "test_step01000",
    "test_step03000", "test_step00300_then_batch_hard_72", "test_step03000_then_batch_hard_72",
    "test_step00300_then_batch_hard_1800", "test_step03000_then_batch_hard_1800",
)  # fmt: skip


def load(name) -> EmbeddingSet:
    if name == "wordnet":
        return embaudit.load(str(WORDNET))
    return embaudit.load(str(GLYPH / f"{name}.npy"), str(GLYPH / "test_labels.npy"))


def in_input_order(data):
    vectors = np.empty_like(data.vectors)
    vectors[data.rows] = data.vectors
    codes = np.empty(data.size, dtype=np.int64)
    codes[data.rows] = data.codes
    return vectors, [data.classes[code] for code in codes]


@pytest.mark.soak
@pytest.mark.parametrize("metric", ["l2", "cosine"])
@pytest.mark.parametrize("name", [*CHECKPOINTS, "wordnet"])
def test_every_anchor_equals_brute_force(name, metric):
    vectors, labels = in_input_order(load(name))
    expected = oracle.scan(vectors, labels, metric, graded=False)
    assert test_anchor_scan.disagreements(vectors, labels, metric, expected) == {}


@pytest.mark.soak
@pytest.mark.parametrize("metric", ["l2", "cosine"])
@pytest.mark.parametrize("name", ["test_step00000", "test_step03000_then_batch_hard_1800"])
def test_graded_figures_of_some_anchors_equal_enumeration(name, metric):
    vectors, labels = in_input_order(load(name))
    rows = np.random.default_rng(0).choice(len(vectors), 200, replace=False)
    expected = oracle.scan(vectors, labels, metric, rows=np.sort(rows))
    assert test_anchor_ranks.disagreements(vectors, labels, metric, expected) == {}


# state, point, class; None: not said
SEEN = {
    "test_step00300": ("none", None, None),
    "test_step01000": ("none", None, None),
    "test_step03000": ("none", None, None),
    "test_step00300_then_batch_hard_72": (None, None, None),
    "test_step03000_then_batch_hard_72": (None, None, None),
    "test_step00300_then_batch_hard_1800": ("collapsed", None, None),
    "test_step03000_then_batch_hard_1800": ("collapsed", "collapsed", "collapsed"),
}


@pytest.mark.parametrize("name", SEEN)
def test_collapse_states_of_the_glyph_networks(name):
    report = embaudit.audit(load(name), margin=MARGIN)
    state, point, by_class = SEEN[name]
    if state == "collapsed":
        assert report.collapse.state == "collapsed"
    else:
        assert report.collapse.state != "collapsed"
    assert point is None or report.collapse.point == point
    assert by_class is None or report.collapse.class_ == by_class


GEOMETRY = (
    "nn_ratio", "rankme", "nc1", "nc1_ratio", "nc2_equinorm", "nc2_equiangular", "etf_distance",
    "nc4_error", "alignment", "uniformity",
)  # fmt: skip


def test_the_geometry_tells_a_healthy_network_from_a_collapsed_one():
    healthy, collapsed = (
        embaudit.audit(load(name), measures=GEOMETRY).measures
        for name in ("test_step03000", "test_step03000_then_batch_hard_1800")
    )
    # four distinct rows are left, and nearly all anchors coincide with a positive and a negative
    assert "anchors left out" in collapsed["nn_ratio"].reason
    for readings in (healthy, collapsed):
        assert all(readings[id].value is not None for id in GEOMETRY)
    assert healthy["nc1_ratio"].value < 0.5 < 10 < collapsed["nc1_ratio"].value
    assert healthy["nc4_error"].value < 0.2 < 0.99 < collapsed["nc4_error"].value
    assert healthy["rankme"].value > 10 > 2 > collapsed["rankme"].value
    assert healthy["uniformity"].upper < -2 < -0.01 < collapsed["uniformity"].lower
    # a collapse aligns all pairs: alignment alone is no virtue
    assert collapsed["alignment"].value < healthy["alignment"].value


def test_graded_figures_rise_with_training():
    # a worst case saturates on real data; the graded figures beside it tell the checkpoints apart
    reports = [embaudit.audit(load(f"test_step{step}")) for step in ("00000", "00300", "03000")]
    for measure in ("separation_auc", "precision_at_1"):
        values = [report.measures[measure].value for report in reports]
        assert values == sorted(values)
        assert len(set(values)) == 3
    assert all(report.measures["violating_anchors"].value > 0.99 for report in reports)


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """Audits that two series share."""
    return tmp_path_factory.mktemp("known")


def followed_glyph(folder, *names):
    paths = [str(GLYPH / f"{name}.npy") for name in names]
    settings = settings_of(margin=MARGIN, measures="violated_triplets,precision_at_1")
    series = series_of(paths, str(GLYPH / "test_labels.npy"), Names(), settings)
    return trend_of(series, Cache(folder, pytest.fail))


def test_a_training_is_followed_to_its_best_checkpoint(known):
    trend = followed_glyph(known, *reversed(CHECKPOINTS[:6]))
    grew = [one for one in trend.events if one.kind == "precision_grew"]
    assert [one.name for one in trend.checkpoints][:2] == ["step00000", "step00030"]
    assert trend.best == "step03000"
    most = max(grew, key=lambda one: one.change.value)
    values = [one.measures["precision_at_1"].value for one in trend.checkpoints]
    steepest = int(np.argmax(np.diff(values)))
    assert most.before == trend.checkpoints[steepest].name
    assert trend.checkpoints[-1].collapse.state == "none"
    assert all(one.cached for one in followed_glyph(known, *CHECKPOINTS[:6]).checkpoints)


def test_the_step_at_which_collapse_began_is_named(known):
    trend = followed_glyph(known, "test_step03000", "test_step03000_then_batch_hard_1800")
    (began,) = [one for one in trend.events if one.kind == "collapse_began"]
    assert (began.before, began.at) == ("step03000", "step03000_then_batch_hard_1800")
    assert began.kinds == ("point", "dimensional", "class")
    (fell,) = [one for one in trend.events if one.kind.startswith("precision")]
    assert fell.kind == "precision_fell"
    assert trend.best == "step03000"


def test_wordnet_is_audited_with_its_ids():
    report = embaudit.audit(load("wordnet"), metric="cosine")
    assert report.data.rows == 20_000
    assert report.data.classes == 26
    assert report.hardest_triplets[0].ids is not None


@pytest.mark.soak
def test_the_isometric_error_of_a_whole_set_is_tight_with_effort():
    report = embaudit.audit(load("test_step03000"), measures="d_iso", effort=1)
    reading = report.measures["d_iso"]
    assert reading.kind == "certified"
    assert reading.upper <= 1.8 * reading.lower
