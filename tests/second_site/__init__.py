"""A site made from the blocks of the guide's first page, with nothing installed but the wheel.

It shows that the guide works for somebody who has only the package.
"""
