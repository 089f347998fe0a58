"""A site: its configuration, pages, settings and machines."""
