"""The PBXs we drive: one folder per kind, each with a `MANIFEST`. Nothing here knows users, journals or the web."""
