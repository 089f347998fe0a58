"""The live shell and the live Python of one page on one machine."""
