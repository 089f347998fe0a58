"""Breaking the steps of pages, and whether a check would notice: `fencepost mutate`.

The sample site's mutants are in `mutation_site/mutants.txt`. Checks run on the host here, with stand-ins for machines.
"""
