"""Console transcripts: parse them, compare their output with what commands print, and rewrite it."""
