"""Breaks each step of each page in turn, and shows that its check goes red there: `make mutate`."""
