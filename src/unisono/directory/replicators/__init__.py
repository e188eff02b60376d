"""Replicators: what fills books from sources that are somebody else's. They read, and never write to their source.

`source.py` is what a kind of source promises; each kind is a file of its own and stands in `kinds.py`. `mapping.py` says
what the columns of a source mean. The engine (`run.py`) compares, guards and writes layers, in a process of its own
(`worker.py`).
"""
