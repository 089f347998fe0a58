"""From a Markdown file to the snippets in it, by the site's own Markdown pipeline."""
