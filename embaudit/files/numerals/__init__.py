"""Vectors in text: what formats share whose numbers are written out in decimal digits.

Their values come as record batches of Arrow, so that `files.arrow` makes the table. A text tells no
dtype: `number_width` says when its numbers are those of float32, and when float64 is needed.
"""
