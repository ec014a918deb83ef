"""Entry point. Only the standard library is imported until every failure has an exit code."""

import errno
import os
import signal
import sys
import traceback
from types import FrameType
from typing import NoReturn

DEFECT = 70
INTERRUPTED = 130
TERMINATED = 143


def main() -> NoReturn:
    """Run the command line; the process ends with one of the documented exit codes."""
    signal.signal(signal.SIGTERM, _terminate)
    try:
        code = _guarded()
    except KeyboardInterrupt:
        code = INTERRUPTED
    _leave(code)


def _guarded() -> int:
    try:
        from embaudit.cli import GateFailed, app

        try:
            app()
        except SystemExit as leaving:
            return _code_of(leaving, GateFailed)
    except ImportError as error:
        _say(
            f"error: a dependency cannot be imported: {error}",
            f"hint: reinstall it, for example `{sys.executable} -m pip install --force-reinstall "
            "embaudit`",
        )
        return DEFECT
    except Exception:
        traceback.print_exc()
        _say(
            "error: this is a defect of embaudit, not of your data.",
            "hint: please report the lines above, with the command and the output of "
            "`embaudit --version`.",
        )
        return DEFECT
    return 0


def _code_of(leaving: SystemExit, gate_failed: type[SystemExit]) -> int:
    """Code 1 means a failed gate and nothing else, whatever a library thinks of it."""
    code = leaving.code if isinstance(leaving.code, int) else 0 if leaving.code is None else DEFECT
    if code != 1 or isinstance(leaving, gate_failed):
        return code
    cause = leaving.__context__
    broken = isinstance(cause, OSError) and cause.errno == errno.EPIPE
    return 0 if broken else INTERRUPTED  # help piped into `head`; a prompt that was aborted


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(TERMINATED)


def _leave(code: int) -> NoReturn:
    """Exit without the interpreter complaining about standard streams that are gone."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    sys.exit(code)


def _say(*lines: str) -> None:
    if sys.stderr is not None:
        print(*lines, sep="\n", file=sys.stderr)


if __name__ == "__main__":
    main()
