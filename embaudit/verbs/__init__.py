"""What embaudit does, a verb a file: audit, forecast, project, compare, trend, mine, and more.

Each goes from options to a document, for the command line and for Python alike. `load` reads files
into a set, `set_from_arrays` takes what Python has, and `run_context` is what verbs of one set
share: the plan, the evidence, and the header of the document. `result_repr` shows results to
Python. Nothing else is imported here: help needs no verb.
"""

from embaudit.report.display_mixins import shown_by
from embaudit.verbs.result_repr import Views

shown_by(Views())
