"""The paired test: means are the measures', and chance is told from change at the stated rate."""

import numpy as np
import pytest

from embaudit.baseline.paired_comparison import MEANS, paired_tests, real_at
from embaudit.evidence import STANDARD, Evidence, EvidenceOptions
from embaudit.measures import anchors_of
from embaudit.settings.settings import settings_of
from embaudit.verbs.audit import run
from embaudit.verbs.audit_request import request_of
from embaudit.verbs.set_from_arrays import set_of
from tests.combined import in_part
from tests.measures.measured import SAMPLED

IDS = tuple(MEANS)


def audited(vectors, labels, ids=None, **options):
    settings = settings_of(measures=",".join(IDS), threads=1, **options)
    return run(set_of(vectors, labels, ids, settings), settings, request_of(settings))


def table(vectors, labels, ids=None, budget=STANDARD):
    """The anchors of an audit, without the rest of it, which is most of its time."""
    data = set_of(vectors, labels, ids, settings_of(threads=1))
    return anchors_of(Evidence(data, EvidenceOptions(budget=budget)))


def grouped(seed, groups=30, classes=12, dim=4):
    """A row of every class from each group, which shares a shift: rows of a group move together."""
    rng = np.random.default_rng(seed)
    labels = np.tile(np.arange(classes), groups)
    centres = np.random.default_rng(99).normal(size=(classes, dim))
    quality = np.repeat(rng.exponential(0.5, size=groups), classes)[:, None]
    return centres[labels] + quality * rng.normal(size=(len(labels), dim)), labels.tolist()


