"""What every document says, once for all media: a report becomes blocks.

    text_blocks, figure_blocks     what a document is made of; document: order, and who shows what
    sentence        the parts of a sentence that hold data
    first_screen    what of an audit is read first, with key_figures; audit_words: all of it
    NAME_words      a document each: forecast, mining, projection, ...
    answers         the verdict of an audit; next_steps: what to do about it; gate_words: the gate
    tables          the tables of reports; change_tables, change_words, curves: what moved
    measure_words   a measure's number in words; inputs: what was read

Media (`terminal`, `markdown`, `html`) show a block and know no document; what one of them leaves
out stands here, as `Only`.
"""
