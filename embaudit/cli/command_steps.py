"""What every verb does: settings from its options, and a result with its progress."""

import gc
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from embaudit.cli.config_defaults import tell_origin, was_configured, was_given
from embaudit.outputs import Writers

if TYPE_CHECKING:
    from embaudit.core.location import Location
    from embaudit.core.timing import Timing
    from embaudit.files import Names
    from embaudit.render import Progress
    from embaudit.report.invocation import Invocation
    from embaudit.settings.settings import Settings

T = TypeVar("T")


def settings_in(ctx: typer.Context, **instead: Any) -> "Settings":
    """The settings among a verb's options, which have their names; `instead` of what is given.

    Where they come from a configuration that lies further up, that is told.
    --labels is a path: whether there are labels is said by `instead`.
    """
    from embaudit.settings.settings import settings_among

    tell_origin(ctx)
    several = {name: ctx.params[name] or () for name in ("drop", "ignore_label", "acknowledge")}
    return settings_among(ctx.params, **{**several, **instead})


def labels_in(ctx: typer.Context) -> "Location | None":
    """The file of labels; that of a configuration gives way to --no-labels."""
    labels: Location | None = ctx.params["labels"]
    return None if ctx.params["no_labels"] and was_configured(ctx, "labels") else labels


def names_in(ctx: typer.Context, keep: tuple[str, ...] = ()) -> "Names":
    """The names of columns among a verb's options; keep: those that go along."""
    from embaudit.files import Names

    asked = ctx.params
    return Names(
        embedding=asked["embedding_column"],
        label=asked["label_column"],
        id=asked["id_column"],
        join=asked["join"],
        keep=keep,
        level=asked["label_level"],
        where=asked["where"],
        unlabelled=asked["unlabelled"],
        pairs=asked.get("pairs", False),
    )


def invocation_in(ctx: typer.Context) -> "Invocation | None":
    """What a verb was given, by flag or configuration, that decides what is read and measured.

    None where a name holds bytes that are no text.
    """
    from embaudit.report.invocation import TAKES, Invocation

    asked = ctx.params
    given = asked["checkpoints"] if "checkpoints" in asked else [asked["embeddings"]]
    told = {
        name: asked[name]
        for name in TAKES[str(ctx.info_name)]
        if asked[name] not in (None, False) and was_given(ctx, name)
    }
    repeated = {
        name: tuple(map(str, value))
        for name, value in told.items()
        if isinstance(value, list | tuple)
    }
    options = {
        name: None if value is True else str(value)
        for name, value in told.items()
        if name not in repeated
    }
    if "no_labels" in options:  # on the command line; labels of a configuration give way
        options.pop("labels", None)
    inputs = tuple(map(str, given))
    try:
        "".join(map(str, (*inputs, *options.values(), *repeated.values()))).encode()
    except UnicodeEncodeError:
        return None
    return Invocation(inputs=inputs, options=options, repeated=repeated)


def look_for_garbage() -> None:
    """From here on there are data: the entry point had nothing looked for in what is imported."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def write_outputs(
    ctx: typer.Context,
    writers: Writers[T],
    compute: Callable[["Progress", "Timing"], T],
    spent: Callable[[T], Mapping[str, float]],
    loud: Callable[[T], bool] = lambda found: False,
    work: Callable[[T], Iterable[str]] = lambda found: (),
) -> T:
    """Compute a result under its progress, write its files, and show it.

    spent: where a result says that the time went. loud: whether it is shown even to those who
    asked for quiet. work: what was done in the time, a line each.
    """
    from embaudit.core.timing import Timing
    from embaudit.render import Progress

    look_for_garbage()
    asked, timing = ctx.params, Timing()
    writers.check_format(asked["format"])
    shown = not (asked["quiet"] or asked["no_progress"])
    with Progress(sys.stderr, enabled=shown) as progress:
        found = compute(progress, timing)
    timing.seconds |= spent(found)
    with timing("writing"):
        writers.write(found, asked["output"] or ())
    if asked["format"] != "text" or not asked["quiet"] or loud(found):
        writers.show(found, asked["format"])
    if asked["verbose"]:
        _tell(timing.seconds)
        for line in work(found):
            typer.echo(line, err=True)
    return found


def _tell(seconds: Mapping[str, float]) -> None:
    """Print on standard error where the time went."""
    from embaudit.render import inert

    spent = ", ".join(f"{inert(stage)} {value:.2f} s" for stage, value in seconds.items())
    typer.echo(f"time: {spent}", err=True)
