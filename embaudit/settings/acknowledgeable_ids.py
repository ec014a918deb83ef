"""The ids of notices and findings that a user may acknowledge."""

from typing import Any

from embaudit.errors import UsageError, did_you_mean, shown


def acknowledgeable_ids() -> list[str]:
    """The ids of all notices and findings that are not the state itself."""
    from embaudit.findings import KNOWN_FINDINGS, OF_STATES  # no other option asks for these
    from embaudit.report.notice_catalog import NOTICES

    return sorted({one.id for one in NOTICES} | KNOWN_FINDINGS.keys() - OF_STATES)


def acknowledgeable(given: Any) -> tuple[str, ...]:
    """Ids of notices and findings, in one order, each once.

    Raises UsageError for what is neither, and for a state, which nobody can acknowledge away.
    """
    from embaudit.findings import OF_STATES

    try:
        listed = [given] if isinstance(given, str) else list(given)
    except Exception:  # of another library, or no list at all
        listed = [given]
    ids, known = sorted({str(one) for one in listed}), acknowledgeable_ids()
    for id in ids:
        if id in OF_STATES:
            raise UsageError(
                f"acknowledge: {id!r} is a state of the set, and no notice.",
                "What is bad is told all the same: see `embaudit explain`.",
            )
        if id not in known:
            near = did_you_mean(id, known)
            raise UsageError(
                f"acknowledge: unknown id {shown(id)}.",
                f"{near} Known are {', '.join(known)}.".lstrip(),
            )
    return tuple(ids)
