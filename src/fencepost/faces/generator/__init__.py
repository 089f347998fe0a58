"""Faces of site generators: the Markdown extension, MkDocs' plugin, and what the two share."""
