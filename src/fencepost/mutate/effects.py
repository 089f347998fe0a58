"""Commands that only check or print something. A page that passes also passes without them, which shows nothing."""

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
_CHECKS_OR_PRINTS = re.compile(
    r"(?:test|\[\[?|[ef]?grep|cmp|diff|command -v|type|which|echo|printf(?! -v)|cat|ls|head|tail|wc|sort(?! -o)|uniq"
    r"|cut|tr|sed -n|stat|file|readlink|id|uname|ps|dpkg (?:--compare-versions|-[lsLS])|dpkg-query|apt-cache)(?:\s|\Z)"
)
_ASIDE = re.compile(r"(?:exit|return|true|false|:)(?:\s|\Z)")


def has_no_effect(command: str) -> bool:
    """Return whether a command does nothing but check or print: `test -e FILE`, `ls | grep -q WORD`, `echo done`.

    One that writes its output into a file has an effect, and so has one that isn't known here.
    """
    # Quotes may hold anything, and a backslash joins lines.
    text = _QUOTED.sub("''", _CONTINUED.sub(" ", command))
    text = _HARMLESS_REDIRECTION.sub("", text)
    if ">" in text:
        return False
    parts = [stripped for part in _JOINT.split(text) if (stripped := part.strip(_AROUND))]
    idle = [all(map(_CHECKS_OR_PRINTS.match, _commands_of(part))) for part in parts]
    return any(idle) and all(known or _ASIDE.match(part) for known, part in zip(idle, parts, strict=True))


def _commands_of(pipeline: str) -> list[str]:
    return [command.strip() for command in _PIPE.split(pipeline.removeprefix("! "))]
