"""What every room stands on: bus, clock, errors, identifiers, settings, secrets, tasks. No word of telephony here."""
