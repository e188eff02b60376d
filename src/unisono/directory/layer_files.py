"""The files of a book's layers on this node: what is missing is fetched from the database, where another node has put it."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from unisono.directory import manifest as files
from unisono.directory.manifest import LayerFile, segment_name
from unisono.directory.replicators.layers import Layers
from unisono.directory.replicators.mapping import contact_id
from unisono.directory.replicators.model import Layer
from unisono.directory.replicators.stored import gone_ids
from unisono.directory.segment import Segment, SegmentDamaged


class SegmentAbsent(SegmentDamaged):
    """No node has this file, as after a backup was restored."""


class LayerFiles:
    """The folder of segments; several processes may use it at once."""

    def __init__(self, layers: Layers, folder: Path) -> None:
        self._layers = layers
        self._folder = folder

    async def have(self, layer: Layer) -> LayerFile:
        """Have a layer's files here. Raises `SegmentDamaged` where they are nowhere to be had."""
        name = segment_name(layer.book, layer.id, layer.digest)
        path = self._folder / name
        if not layer.digest or not await asyncio.to_thread(path.exists):
            await self._fetch(layer.digest, path)
        if not layer.gone:
            return LayerFile(name)
        gone = path.with_suffix(".gone")
        if not await asyncio.to_thread(gone.exists):
            ids = [contact_id(layer.book, key) async for key in gone_ids(self._layers, layer.id)]
            await asyncio.to_thread(files.write_ids, gone, ids)
        return LayerFile(name, gone.name)

    async def mend(self, layers: Sequence[Layer]) -> bool:
        """Fetch segments anew that are damaged here; False where no other node could have them.

        Raises `SegmentDamaged` where one is nowhere to be had.
        """
        if not self._layers.shares_files:
            return False
        for layer in layers:
            path = self._folder / segment_name(layer.book, layer.id, layer.digest)
            if not await asyncio.to_thread(_intact, path):
                await self._fetch(layer.digest, path)
        return True

    async def _fetch(self, digest: str, path: Path) -> None:
        if not digest or not self._layers.shares_files:
            raise SegmentAbsent(path.name, "it is not there")
        partial = path.with_suffix(f".{os.getpid()}.fetched")
        found = False
        with await asyncio.to_thread(partial.open, "wb") as file:
            async for part in self._layers.segment_parts(digest):
                found = True
                await asyncio.to_thread(file.write, part)
        if not found:
            partial.unlink()
            raise SegmentAbsent(path.name, "no node has put it into the database")
        await asyncio.to_thread(_verified, partial)
        partial.rename(path)


def _intact(path: Path) -> bool:
    try:
        Segment.open(path, verify=True).close()
    except SegmentDamaged:
        return False
    return True


def _verified(path: Path) -> None:
    try:
        Segment.open(path, verify=True).close()
    except SegmentDamaged:
        path.unlink()
        raise
