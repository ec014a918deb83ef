"""What an audit will cost, asked once and handed on.

`plan`: the interface, a Plan of how the rows are kept, how nearest negatives are found, and what
that takes of memory. It is made of headers before values are read, and of the set once it is there.
`dry_run`: the same told, with disk and time, and nothing computed.
Inside: `memory`, bytes by what an audit depends on; `search_plan`, exact or approximate, and why;
`duration`, seconds by the constants of `search.cost_constants`; `expected_probes`, what a sample
says of an approximate search; `shared_search`, what has to be told of workers who share one.
"""
