"""The folder that `Dataset.save_to_disk` of Hugging Face writes: its shards, as it names them."""

import json
from collections.abc import Collection

from embaudit.core.location import Location
from embaudit.errors import InputRefused
from embaudit.files.file_status import content_of, status_of

MARKS = ("dataset_info.json", "state.json")
LARGEST_STATE = 16 << 20


def is_saved_dataset(names: Collection[str]) -> bool:
    """Whether a directory of these entries is one."""
    return {*MARKS} <= {*names}


def data_files(at: Location, names: Collection[str]) -> list[str]:
    """The shards in the order of their rows.

    Raises InputRefused where the state does not tell them, or tells of others than there are.
    """
    state = at / "state.json"
    try:
        if status_of(state).size > LARGEST_STATE:
            raise ValueError("too large")
        told = json.loads(content_of(state))
        files = [str(one["filename"]) for one in told["_data_files"]]
        chosen = told.get("_indices_data_files") or told.get("_indices_files")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise InputRefused(
            f"{state}: does not tell the files of a dataset that save_to_disk wrote.",
            "Save the dataset again, or as Parquet: dataset.to_parquet(path).",
        ) from error
    if chosen:
        raise InputRefused(
            f"{at}: holds a choice of the rows of its files, by indices.",
            "Save the dataset again after dataset.flatten_indices().",
        )
    missing = [name for name in files if name not in names]
    if missing or not files:
        lost = repr(missing[0]) if missing else "any file"
        raise InputRefused(
            f"{at}: {lost} of its state.json is not there.", "Copy or save the dataset again."
        )
    return files
