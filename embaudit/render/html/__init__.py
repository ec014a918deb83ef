"""Pages for a browser: self-contained, and nothing in them that is not escaped or our own."""

from embaudit.render.html.audit import audit_page
from embaudit.render.html.comparison import comparison_page
from embaudit.render.html.trend import trend_page

__all__ = ["audit_page", "comparison_page", "trend_page"]
