"""Finds lines of an output that may be commands, which their author has written after another prompt."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fencepost.transcript.match import PATTERN_SUFFIXES
from fencepost.transcript.parse import BASH, Command, Prompts, parse_transcript

_OTHER_PROMPT = re.compile(
    r"""(?:\([^()]+\)\s?)*(?:                                   # virtual environments
    [$#%\u276f\u279c\u03bb\u00bb](?:\s|\Z)                      # $ x, % x, and what modern shells show
    |[$\#]>(?:\s|\Z)                                          # $> x
    |[\u2514\u2570]\u2500*\s?[$\#%\u276f](?:\s|\Z)             # the second line of a prompt
    |[\w.+-]+@[\w.-]+(?:[:\s][^\s$#%>]*)?(?:\s\([^()]*\))?\s?[$#%>](?:\s|\Z)  # user@host:~$ x, user@host ~ (main) % x
    |[~/][^\s$#%>]*(?:\s\([^()]*\))?\s?[$\#](?:\s|\Z)         # ~/src $ x, / # x
    |[A-Za-z_][\w.-]*[$\#](?:\s|\Z)                           # root# x
    |[\w.-]+:[~/][^\s$#%>]*\s?[$#%>](?:\s|\Z)                   # host:~ # x
    |\[[^]]+\]\s?[$#%](?:\s|\Z)                                 # [user@host ~]$ x
    |(?:ba|da|k|z)?sh(?:-[\d.]+)?[$#%](?:\s|\Z)                 # bash-5.2$ x
    |PS(?:\s[^>]+)?>|[A-Za-z]:\\[^>]*>                          # PS C:\> x, C:\> x
    |(?P<repl>
        >>>(?:\s|\Z)                                            # Python
        |In\s\[\d+\]:                                           # IPython
        |irb\(\w+\):\d+(?::\d+)?[>*](?:\s|\Z)                  # Ruby
        |\((?:gdb|lldb|[Pp]db)\)(?:\s|\Z)                       # debuggers
        |\w[\w.]*(?:\s\[[^]]*\])?(?:[=-][\#>]|>)(?:\s|\Z)       # mysql> x, postgres=# x, MariaDB [db]> x
    ))""",
    re.VERBOSE,
)
_MORE_IN_REPL = re.compile(r"\.\.\.(?:\s|\Z)|\s+(?:\.\.\.:|['\"]?->)(?:\s|\Z)|\w+[-(\"'][\#>](?:\s|\Z)")


def looks_like_command(line: str, prompts: Prompts = BASH) -> bool:
    r"""Return whether a line begins with a prompt, of this transcript or any other; never if a `\` is before it."""
    return not line.endswith(PATTERN_SUFFIXES) and bool(prompts.of(line) or _OTHER_PROMPT.match(line))


def look_like_commands(lines: Sequence[str], prompts: Prompts = BASH) -> list[int]:
    """Return the indexes of the lines of an output that may be commands, or continue one."""
    indexes = []
    in_repl = False
    for index, line in enumerate(lines):
        if looks_like_command(line, prompts):
            indexes.append(index)
            match = _OTHER_PROMPT.match(line)
            in_repl = match is not None and match["repl"] is not None
        elif in_repl and _MORE_IN_REPL.match(line):
            indexes.append(index)
    return indexes


def hint_for(transcript: str, command: Command, prompts: Prompts) -> str:
    """Return a hint about a command that failed, or whose output differs; empty if there is none.

    Args:
        transcript: the fence's text.
        command: one of its commands.
        prompts: its prompts.
    """
    line = next((command.expected[index] for index in look_like_commands(command.expected, prompts)), "")
    if line:
        return f"`{line}` below it is read as output, not as a command"
    first = parse_transcript(transcript, prompts)[0]
    prompt = prompts.of(transcript.split("\n")[command.offset])
    if command != first and prompt.rstrip().endswith("#"):
        return (
            "in a transcript with the prompt `# ` every line that begins with it is a command; for output, write `\\#`"
        )
    return ""
