"""Records: the results of a page on a machine, kept as one JSON file, and the history of its runs."""
