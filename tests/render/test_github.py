"""Annotations as the runner of GitHub reads them: a line a command, escaped in data and title."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embaudit.data import Notice
from embaudit.outputs.media.as_annotations import MOST, Annotation, render_github
from tests.render import samples
from tests.render.samples import EVERY
from tests.render.test_safe_text import ANY, assert_inert

LINES = re.compile(r"\r\n|\r|\n")
COMMAND = re.compile(r"::(?P<name>[^ :]+)(?: (?P<properties>.*?))?::(?P<data>.*)", re.DOTALL)
LONGEST = 4096  # of a message, beyond which GitHub cuts it


def unescaped(text, property=False):
    """What the runner makes of a text: `%` comes last."""
    for escape, meant in (("%0D", "\r"), ("%0A", "\n")):
        text = text.replace(escape, meant)
    for escape, meant in (("%3A", ":"), ("%2C", ",")) if property else ():
        text = text.replace(escape, meant)
    return text.replace("%25", "%")


def command_of(line):
    """(name, title, message); the first `::` after the start ends the properties."""
    match = COMMAND.fullmatch(line)
    assert match, line
    pairs = [one.split("=", 1) for one in match["properties"].split(",")]
    properties = {name: unescaped(value, property=True) for name, value in pairs}
    assert set(properties) == {"title"}
    return match["name"], properties["title"], unescaped(match["data"])


def commands(report, **options):
    *lines, last = LINES.split(render_github(report, **options))
    assert last == ""
    assert len(lines) <= MOST
    return [command_of(line) for line in lines]


@given(st.sampled_from(["error", "warning", "notice"]), ANY, ANY)
def test_any_text_comes_back(level, title, message):
    line = str(Annotation(level, f"Gate: {title}", message))
    assert len(LINES.split(line)) == 1
    assert command_of(line) == (level, f"Gate: {title}", message)


@pytest.mark.parametrize(
    "text", ["a\n::error::b", "::", "a%0Ab%25", "##[error]x", "a\r\nb", "x,title=y", "::stop::"]
)
def test_a_label_is_no_command(text):
    found = commands(samples.gated([(text, "fail")], remedy=f"The worst class is {text!r}."))
    ((name, title, message),) = found
    assert name == "error"
    assert title == f"Gate: {shown(text)}"
    assert message.endswith(f"\nThe worst class is {shown(repr(text))}.")


def shown(text):
    text = text.replace("\r", "\\x0d").replace("\n", "\\x0a")
    return re.sub(r"(?<=:):(?=[a-z])", r"\\x3a", text.replace("##[", "#\\x23["))


@pytest.mark.parametrize("name", EVERY)
def test_every_line_is_a_command_and_short(name):
    for _, title, message in commands(EVERY[name]()):
        assert_inert(title + message.replace("\n", ""))
        assert len(title + message) <= LONGEST


def test_errors_come_before_warnings():
    report = samples.gate_failing()
    report = report.model_copy(update={"warnings": (Notice("a", "Rows repeat."),)})
    assert commands(report) == [
        ("error", "Gate: d_iso <= 20", "Undecided: observed [17.20, 31.90], limit 20.00\n"
         "Ask for a tighter interval with --measures all."),
        ("error", "Gate: precision_at_1 >= 0.95", "Failed: observed 0.9134, limit 0.9500\n"
         "Look at the worst classes below."),
        ("error", "Gate: map_at_r >= 0.5", "Undecided: It is undefined here."),
        ("warning", "Gate: iap_factor <= 100", "Warning: observed [212.5, ∞], limit 100.0\n"
         "See embaudit explain iap_factor."),
        ("warning", "embaudit", "Rows repeat."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("failed", "warned", "last"),
    [(10, 0, "error"), (11, 0, "error"), (30, 5, "error"), (9, 3, "warning"), (2, 30, "warning")],
)
def test_the_tenth_tells_how_many_more(failed, warned, last):
    rules = [("warn: thickness >= 1", "warn")] * warned + [("thickness >= 0", "fail")] * failed
    found = commands(samples.gated(rules))
    assert len(found) == MOST
    assert [name for name, *_ in found[:-1]] == (["error"] * failed + ["warning"] * warned)[:9]
    name, _, message = found[-1]
    assert name == last
    more = failed + warned - 9
    assert message.startswith(f"{more} more messages: -o report.md") == (more > 1)


def test_where_all_is_well_one_notice_says_so():
    ((name, _, message),) = commands(samples.gated([("thickness >= 0", "pass")]))
    assert name == "notice"
    assert message.splitlines()[-1] == "Gate passed: 1 rule"


def test_a_set_that_is_not_well_is_a_warning_with_what_to_do():
    ((name, _, message),) = commands(samples.collapsed(), quiet=True)
    told = samples.collapsed().diagnosis.findings[0]
    assert (name, message.splitlines()[:2]) == (
        "warning",
        [f"COLLAPSED: {told.headline}", told.remedy],
    )
    first, second, third, state, *_ = commands(samples.regressed())
    assert [one[0] for one in (first, second, third, state)] == ["error"] * 3 + ["warning"]
    assert state[2].startswith("CHECK LABELS: 11 rows (0.1%) have a suspect label\nLook at")


def test_quiet_says_only_what_is_wrong():
    assert render_github(samples.healthy(), quiet=True) == ""
    assert commands(samples.gate_failing(), quiet=True) == commands(samples.gate_failing())
