"""Live mode: checks pages as they are saved, and runs only the steps whose results aren't known yet."""
