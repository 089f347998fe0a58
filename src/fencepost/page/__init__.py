"""Reads the snippets in a Markdown file, with the site's own Markdown pipeline."""
