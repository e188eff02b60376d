"""Who a number belongs to, and search as you type: contacts in books, imported or written by hand.

Not here: our own people (`people`), what a number means (`numbers`), who may see what (`permissions`).
"""
