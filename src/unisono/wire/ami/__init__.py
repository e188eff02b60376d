"""The Asterisk Manager Interface as bytes and messages (sans-I/O): parser, encoder, challenge. No connection lives here."""

from unisono.wire.ami.encoder import challenge_key, encode
from unisono.wire.ami.message import AmiSyntaxError, Kind, Message
from unisono.wire.ami.parser import Limits, Parser

__all__ = ["AmiSyntaxError", "Kind", "Limits", "Message", "Parser", "challenge_key", "encode"]
