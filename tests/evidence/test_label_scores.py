"""Label scores of whole audits: planted flips, what must not change them, and what is told."""

import numpy as np
import pytest

import embaudit
from embaudit.data import EmbeddingSet
from embaudit.data.sources_and_notices import Unlabelled
from embaudit.evidence.label_scores import doubt_of
from embaudit.evidence.violation_causes import ASKED
from embaudit.report.suspects import SURE, WRONG
from embaudit.settings.settings import settings_of
from embaudit.verbs.audit import run
from embaudit.verbs.audit_request import request_of
from tests.combined import alternating, in_part

CLASSES, EACH, DIM = 12, 50, 24


def clusters(seed=0, noise=1.0, order=True):
    """Normal classes that touch a little: (N, n) vectors and N codes."""
    rng = np.random.default_rng(seed)
    codes = np.repeat(np.arange(CLASSES), EACH)
    x = rng.normal(size=(CLASSES, DIM))[codes] + noise * 0.6 * rng.normal(size=(len(codes), DIM))
    mixed = rng.permutation(len(codes))
    return (x[mixed], codes[mixed]) if order else (x, codes)


def flipped(codes, share, seed=0):
    rng = np.random.default_rng((seed, 1))
    rows = rng.choice(len(codes), int(share * len(codes)), replace=False)
    noisy = codes.copy()
    noisy[rows] = (noisy[rows] + rng.integers(1, CLASSES, len(rows))) % CLASSES
    wrong = np.zeros(len(codes), dtype=bool)
    wrong[rows] = True
    return noisy, wrong


def evidence_of(x, labels, **options):
    chosen = settings_of(measures="likely_mislabels", **options)
    return run(
        EmbeddingSet.from_arrays(x, np.asarray(labels).tolist()), chosen, request_of(chosen)
    ).evidence


def scores_of(x, labels, **options):
    """(N,) label scores in the order of the input."""
    evidence = evidence_of(x, labels, **options)
    out = np.empty(len(x))
    out[evidence.data.input_rows] = evidence.attribution.wrong
    return out


@pytest.mark.parametrize(("seed", "share"), in_part(alternating(range(3), [0.01, 0.05, 0.2])))
def test_planted_flips_come_first_and_are_as_many_as_expected(seed, share):
    x, codes = clusters(seed)
    noisy, wrong = flipped(codes, share, seed)
    report = embaudit.audit(x, noisy.tolist(), measures="likely_mislabels")
    scores = scores_of(x, noisy)
    first = np.argsort(-scores)[: wrong.sum()]
    assert wrong[first].mean() >= 0.95
    assert report.blame is not None
    flagged = scores >= WRONG
    assert report.blame.expected_wrong == pytest.approx(scores[flagged].sum())
    assert report.blame.sure == np.count_nonzero(scores >= SURE)
    assert abs(report.blame.expected_wrong - wrong[flagged].sum()) <= 0.1 * flagged.sum() + 1
    assert report.diagnosis.state == "check_labels"
    (finding,) = [one for one in report.diagnosis.findings if one.id == "suspect_labels"]
    assert finding.evidence["count"] == flagged.sum() == report.blame.rows["likely_mislabel"]
    assert finding.evidence["sure"] == report.blame.sure
    wrong, count = round(report.blame.expected_wrong), flagged.sum()
    told = f"about {wrong} of them wrong" if wrong < count else "probably all of them wrong"
    assert told in finding.headline


def shaped(shape, seed):
    """Classes that are no equal round clouds: (N, n) vectors and N codes."""
    rng = np.random.default_rng((seed, 7))
    codes = np.arange(900) % CLASSES
    if shape == "uneven":
        rare = 1 / np.arange(1, CLASSES + 1)
        codes = np.sort(
            np.append(codes[: 4 * CLASSES], rng.choice(CLASSES, 852, p=rare / rare.sum()))
        )
    centres, noise = rng.normal(size=(CLASSES, 2, DIM)), 0.65 * rng.normal(size=(900, DIM))
    if shape == "heavy tails":
        noise *= np.sqrt(4 / rng.chisquare(4, size=900))[:, None]
    elif shape == "uneven":
        noise *= rng.uniform(0.5, 1.5, CLASSES)[codes][:, None]
    mode = rng.integers(2, size=900) if shape == "two modes" else 0
    return centres[codes, mode] + noise, codes


def swapped(x, codes, share, seed=0):
    """Labels of which some are of the class with the nearest centre, and flags of those."""
    centres = np.stack([x[codes == code].mean(axis=0) for code in range(CLASSES)])
    apart = np.square(centres[:, None] - centres).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    wrong = flipped(codes, share, seed)[1]
    return np.where(wrong, apart.argmin(axis=1)[codes], codes), wrong


@pytest.mark.parametrize(("kind", "share"), in_part([("random", 0.01), ("nearest", 0.05)]))
@pytest.mark.thorough
def test_expected_precision_holds_for_classes_of_any_shape(kind, share):
    flagged, expected, hit, all_ = np.zeros(4)
    for seed, shape in enumerate(2 * ["heavy tails", "uneven", "two modes"]):
        x, codes = shaped(shape, seed)
        noisy, wrong = (
            flipped(codes, share, seed) if kind == "random" else swapped(x, codes, share, seed)
        )
        scores = scores_of(x, noisy)
        suspect = scores >= WRONG
        flagged += np.count_nonzero(suspect)
        expected += scores[suspect].sum()
        hit += np.count_nonzero(suspect & wrong)
        all_ += np.count_nonzero(wrong)
    assert -0.1 * flagged <= hit - expected <= 0.15 * flagged  # rather too little
    assert hit >= 0.6 * all_


