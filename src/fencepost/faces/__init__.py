"""Thin layers over the core: the command line, the pytest plugin, and the plugins for site generators."""
