"""A .npy file."""

from typing import TYPE_CHECKING

from embaudit.outputs.media import OutputOptions

if TYPE_CHECKING:
    from embaudit.verbs.project import Projected


def project(found: "Projected", options: OutputOptions) -> bytes:
    """f*, (N, n) as the rows of the input."""
    from embaudit.files import npy_of

    return npy_of(found.vectors)
