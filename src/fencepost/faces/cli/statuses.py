"""Exit statuses of the commands, besides 0 and those of `FencepostError`."""

from __future__ import annotations

NOT_AS_DOCUMENTED = 1
ENGINE_TROUBLE = 3
INTERRUPTED = 130
