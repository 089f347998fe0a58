"""The command line: one file a command with more to it than a few lines."""
