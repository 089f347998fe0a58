"""Pages modelled on real documentation, with their expected verdicts in `verdicts.yaml`.

`pages/` has those that run, `refused/` those with errors. Add a page for a construct that was found in the wild.
"""
