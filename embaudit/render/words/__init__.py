"""What every document says, once for all media: a report becomes blocks.

    block_types, figure_blocks    what a document is made of; block_document: the order
    rich_text                     the parts of a sentence that hold data
    audit_summary                 what of an audit is read first, with key_figures
    audit_words, NAME_words       a document each: audit, forecast, mining, projection, ...
    diagnosis_words               the verdict of an audit; gate_words: the gate
    next_steps                    what to do about it; step_command: as it can be pasted
    tables                        the tables of reports; change_tables, curves: what moved
    measured_value_words          a measure's number in words; inputs: what was read

Media (`terminal`, `markdown`, `html`) show a block and know no document; what one of them leaves
out stands here, as `Only`.
"""
