"""How much memory the values of one audit may take."""

import os

FALLBACK = 8 << 30  # where the system does not tell


def allowed() -> int:
    """Bytes of physical memory."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return FALLBACK


def gigabytes(count: int) -> str:
    """Bytes in a unit for messages."""
    return f"{count / 2**30:.1f} GiB"
