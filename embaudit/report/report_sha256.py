"""What tells whether a report is as it was written: a hash of all that two equal runs share."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from embaudit.report.audit_document import Report

APART = ("digest", "environment", "timing")  # itself, and what varies from run to run


def digest_of(told: Mapping[str, Any]) -> str:
    """SHA-256 of a report's JSON object: sorted keys, no blanks, without what is APART.

    Of the object as read, so that fields which a later version adds do not change it.
    """
    kept = {name: value for name, value in told.items() if name not in APART}
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def with_digest(report: Report) -> Report:
    """A finished report with its digest."""
    told = report.model_dump(mode="json", by_alias=True)
    return report.model_copy(update={"digest": digest_of(told)})
