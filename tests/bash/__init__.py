"""Tests of reading bash: where a command ends, and which commands a pipeline has.

Each answer is compared with a real bash's, for commands in `commands/`, in pages, and made from random numbers.
"""
