"""What is on disk or in a store: the formats that can be read, and the atomic writer.

It knows headers, shards and columns, chooses which is which, refuses what cannot be read
truthfully, and reads rows in blocks. All that is written goes through its writer.
"""

from embaudit.files.choice import Choice, Names, choose
from embaudit.files.gallery import choose_gallery
from embaudit.files.inspection import Inspection, inspect
from embaudit.files.loader import count_classes, load, read, sources_of
from embaudit.files.private import private_key
from embaudit.files.shards import natural
from embaudit.files.source import content_of, identity, kind_of, stored_file
from embaudit.files.table import about_table, npy_of, parquet_of, table_of
from embaudit.files.writer import check_writable, create_ignored, write_atomically

__all__ = [
    "Choice",
    "Inspection",
    "Names",
    "about_table",
    "check_writable",
    "choose",
    "choose_gallery",
    "content_of",
    "count_classes",
    "create_ignored",
    "identity",
    "inspect",
    "kind_of",
    "load",
    "natural",
    "npy_of",
    "parquet_of",
    "private_key",
    "read",
    "sources_of",
    "stored_file",
    "table_of",
    "write_atomically",
]
