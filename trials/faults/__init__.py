"""Kills any process that takes part in a check, at random moments: `make faults`."""
