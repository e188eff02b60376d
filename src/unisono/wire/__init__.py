"""Protocol codecs, one folder each: bytes in, typed messages out, and back. No socket, no clock."""
