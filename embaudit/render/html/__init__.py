"""Pages for a browser: self-contained, and nothing in them that is not escaped or our own."""

from embaudit.render.html.audit_html import audit_page
from embaudit.render.html.comparison_html import comparison_page
from embaudit.render.html.html_document import document_page
from embaudit.render.html.trend_html import trend_page

__all__ = ["audit_page", "comparison_page", "document_page", "trend_page"]
