"""The files published beside the pages of a site: recordings, runs as text, scripts, badges and data."""
