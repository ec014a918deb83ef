"""Audits during a training: held-out embeddings every k steps, logged, and a stop on collapse.

    AuditEvery              for a loop of one's own: a call a step, true once it should stop
    LightningCallback       for the Trainer of lightning or pytorch-lightning
    TransformersCallback    for the Trainer of Hugging Face

None of the libraries is imported before its class is asked for, and torch never is: where a
training runs, it is there.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = ["AuditEvery", "LightningCallback", "TransformersCallback"]

if TYPE_CHECKING:
    from embaudit.callbacks.audit_every import AuditEvery
    from embaudit.callbacks.lightning_callback import LightningCallback
    from embaudit.callbacks.transformers_callback import TransformersCallback

_HOMES = {
    "AuditEvery": "embaudit.callbacks.audit_every",
    "LightningCallback": "embaudit.callbacks.lightning_callback",
    "TransformersCallback": "embaudit.callbacks.transformers_callback",
}


def __getattr__(name: str) -> Any:
    """Import on first use. Raises ImportError where the library of a Trainer is not installed."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'embaudit.callbacks' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
