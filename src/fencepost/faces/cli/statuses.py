"""How the commands end, besides with 0 and with what an error says itself."""

from __future__ import annotations

NOT_AS_DOCUMENTED = 1
ENGINE_TROUBLE = 3
INTERRUPTED = 130
