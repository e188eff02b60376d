"""Runs: a source is read, an export is written. They are begun, watched, asked about and remembered alike."""
