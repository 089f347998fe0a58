"""The Markdown extension, the MkDocs plugin, and what the two share."""
