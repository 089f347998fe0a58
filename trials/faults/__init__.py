"""Kills of whatever takes part in a check, at random moments."""
