"""Console transcripts: commands with the output that readers are shown, and whether it is true."""
