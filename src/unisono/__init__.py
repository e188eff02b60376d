"""Unisono: one running picture of who talks to whom and who is there."""

__version__ = "0.1.0"
