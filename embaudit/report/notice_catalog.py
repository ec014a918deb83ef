"""The notices: what a user should know that is no reason to refuse, each with its stable id."""

from embaudit.report.glossary_term import Topic

NOTICE_GROUP = "Notices"
_TOLD = {  # id: title, what it says, what to do; of notices that are no findings as well
    "label_twins": (
        "Labels that look alike",
        "Some labels differ only in case, surrounding spaces or Unicode form, as A and a do. They "
        "are kept as different classes.",
        "Merge them if they are one class. If they are meant, acknowledge it.",
    ),
    "mixed_labels": (
        "Labels of several types",
        "Labels are of more than one type; 1 and '1' are different classes.",
        "Store all of them as one type.",
    ),
    "empty_labels": (
        "Labels of empty text",
        "Some labels are the empty text, which is kept as a class of its own.",
        "--ignore-label '' leaves these rows out.",
    ),
    "long_texts": (
        "Labels or ids of great length",
        "Texts beyond a limit are told by their first characters and a digest.",
        "See whether it is the column that was meant: --label-column, --id-column.",
    ),
    "bytes_labels": (
        "Labels stored as bytes",
        "Labels stored as bytes were read as UTF-8 text.",
        "Nothing, if they are text.",
    ),
    "float_labels": (
        "Labels stored as floats",
        "Labels stored as floats, all of them whole, were read as integers.",
        "Nothing, if they are classes.",
    ),
    "flattened_labels": (
        "Labels of two dimensions",
        "Labels of shape (N, 1) were flattened.",
        "Nothing.",
    ),
    "labels_ignored": (
        "Labels that were not used",
        "The file holds labels, and the ones of another file were asked for.",
        "Drop --labels if those beside the embeddings are meant.",
    ),
    "ids_ignored": (
        "Ids that were not used",
        "A column of ids was found that cannot be used as such; rows are told by their number.",
        "Name another one with --id-column.",
    ),
    "skipped_entries": (
        "Entries of the directory that were not read",
        "A directory of shards holds entries that are no shard.",
        "Nothing, if none of them holds rows.",
    ),
    "unequal_shards": (
        "Shards of embeddings and labels that differ in length",
        "Both have as many rows in all, but not shard by shard, as where a row was lost from one.",
        "See whether row i of the labels is of row i of the embeddings, or join them by id.",
    ),
    "left_out": (
        "Rows that were left out",
        "Rows were left out, as --where, --unlabelled, --ignore-label or --drop ask for; every "
        "figure is of the others.",
        "Nothing.",
    ),
    "squeezed_axes": (
        "Axes of one",
        "Embeddings of a shape like (N, d, 1, 1) were read as (N, d).",
        "Nothing.",
    ),
    "fields_of_lines": (
        "Fields of lines",
        "Each line of a file of labels has several fields; the one that lines share is the label.",
        "Nothing, if it is; else name another field with --label-column.",
    ),
    "distractors": (
        "Rows without a label",
        "Rows without a label stay, as --unlabelled distractor asks for: each is a negative of all "
        "others, and an anchor of none.",
        "Nothing.",
    ),
    "missing_chunks": (
        "Chunks that are not stored",
        "Chunks of a Zarr array are not there; their values are the fill value of the array.",
        "Nothing, if they were never written; else copy the whole store again.",
    ),
    "query_and_gallery": (
        "Queries and gallery in one file",
        "Arrays of one file are named as queries and their gallery are, and were read as such.",
        "Nothing; name the columns where they are something else.",
    ),
    "left_out_later": (
        "Rows that an audit leaves out",
        "`inspect` counts rows that are left out only where an audit has to look for them.",
        "Nothing.",
    ),
    "sampled_rows": (
        "A sample was audited",
        "Rows were drawn, as --sample asks for; every figure is of these.",
        "Audit all rows where the figures have to be of all.",
    ),
    "singleton_classes": (
        "Classes of a single row",
        "Rows of such classes have no positive: they are no anchors, and serve as negatives.",
        "Nothing, if the classes are right. If nearly all are, see whether the labels are ids.",
    ),
    "no_positives": (
        "Queries of classes that the gallery does not hold",
        "They have no positive, so no figure over anchors counts them.",
        "Nothing, if the gallery is meant to lack these classes.",
    ),
    "leakage": (
        "Queries that are identical to rows of the gallery",
        "Leakage, which flatters every figure, or two exports of one set. All are counted but the "
        "rows that queries are themselves: see gallery_holds_queries.",
        "Take the copies out of the gallery.",
    ),
    "dimensions_differ": (
        "Checkpoints of different dimensions",
        "Lengths and ranks of different dimensions are not comparable; precision is.",
        "Read precision only.",
    ),
    "unit_vectors": (
        "A projection that leaves the sphere",
        "Under cosine the separated set lies near the unit vectors and may leave the sphere.",
        "Audit it with --metric l2.",
    ),
    "rounded": (
        "A projection that rounding may spoil",
        "Where the set lies, float64 rounds off what the separated set tells.",
        "Centre the embeddings first.",
    ),
    "no_margin": (
        "A forecast without a margin",
        "Without the training margin only violated triplets push, and no batch is called safe.",
        "Give it with --margin.",
    ),
}

NOTICES = tuple(
    Topic(id, title, NOTICE_GROUP, (("mark", "notice"),), meaning, advice)
    for id, (title, meaning, advice) in _TOLD.items()
)
