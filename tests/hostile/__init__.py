"""Pages that try to deceive a check or to harm others. Each must get the verdicts in its comments.

A new trick is one more step or page in `pages/TOPIC/`; every topic runs on each kind of machine.
"""
