"""`fencepost doctor`: show what is missing on this computer."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from fencepost.faces.cli.statuses import ENGINE_TROUBLE
from fencepost.machine.doctor import examine
from fencepost.machine.engines.registry import engine_names


def doctor() -> int:
    """Show what is missing on this computer, and the commands that fix it."""
    console = Console(highlight=False)
    findings = examine()
    for finding in findings:
        mark, style = {True: ("ok", "green"), False: ("missing", "bold red"), None: ("note", "yellow")}[finding.good]
        console.print(Text(f"{mark:<8}", style).append(f"{finding.what}: {finding.text}", "default"), soft_wrap=True)
        if finding.fix and finding.good is not True:
            console.print(Text(f"        {finding.fix}"), soft_wrap=True)
    works = any(finding.good for finding in findings if finding.what in engine_names())
    return 0 if works else ENGINE_TROUBLE
