"""Asterisk and what is built on it (FreePBX, Issabel, VitalPBX ...) over the manager interface."""
