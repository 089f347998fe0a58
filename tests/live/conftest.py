"""The engine of live mode: podman alone, since live mode opens the same machines as a check does."""

from tests.faces.conftest import engine

__all__ = ["engine"]