def test_the_table_is_that_of_an_audit():
    vectors, labels = grouped(0)
    ids = [str(row // 12) for row in range(len(labels))]
    found, expected = dict(table(vectors, labels, ids)), audited(vectors, labels, ids).anchors()
    assert found.keys() == expected.keys()
    for name, column in expected.items():
        np.testing.assert_array_equal(found[name], column, name)


@pytest.mark.parametrize("seed", range(3))
def test_the_change_is_that_of_the_measures(seed):
    found = [audited(*grouped(seed + 10 * k)) for k in (0, 1)]
    tests = paired_tests(*(one.anchors() for one in found), 360)
    for id in IDS:
        then, now = (one.report.measures[id].value for one in found)
        assert tests[id].change == pytest.approx(now - then, abs=1e-12)


def test_singletons_count_as_negatives():
    vectors, labels = grouped(0)
    vectors = np.concatenate((vectors, np.zeros((3, 4))))
    labels += [100, 101, 102]
    before = audited(vectors, labels)
    after = audited(vectors + np.random.default_rng(1).normal(size=vectors.shape), labels)
    tests = paired_tests(before.anchors(), after.anchors(), len(labels))
    for id in IDS:
        moved = after.report.measures[id].value - before.report.measures[id].value
        assert tests[id].change == pytest.approx(moved, abs=1e-12)


@pytest.mark.thorough
@pytest.mark.parametrize("with_ids", in_part([False, True]))
def test_groups_that_move_together_are_no_change(with_ids):
    """With another draw of groups, the share of rejections is about the stated one."""
    tables = []
    for seed in range(48):
        vectors, labels = grouped(seed)
        ids = np.repeat([f"{seed}-{k}" for k in range(30)], 12).tolist() if with_ids else None
        tables.append(table(vectors, labels, ids))
    pairs = list(zip(tables[::2], tables[1::2], strict=True))
    for id in IDS:
        rejected = sum(paired_tests(*pair, 360)[id].real for pair in pairs)
        assert rejected <= 4  # of 24: by chance in 0.7 % of all seeds; by classes alone it is 15


def test_a_change_of_every_row_is_real():
    vectors, labels = grouped(0)
    worse = vectors + 2 * np.random.default_rng(1).normal(size=vectors.shape)
    tests = paired_tests(audited(vectors, labels).anchors(), audited(worse, labels).anchors(), 360)
    assert all(tests[id].real for id in IDS)
    assert tests["violated_triplets"].lower > 0 > tests["precision_at_1"].upper


def test_the_same_tables_have_not_changed():
    anchors = audited(*grouped(0)).anchors()
    for test in paired_tests(anchors, anchors, 360).values():
        assert (test.change, test.real) == (0, False)


def test_few_classes_are_taken_as_given():
    """They are no sample of classes; that rows are others is told all the same."""
    vectors, labels = grouped(0, classes=3, groups=40)
    then = audited(vectors, labels).anchors()
    others = audited(*grouped(1, classes=3, groups=40)).anchors()
    worse = vectors + 2 * np.random.default_rng(1).normal(size=vectors.shape)
    now = audited(worse, labels).anchors()
    for id in IDS:
        test = paired_tests(then, now, 120)[id]
        assert (test.classes, test.real) == (3, True)
        assert not real_at(paired_tests(then, others, 120)[id], 0.999)


def test_fewer_than_ten_rows_are_no_base_for_a_test():
    anchors = audited(*grouped(0, classes=2, groups=4)).anchors()
    assert paired_tests(anchors, anchors, 8) == {}


def test_at_its_own_confidence_a_test_says_what_it_said():
    then, now = (audited(*grouped(seed)).anchors() for seed in (0, 1))
    for test in paired_tests(then, now, 360).values():
        assert real_at(test, test.confidence) == test.real
        edge = replaced(test, change=(test.upper - test.lower) / 2 * 1.01)
        assert real_at(edge, 0.95)
        assert not real_at(edge, 0.99)


def replaced(test, **values):
    return test.model_copy(update=values)


@pytest.mark.thorough
def test_the_error_is_how_far_the_choice_of_rows_moves_a_mean():
    """Of many draws of rows of one kind; never much too small."""
    found = {id: ([], []) for id in IDS}
    rng = np.random.default_rng(0)
    labels = np.tile(np.arange(12), 20)
    for _ in range(30):
        tables = [
            table(CENTRES[labels] + rng.normal(size=(240, 4)), labels.tolist()) for _ in range(2)
        ]
        for id, test in paired_tests(*tables, 240).items():
            found[id][0].append(test.change)
            found[id][1].append(test.error)
    for changes, errors in found.values():
        assert 0.8 < np.mean(errors) / np.std(changes) < 2.5


CENTRES = 2 * np.random.default_rng(99).normal(size=(12, 4))


def test_the_columns_that_it_rests_on_are_counts():
    """closer_positives and violated_as_positive, from the definitions."""
    vectors, labels = grouped(3, groups=8)
    table = audited(vectors, labels).anchors()
    d = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
    labels = np.array(labels)
    same = labels[:, None] == labels[None]
    np.fill_diagonal(same, False)
    other = labels[:, None] != labels[None]
    for x in range(len(labels)):
        nearest = d[x][other[x]].min()
        assert table["closer_positives"][x] == (d[x][same[x]] < nearest).sum()
        closer = (d[x][other[x]] < d[x][same[x]].min()).sum()
        assert table["closer_negatives"][x] == min(closer, 10)
        seen = [(d[a, x] > d[a][other[a]]).mean() for a in np.flatnonzero(same[:, x])]
        assert table["violated_as_positive"][x] == pytest.approx(np.mean(seen))


def test_anchors_drawn_at_random_keep_the_test_honest():
    """Where only some anchors are ranked, the mean of those is compared."""
    vectors, labels = grouped(0, groups=120)
    tables = [table(vectors, labels, budget=SAMPLED)]
    assert 0 < np.isfinite(dict(tables[0])["violated_share"]).sum() < len(labels)
    worse = vectors + 0.5 * np.random.default_rng(1).normal(size=vectors.shape)
    tables.append(table(worse, labels, budget=SAMPLED))
    test = paired_tests(*tables, len(labels))["violated_triplets"]
    assert test.real
    assert test.lower > 0
