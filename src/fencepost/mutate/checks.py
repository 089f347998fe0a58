"""Commands that only check something. A page that passes also passes without them, which shows nothing."""

from __future__ import annotations

import re

_QUOTED = re.compile(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"")
# These write nothing that another step may need.
_HARMLESS_REDIRECTION = re.compile(r"\d?>&\d|&?\d?>>?[ \t]*/dev/null")
_CONTINUED = re.compile(r"\\\n|(?<=\|)[ \t]*\n")
_JOINT = re.compile(r"&&|\|\||[;\n]")
# Blanks, groups and subshells.
_AROUND = " \t{}()"
_PIPE = re.compile(r"\|&?")
_CHECK = re.compile(r"(?:test|\[\[?|[ef]?grep|cmp|diff|command -v|dpkg --compare-versions)(?:\s|\Z)")
_ASIDE = re.compile(r"(?:exit|return|true|false|:|echo)(?:\s|\Z)")


def only_checks(command: str) -> bool:
    """Return whether a command does nothing but check: `test -e FILE`, `! grep WORD FILE`, `ls | grep -q WORD`.

    The last command of a pipeline decides. One that writes its output into a file doesn't only check.
    """
    # Quotes may hold anything, and a backslash joins lines.
    text = _QUOTED.sub("''", _CONTINUED.sub(" ", command))
    text = _HARMLESS_REDIRECTION.sub("", text)
    if ">" in text:
        return False
    parts = [stripped for part in _JOINT.split(text) if (stripped := part.strip(_AROUND))]
    checks = [bool(_CHECK.match(_last_of(part))) for part in parts]
    return any(checks) and all(check or _ASIDE.match(part) for check, part in zip(checks, parts, strict=True))


def _last_of(pipeline: str) -> str:
    return _PIPE.split(pipeline.removeprefix("! "))[-1].strip()
