"""The thin faces over the core: the command line, pytest, and the two that a site sees."""
