"""The base classes that Trainers ask their callbacks to have."""

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any


def base_class(name: str, modules: tuple[str, ...], install: str) -> Any:
    """A class by its name, of the module that the training has imported, else the first there is.

    Raises ImportError where there is none; install: what to install then.
    """
    there = [one for one in modules if one in sys.modules]
    there += [one for one in modules if find_spec(one.partition(".")[0]) is not None]
    if not there:
        raise ImportError(f"No {modules[0]} is installed. Install it: pip install {install}")
    return getattr(import_module(there[0]), name)
