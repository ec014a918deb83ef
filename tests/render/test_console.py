import io

import pytest

from embaudit.render.terminal.console import console_for


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def emits_color(stream: io.StringIO, **environ: str) -> bool:
    console = console_for(stream, environ={"TERM": "xterm-256color", **environ})
    console.print("x", style="bold red")
    return "\x1b" in stream.getvalue()


def test_colour_is_for_terminals_that_want_it():
    assert emits_color(Terminal())
    assert emits_color(Terminal(), NO_COLOR="")
    assert not emits_color(Terminal(), NO_COLOR="1")
    assert not emits_color(Terminal(), TERM="dumb")
    assert not emits_color(io.StringIO())
    assert emits_color(io.StringIO(), FORCE_COLOR="1")
    assert not emits_color(io.StringIO(), FORCE_COLOR="1", NO_COLOR="1")


@pytest.mark.parametrize(
    ("columns", "width"), [("", 80), ("100", 100), ("7", 40), ("9999", 120), ("x", 80), ("0", 80)]
)
def test_width_of_a_pipe(columns, width):
    assert console_for(io.StringIO(), environ={"COLUMNS": columns}).width == width


def test_a_broken_pipe_is_left_to_the_caller():
    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        console_for(Broken(), environ={}).print("x")


def test_a_closed_stream_still_gives_a_console():
    stream = io.StringIO()
    stream.close()
    assert console_for(stream, environ={}).width == 80


def test_no_character_can_fail_to_encode():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    console_for(stream, environ={}).print("\u2713\ud800")
    stream.flush()
