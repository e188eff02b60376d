"""PBXs that speak CSTA III XML over TCP: OpenScape, Avaya AES, and whoever follows ECMA-323."""

from unisono.connectors.csta.commands import CAPABILITIES
from unisono.connectors.csta.connector import create
from unisono.connectors.csta.settings import CstaSettings
from unisono.connectors.csta.texts import TEXTS
from unisono.connectors.manifest import Manifest

MANIFEST = Manifest(
    key="csta",
    name="CSTA III XML",
    versions=("the demo PBX of this project",),
    capabilities=CAPABILITIES,
    settings=CstaSettings,
    create=create,
    recording="csta",
    texts=TEXTS,
)
