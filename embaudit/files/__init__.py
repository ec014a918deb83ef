"""What is on disk: the formats that can be read, and the atomic writer."""

from embaudit.files.loader import load
from embaudit.files.writer import check_writable, write_atomically

__all__ = ["check_writable", "load", "write_atomically"]
