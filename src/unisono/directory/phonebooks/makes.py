"""Which make reads which documents."""

from collections.abc import Mapping

from unisono.directory.phonebooks import cisco, fanvil, grandstream, snom, yealink
from unisono.directory.phonebooks.desk import Documents
from unisono.directory.phonebooks.model import Make

DOCUMENTS: Mapping[Make, Documents] = {
    Make.YEALINK: yealink.DOCUMENTS,
    Make.SNOM: snom.DOCUMENTS,
    Make.CISCO: cisco.DOCUMENTS,
    Make.GRANDSTREAM: grandstream.DOCUMENTS,
    Make.FANVIL: fanvil.DOCUMENTS,
}
"""A fleet of another make asks for JSON or vCard."""
