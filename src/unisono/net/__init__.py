"""Asyncio shells that carry a codec's bytes: connect, TLS, limits, time-outs. No protocol is known here."""

from unisono.net.stream import Endpoint, Stream, connect, listen

__all__ = ["Endpoint", "Stream", "connect", "listen"]
