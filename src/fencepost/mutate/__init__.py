"""Breaking the steps of pages, one way at a time, to see which breaks a check would notice."""
