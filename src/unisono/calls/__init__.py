"""The running picture of calls, in the words of ECMA-269: what connectors report, what may be asked, what became of it.

Hop 2 of an incoming call: `service.report` takes one event, steps the model, normalises and identifies the parties, stores
the open call and tells the fact. Nothing here knows a PBX, a person's rights or a browser.
"""
