"""Running pages on machines: one step, one page, a whole site."""
