"""Golden outputs: all that the program says, to show that a change of its insides is only that.

    git worktree add /tmp/base main
    python -m tests.golden make /tmp/golden --of /tmp/base     what main says
    python -m tests.golden check /tmp/golden                   what this tree says, compared

`--of TREE` runs the program of another checkout on the cases of this one: both are asked the same,
even where the base knows no such script. `compare A B` compares two folders that were made. All
three take groups by name, as in `check /tmp/golden help explain gate`, which is quick while one
works: a group stands alone. Make both folders on one machine with the same libraries, as figures
depend on these in their last digits.

A folder holds `GROUP/CASE/`: the command line, exit code, standard output, standard error and every
file that was written. They are too large to be committed: a commit is what they are made from.
`compare` ends with 1 where anything differs, and tells it: a line that is another, a row of a
table, an output that is missing or new. It compares bytes. What differs by nature is made alike
when outputs are saved, in `normal.py` and nowhere else, each with its reason.

A difference that is intended is accepted in `accepted.toml`, or the file that `--accept` names:

    [[accepted]]
    outputs = "explain/*/stdout"     # which outputs, as in a shell, but that * stands for / too
    lines = "nearest (rows|anchors)" # what every line that may differ holds, removed or added: a
                                     # regular expression; without it all may: missing, new, bytes
    reason = "..."                   # why: printed, with how many outputs it served

What serves none is told too: take it out once the base holds the change. Think twice before an
entry for JSON or Parquet: fields and figures of a report are a contract.

`cases.py` has the command lines, `inputs.py` the sets they read, and `run.py` runs them: in this
process, or in one of their own where they start others or ask for another encoding.
"""
