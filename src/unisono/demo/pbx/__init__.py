"""A switching function to try Unisono against: a process of its own that speaks CSTA III XML.

It is written apart from the connector. The two share the codec in `unisono.wire.csta` and nothing else, so that a mistake in
the one is not repeated by the other.
"""
