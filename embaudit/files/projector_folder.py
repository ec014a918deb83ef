"""A folder of TensorBoard's embedding projector: vectors in one file, what they are in another."""

from embaudit.core.location import Location

VECTORS = ("vectors.tsv", "tensors.tsv")  # as the page of the projector has it, and as PyTorch
METADATA = "metadata.tsv"


def projector_files(at: Location, names: "set[str]") -> tuple[Location, Location | None] | None:
    """The vectors and, where there are any, their labels; None where it is no such folder."""
    found = [name for name in VECTORS if name in names]
    if len(found) != 1 or names - {*found, METADATA}:
        return None
    return at / found[0], at / METADATA if METADATA in names else None
