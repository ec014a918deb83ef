"""What every document says, once for all media: a report becomes blocks.

    document        the blocks, and the parts of a sentence that hold data
    NAME_words      a document each: forecast, mining, projection, ...
    answers         the verdict of an audit; next_steps: what to do about it
    tables          the tables of reports; change_words, curves: what moved, over a series
    reading         a measure's number in words; inputs: what was read

Media (`terminal`, `markdown`, `html`) show a block and know no document; what one of them leaves
out stands here, as `Only`.
"""
