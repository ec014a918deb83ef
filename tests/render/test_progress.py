import io
import os
import pty
import re
import threading

import pytest

from embaudit.render.terminal.progress_bar import Progress


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def plain(text: str) -> str:
    """Lines as they were drawn one over the other, without colours and moves."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r", "\n")


def run(stream, seconds: float, stages: int = 2, **options) -> None:
    clock = Clock()
    with Progress(stream, clock=clock, **options) as progress:
        for stage in range(stages):
            for done in range(101):
                clock.now += seconds / 100
                progress.advance(f"stage {stage}", done, 100)


def test_short_work_is_silent_off_a_terminal():
    stream = io.StringIO()
    run(stream, 5)
    assert stream.getvalue() == ""


def test_long_stages_get_few_lines_with_rate_and_rest():
    stream = io.StringIO()
    run(stream, 100, stages=1)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "embaudit: stage 0: 10% after 10 s, 1/s, about 90 s left"
    assert [line.split(" after ")[1].split(",")[0] for line in lines] == [
        "10 s",
        "20 s",
        "40 s",
        "80 s",
    ]


def test_disabled_means_silent():
    stream = io.StringIO()
    run(stream, 100, enabled=False)
    assert stream.getvalue() == ""


def test_none_closed_and_broken_streams_are_survived():
    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    class BrokenTerminal(Broken):
        def isatty(self) -> bool:
            return True

    closed = io.StringIO()
    closed.close()
    for stream in (None, closed, Broken(), BrokenTerminal()):
        run(stream, 100)


def test_unknown_totals_and_odd_stages():
    clock = Clock()
    stream = io.StringIO()
    with Progress(stream, clock=clock) as progress:
        for _ in range(3):
            progress.advance("\x1b[31m[/]", 0, 0)
            clock.now += 20
    assert "\x1b" not in stream.getvalue()


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
def test_a_terminal_shows_a_bar_that_vanishes(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    master, slave = pty.openpty()
    seen = bytearray()

    def listen() -> None:
        while True:
            try:
                chunk = os.read(master, 4096)
            except OSError:  # how Linux says that the other end is closed
                return
            if not chunk:
                return
            seen.extend(chunk)

    reader = threading.Thread(target=listen, daemon=True)
    reader.start()
    with os.fdopen(slave, "w", encoding="utf-8") as stream:
        run(stream, 10)
    reader.join(2)
    os.close(master)
    text = seen.decode()
    assert "stage 0" in text
    assert "%" in text
    assert "/s" in text
    assert "0:00:0" in text
    assert not re.search(r"^\s*━", plain(text), re.MULTILINE)  # no bar before its stage is named
    assert text.rstrip().endswith("\x1b[2K") or "\x1b[2K" in text[-40:]  # the line is erased


def test_an_error_inside_passes_through():
    with pytest.raises(KeyboardInterrupt), Progress(io.StringIO()):
        raise KeyboardInterrupt
