"""Asterisk and what is built on it (FreePBX, Issabel, VitalPBX ...) over the manager interface (AMI)."""

from unisono.connectors.asterisk.commands import SERVICES
from unisono.connectors.asterisk.connector import AsteriskConnector
from unisono.connectors.asterisk.settings import AsteriskSettings
from unisono.connectors.asterisk.texts import TEXTS
from unisono.connectors.manifest import Manifest

MANIFEST = Manifest(
    key="asterisk",
    name="Asterisk (AMI)",
    versions=("Asterisk master of August 2026, by recordings",),
    capabilities=SERVICES,
    settings=AsteriskSettings,
    create=AsteriskConnector,
    recording="ami",
    texts=TEXTS,
)
