"""Whether a label stands for none is asked of all labels at the price of one look at each."""

from embaudit.findings.sentinel_labels import _stands_for_none


def test_no_label_is_compared_with_all_others_but_minus_one():
    met = 0

    class Counted(int):
        def __ne__(self, other):
            nonlocal met
            met += 1
            return int(self) != other

        __eq__ = int.__eq__
        __hash__ = int.__hash__

    classes = (*map(Counted, range(200)), Counted(-1))
    assert [label for label in classes if _stands_for_none(label, classes)] == [-1]
    assert met <= 4 * len(classes)
