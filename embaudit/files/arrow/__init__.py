"""Columns of Arrow: what formats share whose values come as record batches.

A format opens its file, asks `first_lengths` what the schema does not tell, and gives the rest to
`table_from`: a schema, a number of rows, and `RecordBatches`, its way to the values. What is a
vector (`vector_forms`) becomes a matrix that is checked row by row, `emb_0 .. emb_n-1` a matrix of
n columns, and all else plain values; a field of a struct is a column as well (`struct_fields`).
Which bytes hold the batches, only the format knows.
"""
