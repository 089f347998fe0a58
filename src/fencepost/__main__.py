"""`python -m fencepost`, the same as `fencepost`."""

from fencepost.faces.cli.app import main

if __name__ == "__main__":
    main()
