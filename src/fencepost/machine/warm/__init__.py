"""Warm containers: many pages, one after the other, each in fresh namespaces that open within milliseconds."""
