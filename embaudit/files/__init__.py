"""What is on disk: the formats that can be read, and the atomic writer."""

from embaudit.files.choice import Choice, Names, choose
from embaudit.files.gallery import choose_gallery
from embaudit.files.loader import count_classes, read, sources_of
from embaudit.files.private import private_key
from embaudit.files.shards import natural
from embaudit.files.source import content_of, identity, kind_of, stored_file
from embaudit.files.table import about_table, npy_of, parquet_of, table_of
from embaudit.files.writer import check_writable, create_ignored, write_atomically

__all__ = [
    "Choice",
    "Names",
    "about_table",
    "check_writable",
    "choose",
    "choose_gallery",
    "content_of",
    "count_classes",
    "create_ignored",
    "identity",
    "kind_of",
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
