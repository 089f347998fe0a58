"""Transcripts with another prompt: `Shell > command`."""

from __future__ import annotations

from fencepost.kinds.console import ConsoleKind
from fencepost.transcript.parse import Prompts


class ShellsessionKind(ConsoleKind):
    """All that a console fence does, behind the prompt `Shell > `."""

    name = "shellsession"
    languages = ("shellsession",)
    prompts = Prompts("Shell >")


SHELLSESSION = ShellsessionKind()
