"""Pages for a browser: self-contained, and nothing in them that is not escaped or our own."""

from embaudit.render.html.audit import audit_page

__all__ = ["audit_page"]