@pytest.mark.parametrize("seed", range(3))
def test_clean_sets_have_no_sure_suspect(seed):
    report = embaudit.audit(*clusters(seed), measures="likely_mislabels")
    assert report.blame is not None
    assert report.blame.sure == 0
    assert report.diagnosis.state == "healthy"


@pytest.mark.thorough
def test_scores_do_not_hang_on_order_names_motion_offset_scale_or_threads():
    x, codes = clusters()
    noisy, _ = flipped(codes, 0.05)
    wanted = scores_of(x, noisy.tolist())
    rng = np.random.default_rng(3)
    mixed = rng.permutation(len(x))
    turn = np.linalg.qr(rng.normal(size=(DIM, DIM)))[0]
    names = [f"class {(7 * code) % CLASSES}" for code in noisy]
    np.testing.assert_allclose(scores_of(x[mixed], noisy[mixed].tolist()), wanted[mixed], atol=1e-9)
    np.testing.assert_allclose(scores_of(x, names), wanted, atol=1e-9)
    np.testing.assert_allclose(scores_of(x @ turn + 5, noisy.tolist()), wanted, atol=1e-6)
    np.testing.assert_allclose(scores_of(x * 1e-3, noisy.tolist()), wanted, atol=1e-6)
    np.testing.assert_array_equal(scores_of(x, noisy.tolist(), threads=2), wanted)


def test_the_vote_is_that_of_the_ten_nearest_rows():
    x, codes = clusters(noise=1.5)
    noisy, _ = flipped(codes, 0.2)
    evidence = evidence_of(x, noisy.tolist())
    data = evidence.data
    doubt = doubt_of(data, evidence.points, evidence.scan, evidence.moments, 1)
    rows, labels = x[data.input_rows], data.codes
    away = np.linalg.norm(rows[:, None] - rows, axis=2)
    np.fill_diagonal(away, np.inf)
    same = labels[:, None] == labels
    positive = np.where(same, away, np.inf).min(axis=1)
    negative = np.where(same, np.inf, away).min(axis=1)
    np.testing.assert_allclose(doubt.near, np.log(positive / negative), atol=1e-3)
    scores = doubt.first
    for row in np.flatnonzero(scores > ASKED):
        votes = np.bincount(labels[np.argsort(away[row])[:10]], minlength=CLASSES) / 10
        own = votes[labels[row]]
        votes[labels[row]] = 0
        near = doubt.near[row]
        scores[row] = doubt.lead[row] + near / 2 + votes.max() - own
    ranked = evidence.attribution.wrong[np.argsort(scores)]
    assert (np.diff(ranked) >= 0).all()


def planted(classes, each, bare):
    """Tight classes, a label in 20 wrong, five strangers; and rows without a label round these."""
    rng = np.random.default_rng(classes)
    centres = 2 * rng.normal(size=(classes + 5, 8))
    truth = np.repeat(np.arange(classes), each)
    labels = truth.copy()
    labels[::20] = (labels[::20] + 1) % classes
    rows = centres[truth] + 0.4 * rng.normal(size=(len(truth), 8))
    free = centres[rng.integers(classes + 5, size=bare)] + 0.4 * rng.normal(size=(bare, 8))
    rows[1:6] = free[:5] + 0.1
    order = rng.permutation(len(rows) + bare)
    named = [*labels.tolist(), *[Unlabelled(f"unlabelled row {row}") for row in range(bare)]]
    vectors = np.concatenate((rows, free))
    return vectors[order], [named[row] for row in order.tolist()]


@pytest.mark.parametrize(("classes", "each", "bare"), [(10, 30, 60), (10, 30, 900), (200, 4, 300)])
def test_a_row_without_a_label_is_nobodys_likely_label_and_confused_with_none(classes, each, bare):
    vectors, labels = planted(classes, each, bare)
    held = [row for row, label in enumerate(labels) if not isinstance(label, Unlabelled)]
    among = embaudit.audit(EmbeddingSet.from_arrays(vectors, labels))
    without = embaudit.audit(vectors[held], [labels[row] for row in held])
    found, expected = (
        {
            (one.row, one.likely_label)
            for one in report.blame.worst_rows
            if one.likely_label is not None
        }
        for report in (among, without)
    )
    expected = {(held[row], label) for row, label in expected}
    assert len(found) > 5
    assert {label for _, label in found} <= set(range(classes))
    assert len(found - expected) <= 1
    # of many classes only that of the nearest negative is a rival, and some of these have no label
    assert len(found) >= (0.5 if classes > 100 else 0.95) * len(expected)
    assert not [one for one in among.blame.confused_pairs if isinstance(one.labels[1], str)]
    confused = {row.most_confused_with for row in among.classes} - {None}
    assert confused <= set(range(classes))
