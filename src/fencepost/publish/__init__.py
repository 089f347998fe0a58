"""What a built site carries beside its pages: recordings, runs to read, scripts, badges, what still works as data."""
