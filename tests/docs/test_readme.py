"""The README: short, and its promises are checked, not trusted."""

import re

import pytest

from embaudit.cli import EXIT_CODES
from tests.docs.generated import SAMPLE, audit_of_the_sample
from tests.docs.pages import README, snippets, text_of

LONGEST = 150  # lines


def test_it_can_be_read_in_a_few_minutes():
    assert len(text_of(README).splitlines()) <= LONGEST


def test_its_first_two_blocks_install_it_and_run_the_tests():
    """`.ci/run` runs them as they stand."""
    first, second = [one.code for one in snippets(README) if one.language == "sh"][:2]
    assert f"pip install --quiet . && .venv/bin/embaudit audit {SAMPLE}" in first
    assert "-m pytest" in second


def test_shown_report_is_what_the_command_prints():
    (shown,) = (one.code.rstrip() for one in snippets(README) if one.language == "text")
    printed = audit_of_the_sample()
    # the version of FAISS may differ, and with it where that line wraps
    without_faiss = [text.split("exact search")[0] for text in (shown, printed)]
    assert without_faiss[1].startswith(without_faiss[0])


@pytest.mark.parametrize("code", sorted({0, 1, 70, *EXIT_CODES.values()}))
def test_every_exit_code_is_documented(code):
    assert re.search(rf"^\| {code} \|", text_of(README), re.MULTILINE)
