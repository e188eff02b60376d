"""Who talked to whom and when, written from the living call: opened at the first ring, closed at the end.

Not here: the calls themselves (`calls`), figures about many calls (`analytics`).
"""
