"""Checks of a step, a page and a whole site on machines."""
