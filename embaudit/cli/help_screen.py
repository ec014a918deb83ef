"""What help looks like: parameters as people write them, as wide as the screen, and quick."""

import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from typer.core import TyperCommand

GENERAL = "Help"  # the heading of what every verb has


def plain(params: Sequence[Any]) -> Sequence[Any]:
    """Parameters as people write them: no type of Python, no brackets about names."""
    for one in params:
        if one.param_type_name == "argument":
            name = one.metavar if one.nargs == 1 else f"{one.metavar}..."
            one.get_usage_pieces = _always([name if one.required else f"[{name}]"])
        if one.param_type_name == "argument" or getattr(one, "is_flag", False):
            one.display_type_rich = _always(None)
        if one.name in ("help", "version", "install_completion", "show_completion"):
            one.rich_help_panel = GENERAL
    return params


def _always(value: Any) -> Callable[..., Any]:
    return lambda *_, **__: value


@contextmanager
def without_markdown() -> Iterator[None]:
    """Let no help wait for rich's Markdown and tracebacks, which typer imports and ours never show.

    They are 40 % of its time.
    """
    unused = [name for name in ("rich.markdown", "rich.traceback") if name not in sys.modules]
    for name in unused:
        sys.modules[name] = empty = ModuleType(name)
        empty.__getattr__ = lambda _: object  # type: ignore[method-assign]
    try:
        import typer.rich_utils  # noqa: F401 - as it looks without them, from here on

        yield
    finally:
        for name in unused:  # who needs them imports them
            del sys.modules[name]


class Verb(TyperCommand):
    """A verb, and its help."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Its help is as wide as the screen: lines of a docstring do not break it."""
        super().__init__(*arguments, **options)
        paragraphs = inspect.cleandoc(self.help or "").split("\n\n")
        self.help = "\n\n".join(" ".join(one.split()) for one in paragraphs)

    def get_params(self, ctx: Any) -> Any:
        """Its parameters."""
        return plain(super().get_params(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Its help."""
        with without_markdown():
            super().format_help(ctx, formatter)
