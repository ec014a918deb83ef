"""Entry point. Only the standard library is imported until every failure has an exit code."""

import errno
import gc
import os
import signal
import sys
import time
from contextlib import suppress
from types import FrameType
from typing import Any, NoReturn

OUT_OF_MEMORY = 4
DEFECT = 70
STOPPED = {signal.SIGINT: 130, signal.SIGTERM: 143}
WORDS = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
PATIENCE = 1.0  # seconds that a signal leaves a long call into a library to come to an end
STEP = 0.05  # seconds between looks at whether a signal was swallowed
ARENA_MAX = -8  # glibc's number of this parameter
LEAST_ADDRESS_SPACE = 1 << 30  # with less, libraries crash while they are loaded
_ARRIVED: list[signal.Signals] = []  # what was asked to stop us
_SWALLOWED: list[signal.Signals] = []  # those that a finaliser raised and nobody saw
_KEPT: list[Any] = []  # what C still points to
NO_MEMORY = ("cannot allocate memory", "failed to map", "resource temporarily unavailable")


class Stopped(KeyboardInterrupt):
    """A signal asked us to stop."""


def main() -> NoReturn:
    """Run the command line; the process ends with one of the documented exit codes."""
    try:
        _keep_standard_streams()  # before anything else opens a file
        _share_one_heap()  # before any thread has one of its own
        _catch_signals()
        _catch_foreign_exits()
        _spare_start_up()
        code = _guarded()
    except Stopped:
        code = DEFECT  # a signal stands by now
    if _ARRIVED:
        _stopped(_ARRIVED[0])
    _leave(code)


def _spare_start_up() -> None:
    """Let the start cost less."""
    gc.disable()  # what is imported stays; verbs with data enable it again (`cli.command_steps`)
    # a thread of OpenBLAS waits for work, and burns a processor, for 2 to this power of its ticks:
    # by default as long as numpy takes to be imported
    os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")


def _guarded() -> int:
    if _address_space() < LEAST_ADDRESS_SPACE:
        return _out_of_memory("the limit on address space (ulimit -v) is below 1 GiB")
    try:
        from embaudit.cli import GateFailed, app

        try:
            app()
        except SystemExit as leaving:
            return _code_of(leaving, GateFailed)
    except MemoryError as error:
        return _out_of_memory(str(error) or "an allocation failed")
    except ImportError as error:
        if any(words in str(error).lower() for words in NO_MEMORY):
            return _out_of_memory(str(error))
        _say(
            f"error: a dependency cannot be imported: {error}",
            f"hint: reinstall it, in its checkout: `{sys.executable} -m pip install "
            "--force-reinstall .`",
        )
        return DEFECT
    except Exception:
        if _ARRIVED:  # libraries wrap what is raised through them
            return DEFECT
        import traceback

        _say(
            traceback.format_exc().rstrip(),
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
    # help piped into `head`; a prompt that was aborted
    return 0 if broken else STOPPED[signal.SIGINT]


def _out_of_memory(reason: str) -> int:
    _say(
        f"error: out of memory: {reason}.",
        "hint: Allow more memory, or audit fewer rows with --sample N.",
    )
    return OUT_OF_MEMORY


def _address_space() -> float:
    """Bytes this process may map."""
    try:
        import resource  # not on every system

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    except (ImportError, OSError, ValueError):
        return float("inf")
    return float("inf") if limit == resource.RLIM_INFINITY else limit


def _keep_standard_streams() -> None:
    """Give closed standard streams a place, or the next file opened becomes standard output."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number


def _share_one_heap() -> None:
    """All threads, and Arrow, on one heap: what one gives back the others take."""
    import ctypes

    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # its own keeps what it was given
    with suppress(AttributeError, OSError):  # only glibc has this
        ctypes.CDLL(None).mallopt(ARENA_MAX, 1)


def _catch_foreign_exits() -> None:
    """OpenBLAS ends the process with code 1 where it gets no memory: make that the right code.

    We ourselves never leave through the C library, see `_leave`.
    """
    import ctypes

    handler = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(lambda _: os._exit(OUT_OF_MEMORY))
    _KEPT.append(handler)
    with suppress(AttributeError, OSError):  # a C library of another kind
        ctypes.CDLL(None).__cxa_atexit(handler, None, None)


def _catch_signals() -> None:
    """Stop at once; where a long call into a library holds the main thread, soon after.

    Python runs handlers between its own instructions only, so a thread watches beside them.
    """
    for number in STOPPED:
        if signal.getsignal(number) != signal.SIG_IGN:  # as in `nohup` or a background job
            signal.signal(number, _stop)
    import threading  # from here on an interrupt has its code

    arrived, wakeup = os.pipe()
    os.set_blocking(wakeup, False)
    signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)
    sys.unraisablehook = _unraisable
    threading.Thread(target=_watch, args=(arrived, threading.get_ident()), daemon=True).start()


def _watch(arrived: int, main: int) -> None:
    while number := os.read(arrived, 1):
        if number[0] in STOPPED:
            for _ in range(round(PATIENCE / STEP)):
                time.sleep(STEP)
                if _SWALLOWED:
                    signal.pthread_kill(main, _SWALLOWED.pop())
            _stopped(signal.Signals(number[0]))


def _unraisable(lost: "sys.UnraisableHookArgs") -> None:
    """What a weakref's callback or a `__del__` raised: a signal comes again, outside of it."""
    if isinstance(lost.exc_value, Stopped):
        _SWALLOWED.append(_ARRIVED[-1])
    elif not _ARRIVED:
        sys.__unraisablehook__(lost)


def _stopped(number: signal.Signals) -> NoReturn:
    """Leave at a signal: no temporary file stays, and what was written is said.

    Another thread may be in the middle of a write, or hold the lock of standard error.
    """
    writer = sys.modules.get("embaudit.files.atomic_write")
    done = writer.given_up() if writer is not None else []
    shown = ", ".join(name if name.isprintable() else ascii(name) for name in done[:5])
    more = f" and {len(done) - 5} more" if len(done) > 5 else ""
    told = f"written: {shown}{more}" if done else "nothing was written"
    with suppress(OSError):
        os.write(2, os.fsencode(f"{WORDS[number]}; {told}\n"))
    os._exit(STOPPED[number])


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    _ARRIVED.append(signal.Signals(number))
    raise Stopped


def _leave(code: int) -> NoReturn:
    """Exit without waiting for libraries' threads, and without a word on streams that are gone."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):
            stream.flush()
    os._exit(code)


def _say(*lines: str) -> None:
    if sys.stderr is not None:
        with suppress(OSError, ValueError):  # nobody listens
            print(*lines, sep="\n", file=sys.stderr)


if __name__ == "__main__":
    main()
