"""Records: what became of a page on a machine, kept as one JSON file, and what is shown of it."""
