"""What an audit is asked to do.

`option_table`: of all options, a row each; the flags of verbs, their help, the keys of a
configuration and the defaults of Settings are made of it. `settings`: Settings, checked before
anything is read. `config_file`: embaudit.toml, and `gate_section` its rules.
`chosen_measures`: presets and ids.

Nothing is imported here: help needs the table alone.
"""
