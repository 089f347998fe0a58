"""Fuzzes everything that parses untrusted bytes: `make fuzz`."""
