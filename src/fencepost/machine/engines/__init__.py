"""The container engines, one file each, and the registry that finds them."""
