"""The targets, a file each, which states what holds for every input."""
